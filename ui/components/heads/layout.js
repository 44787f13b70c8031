// Where things go: tiles of the overview, cells and labels of the heatmap. Pure geometry.

import { LONGEST, elide, everyFor } from "../shared/text.js";
import { shortName } from "./names.js";

const WIDEST_CELL = 1.6; // of a cell, in its heights

const SEEN = 16; // pixels from tile to tile, below which nothing is seen: the panel scrolls
const EDGE = 38; // pixels left of a table for the numbers of its layers

// Heads in a table of layers x heads, the extra maps apart, or ranked in reading order. most: from tile to tile, in pixels.
export function layoutOverview(kind, width, height, ranked, most = 110) {
  return ranked ? layoutRanked(kind, ranked, width, height, most) : layoutTable(kind, width, height, most);
}

// Many layers stand in several bands side by side where that makes their tiles larger.
function layoutTable(kind, width, height, most) {
  const columns = kind.heads + kind.extra.length;
  const apart = kind.extra.length ? 12 : 0;
  const plans = Array.from({ length: Math.min(6, kind.layers) }, (_, place) => {
    const bands = place + 1;
    const down = Math.ceil(kind.layers / bands);
    const across = (width - 4) / bands - EDGE - apart;
    const slanted = apart > 0 && across / columns < 46;
    const top = slanted ? 50 : 24;
    return { bands, down, slanted, top, pitch: Math.floor(Math.min(across / columns, (height - top - 4) / down, most)) };
  });
  // One more band has to be worth it.
  const plan = plans.reduce((best, one) => (one.pitch > 1.15 * Math.max(best.pitch, SEEN / 1.15) ? one : best));
  const { down, slanted, top } = plan;
  const pitch = Math.max(SEEN, plan.pitch);
  const band = EDGE + columns * pitch + apart;
  const tiles = [];
  for (let layer = 0; layer < kind.layers; layer += 1) {
    for (let place = 0; place < columns; place += 1) {
      const extra = place >= kind.heads;
      tiles.push({
        layer,
        head: extra ? kind.extra[place - kind.heads] : place,
        x: Math.floor(layer / down) * band + EDGE + place * pitch + (extra ? apart : 0),
        y: top + (layer % down) * pitch,
      });
    }
  }
  const lefts = Array.from({ length: Math.ceil(kind.layers / down) }, (_, place) => place * band + EDGE);
  return {
    tiles, side: pitch - gapOf(pitch), pitch, lefts, down, top, slanted, columns, apart,
    right: lefts.length * band + 4, bottom: top + down * pitch,
  };
}

const labelOf = (kind, { layer, head, note }) => [shortName(kind, layer, head), note].filter(Boolean).join("\u2002");

const gapOf = (pitch) => (pitch >= 40 ? 4 : pitch >= 22 ? 3 : 2);

function layoutRanked(kind, ranked, width, height, most) {
  const label = 15;
  const widest = 6.2 * Math.max(...ranked.map((one) => labelOf(kind, one).length)) + 4;
  let best = { side: 8, pitch: Math.max(12, widest), columns: Math.max(1, Math.floor((width - 8) / Math.max(12, widest))) };
  for (let columns = 1; columns <= ranked.length; columns += 1) {
    const pitch = Math.floor(Math.min((width - 8) / columns, most));
    const down = (height - 6) / Math.ceil(ranked.length / columns) - label;
    const side = Math.floor(Math.min(pitch, down, 0.8 * most) - 4);
    if (pitch >= widest && side > best.side) best = { side, pitch, columns };
  }
  const { side, pitch, columns } = best;
  const line = side + label + 4;
  const tiles = ranked.map((one, place) => ({
    layer: one.layer,
    head: one.head,
    x: 4 + (place % columns) * pitch,
    y: label + 2 + Math.floor(place / columns) * line,
    label: labelOf(kind, one),
  }));
  return { tiles, side, pitch: side + 4, left: 4, top: label, columns, ranked: true, bottom: 4 + Math.ceil(ranked.length / columns) * line };
}

export const tileAt = (layout, x, y) => layout.tiles.find((tile) =>
  x >= tile.x - 1 && x < tile.x + layout.pitch - 1 && y >= tile.y - 1 && y < tile.y + layout.pitch - 1);

// Cells, margins and label spacing of one heatmap; region is [first row, end, first column, end] in tokens.
export function layoutHeatmap(pen, kind, region, width, height, size, most = 92) {
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
  let cellWidth = Math.min((width - left - right) / columns, most);
  let cellHeight = Math.min((height - top - 6) / rows, most);
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

export function cellAt(grid, x, y) {
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
export function fitRegion(region, kind, least = 16) {
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
