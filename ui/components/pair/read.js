// The message as the picture wants it, and the choice of layers in the address of the page.

function decode(bytes) {
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = frame.getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const first = 4 + length + ((4 - ((4 + length) % 4)) % 4);
  const numbers = new Float32Array(bytes.slice(first, bytes.byteLength - 4).buffer);
  data.height = frame.getUint32(bytes.byteLength - 4, true);
  const key = ([i, j]) => `${i}-${j}`;
  data.gold = data.gold && { sure: new Set(data.gold.sure.map(key)), possible: new Set(data.gold.possible.map(key)) };
  let start = 0;
  for (const side of data.sides) {
    const label = ([text, word, hidden]) => ({ text, word, hidden: Boolean(hidden) });
    side.rows = side.rows.map(label);
    side.columns = side.columns.map(label);
    side.size = side.rows.length * side.columns.length;
    side.values = numbers.subarray(start, start + side.size * side.layers.length);
    start += side.size * side.layers.length;
    side.links = side.links.map((some) => new Set(some.map(key)));
    side.words = side.words.map((some) => new Set(some.map(key)));
  }
  return data;
}

const mapOf = (side, place) => side.values.subarray(place * side.size, (place + 1) * side.size);

// The numbers on show: those of the layer, or what changed from the one before it.
function valuesOf(view, side, place) {
  if (!view.change || place === 0) return mapOf(side, place);
  const before = mapOf(side, place - 1);
  return mapOf(side, place).map((value, k) => value - before[k]);
}

// Whether a link of words is gold: "sure", "possible", "" (it is not) or null (nobody knows).
function goldOf(data, link) {
  if (!data.gold) return null;
  return data.gold.sure.has(link) ? "sure" : data.gold.possible.has(link) ? "possible" : "";
}

const LAYER_KEYS = ["layer_a", "layer_b"];

// Where each model's layer begins: what the address says, what was chosen before, else what the message says.
function startingLayers(view, data) {
  const address = new URLSearchParams(location.search);
  return data.sides.map((side, k) => {
    const said = address.get(LAYER_KEYS[k]);
    const asked = /^\d{1,3}$/.test(said ?? "") ? side.layers.indexOf(Number(said)) : -1;
    if (asked >= 0) return asked;
    const kept = view.chosen && view.data.sides[k]?.name === side.name ? view.places[k] : side.start;
    return Math.min(kept, side.layers.length - 1);
  });
}

function writeLayers(view) {
  clearTimeout(view.rest);
  // After a rest: browsers slow down pages that rewrite their address at every key.
  view.rest = setTimeout(() => {
    if (!view.chosen || location.pathname !== view.path) return;
    const address = new URL(location.href);
    view.data.sides.forEach((side, k) => address.searchParams.set(LAYER_KEYS[k], side.layers[view.places[k]]));
    if (address.search !== location.search) history.replaceState(history.state, "", address);
  }, 250);
}

function element(tag, name, text = "") {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}

function fitted(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

function shortened(pen, text, most) {
  if (pen.measureText(text).width <= most) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && pen.measureText(`${letters.join("")}…`).width > most) letters.pop();
  return `${letters.join("")}…`;
}
