// Where things go: tiles of the overview, cells and labels of the heatmap, words cut to length. Pure geometry.

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const CHINESE_JAPANESE = /[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const CLUSTERS = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;
const LONGEST = 14;
const WIDEST_CELL = 1.6; // of a cell, in its heights

const directionOf = (text) => (RIGHT_TO_LEFT.test(text) ? "rtl" : "ltr");
const clusters = (text) => (CLUSTERS ? Array.from(CLUSTERS.segment(text), (part) => part.segment) : [...text]);

// White space and control characters have no shape of their own.
function visible(text) {
  const shown = text.replace(/\r?\n/g, "↵").replace(/\t/g, "⇥").replace(/[\u0000-\u001f\u007f]/g, "·");
  return shown.trim() === "" ? "␣".repeat(Math.max(1, Math.min(3, shown.length))) : shown;
}

// Cut between whole characters (an accent or an emoji stays whole) until the pen says it fits.
function elide(pen, text, room) {
  const parts = clusters(visible(text).slice(0, 80));
  let count = Math.min(parts.length, parts.length > LONGEST ? LONGEST - 1 : LONGEST);
  let cut = parts.slice(0, count).join("") + (count < parts.length ? "…" : "");
  while (count > 1 && pen.measureText(cut).width > room) {
    count -= 1;
    cut = `${parts.slice(0, count).join("")}…`;
  }
  return cut;
}

const STEPS = [1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 400, 512];
const everyFor = (cell, needed) => STEPS.find((step) => step * cell >= needed) || 1024;

// Heads in a table of layers x heads, the extra maps apart, or ranked in reading order.
function layoutOverview(kind, width, height, ranked) {
  return ranked ? layoutRanked(ranked, width, height) : layoutTable(kind, width, height);
}

function layoutTable(kind, width, height) {
  const left = 38;
  const extras = kind.extra.length;
  const apart = extras ? 12 : 0;
  const columns = kind.heads + extras;
  const across = (width - left - apart - 4) / columns;
  const slanted = extras > 0 && across < 46;
  const top = slanted ? 50 : 24;
  const pitch = Math.max(8, Math.floor(Math.min(across, (height - top - 4) / kind.layers, 110)));
  const gap = pitch >= 40 ? 4 : pitch >= 22 ? 3 : 2;
  const tiles = [];
  for (let layer = 0; layer < kind.layers; layer += 1) {
    for (let place = 0; place < columns; place += 1) {
      const extra = place >= kind.heads;
      tiles.push({
        layer,
        head: extra ? kind.extra[place - kind.heads] : place,
        x: left + place * pitch + (extra ? apart : 0),
        y: top + layer * pitch,
      });
    }
  }
  return { tiles, side: pitch - gap, pitch, left, top, slanted, columns, apart, bottom: top + kind.layers * pitch };
}

function layoutRanked(ranked, width, height) {
  const label = 15;
  const widest = 6.2 * Math.max(...ranked.map(({ layer, head }) => `${layer + 1}.${head + 1}`.length)) + 4;
  let best = { side: 8, pitch: Math.max(12, widest), columns: Math.max(1, Math.floor((width - 8) / Math.max(12, widest))) };
  for (let columns = 1; columns <= ranked.length; columns += 1) {
    const pitch = Math.floor(Math.min((width - 8) / columns, 92));
    const down = (height - 6) / Math.ceil(ranked.length / columns) - label;
    const side = Math.floor(Math.min(pitch, down, 88) - 4);
    if (pitch >= widest && side > best.side) best = { side, pitch, columns };
  }
  const { side, pitch, columns } = best;
  const line = side + label + 4;
  const tiles = ranked.map(({ layer, head }, place) => ({
    layer,
    head,
    x: 4 + (place % columns) * pitch,
    y: label + 2 + Math.floor(place / columns) * line,
    label: `${layer + 1}.${head + 1}`,
  }));
  return { tiles, side, pitch: side + 4, left: 4, top: label, columns, ranked: true, bottom: 4 + Math.ceil(ranked.length / columns) * line };
}

const tileAt = (layout, x, y) => layout.tiles.find((tile) =>
  x >= tile.x - 1 && x < tile.x + layout.pitch - 1 && y >= tile.y - 1 && y < tile.y + layout.pitch - 1);

// Cells, margins and label spacing of one heatmap; region is [first row, end, first column, end] in tokens.
function layoutHeatmap(pen, kind, region, width, height, size) {
  const [firstRow, endRow, firstColumn, endColumn] = region;
  const rows = endRow - firstRow;
  const columns = endColumn - firstColumn;
  const number = `${Math.max(endRow, endColumn)}`.length * size * 0.47 + 10;
  const widest = (tokens, first, end, room) => {
    let most = 0;
    const step = Math.max(1, Math.floor((end - first) / 400));
    for (let k = first; k < end; k += step) {
      most = Math.max(most, pen.measureText(elide(pen, tokens[k].text, room)).width);
    }
    return most;
  };
  const room = Math.min(width * 0.3, size * 0.65 * (LONGEST + 2));
  const left = Math.ceil(widest(kind.rows, firstRow, endRow, room)) + number + 10;
  const label = Math.ceil(widest(kind.columns, firstColumn, endColumn, Math.min(room, height * 0.28)));
  // Labels lie flat when they fit over their cell, lean when there is room between them, else stand.
  const guess = Math.min((width - left - 8) / columns, (WIDEST_CELL * (height - size * 2.5 - 6)) / rows);
  const flat = label + 6 <= guess;
  let lean = flat ? 0 : guess >= size * 1.6 ? Math.PI / 4 : Math.PI / 2;
  const overhang = lean === Math.PI / 4 ? (label + number) * 0.72 : 4;
  if (lean === Math.PI / 4 && (width - left - overhang) / columns < size * 1.5) lean = Math.PI / 2;
  const top = flat ? size * 2.5 : Math.ceil((label + number) * Math.sin(lean) + (lean === Math.PI / 2 ? 8 : size));
  const right = lean === Math.PI / 4 ? overhang * 0.8 : 6;
  let cellWidth = Math.min((width - left - right) / columns, 92);
  let cellHeight = Math.min((height - top - 6) / rows, 92);
  cellWidth = Math.min(cellWidth, cellHeight * WIDEST_CELL);
  cellHeight = Math.min(cellHeight, cellWidth * 1.3);
  const crowded = Math.max(rows, columns) > 40;
  return {
    region, left, top, lean, room, label, rows, columns, cellWidth, cellHeight,
    labelHeight: Math.min(room, height * 0.28),
    rowEvery: everyFor(cellHeight, crowded ? size * 1.5 : size * 1.15),
    columnEvery: everyFor(cellWidth, crowded ? size * 1.5 : flat ? 1 : size * 1.15),
    width: cellWidth * columns,
    height: cellHeight * rows,
  };
}

function cellAt(grid, x, y) {
  const column = Math.floor((x - grid.left) / grid.cellWidth);
  const row = Math.floor((y - grid.top) / grid.cellHeight);
  const inside = (place, count) => place >= 0 && place < count;
  const inRow = inside(row, grid.rows);
  const inColumn = inside(column, grid.columns);
  if (inRow && inColumn) return { row: row + grid.region[0], column: column + grid.region[2] };
  if (inRow && x < grid.left) return { row: row + grid.region[0], column: null };
  if (inColumn && y < grid.top) return { row: null, column: column + grid.region[2] };
  return null;
}

// A region no smaller than `least`, inside the text, beginning and ending with whole blocks.
function fitRegion(region, kind, least = 16) {
  const fit = (first, end, count, block) => {
    const span = Math.min(count, Math.max(least, Math.round(end - first)));
    let begin = Math.min(Math.max(0, Math.round((first + end - span) / 2)), count - span);
    begin = Math.floor(begin / block) * block;
    return [begin, Math.min(count, begin + Math.ceil(span / block) * block)];
  };
  return [
    ...fit(region[0], region[1], kind.rows.length, kind.block[0]),
    ...fit(region[2], region[3], kind.columns.length, kind.block[1]),
  ];
}

// A canvas of so many CSS pixels, sharp on this screen; returns a pen that measures in CSS pixels.
function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}
