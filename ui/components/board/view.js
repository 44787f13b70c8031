// The board of heads: squares that are clicked off and on at once here; Python hears the whole choice and follows.

import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

const LEAST = 18; // pixels across a square before the sides stand one under the other
const WIDEST = 64;
const HIGHEST = 52;
const TALL = 280; // pixels that all layers of a side may take
const LABEL = 30; // pixels left of the squares
const GAP = 14;
const WRITTEN = 30; // pixels across a square from which on its value stands in it

export default function show(component) {
  return live(component, {
    selector: ".gaze-board",
    fresh: () => ({ turn: 0, off: new Set() }),
    receive,
    build,
  });
}

function receive(view) {
  view.data = decode(view.bytes);
  // An answer to an older click must not undo a newer one.
  if (!(view.data.turn < view.turn)) {
    view.off = new Set(view.data.sides.flatMap((side) => side.off.map((head) => [side.kind, ...head].join("."))));
    view.turn = view.data.turn;
  }
  build(view);
}

function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  const sides = header.sides.map((side) => {
    const { shape: [layers, heads], values } = arrays[side.kind];
    const row = (_, layer) => [...values.subarray(layer * heads, (layer + 1) * heads)];
    return { ...side, values: Array.from({ length: layers }, row) };
  });
  return { ...header, sides };
}

const written = (value) => (Number.isNaN(value) ? "–" : Math.abs(value) >= 9.95 ? value.toFixed(0) : Math.abs(value) >= 0.0995 || !value ? value.toFixed(2).replace(/^(-?)0\./, "$1.") : value.toFixed(3).replace(/^(-?)0\./, "$1."));

// Blue above 0, orange below, as everywhere for differences; the page's own ground is 0.
function colourOf(value, most) {
  const share = Math.min(1, Math.sqrt(Math.abs(value || 0) / most)) * 88;
  const end = value < 0 ? "var(--st-orange-color, #b85c00)" : "var(--st-blue-color, var(--st-primary-color))";
  return `color-mix(in oklab, ${end} ${share.toFixed(1)}%, var(--st-background-color))`;
}

function build(view) {
  const { root, data } = view;
  root.dataset.saved = ""; // its buttons are the picture
  view.size = sizeOf(root);
  const columns = data.sides.map((side) => side.values[0].length);
  const total = columns.reduce((sum, count) => sum + count, 0);
  const fit = (heads, sides) => Math.floor((root.clientWidth - sides * (LABEL + 6) - (sides - 1) * GAP) / heads) - 3;
  const layers = Math.max(...data.sides.map((side) => side.values.length));
  let across = fit(total, data.sides.length);
  if (across < LEAST) across = Math.max(12, fit(Math.max(...columns), 1));
  across = Math.min(tall(WIDEST), across);
  const down = Math.max(16, Math.min(tall(HIGHEST), Math.floor(tall(TALL) / layers) - 3, Math.max(across, tall(46))));
  root.style.setProperty("--across", `${across}px`);
  root.style.setProperty("--down", `${down}px`);
  view.squares = new Map();
  const sides = make("div", "sides");
  data.sides.forEach((one) => sides.append(sideElement(view, one, across)));
  view.readout = make("output", "");
  const foot = make("div", "foot");
  foot.append(legend(data), view.readout);
  root.classList.toggle("still", data.still);
  root.replaceChildren(sides, foot);
  mark(view);
}

function sideElement(view, side, size) {
  const box = make("section", "side");
  box.append(make("div", "name", side.kind));
  const squares = make("div", "squares");
  const heads = side.values[0].length;
  squares.style.gridTemplateColumns = `${LABEL}px repeat(${heads}, ${size}px)`;
  squares.append(make("span", "edge layer", "head"));
  const every = size < 22 ? Math.ceil(22 / (size + 3)) : 1;
  for (let head = 0; head < heads; head += 1) squares.append(make("span", "edge", head % every ? "" : head + 1));
  side.values.forEach((row, place) => {
    const layer = side.numbers[place];
    const label = make("button", "edge layer", layer + 1);
    label.title = `${side.kind} layer ${layer + 1}` + (view.data.choosing ? "" : ": switch all its heads");
    label.setAttribute("aria-label", label.title);
    if (!view.data.choosing) label.addEventListener("click", () => flip(view, row.map((_, head) => [side.kind, layer, head].join("."))));
    squares.append(label);
    row.forEach((value, head) => squares.append(square(view, side.kind, layer, head, value, size)));
  });
  box.append(squares);
  return box;
}

function square(view, kind, layer, head, value, size) {
  const name = [kind, layer, head].join(".");
  const one = make("button", "square");
  one.append(make("span", "", size >= WRITTEN ? written(value) : ""));
  one.style.setProperty("--cell", colourOf(value, view.data.most));
  one.dataset.head = name;
  one.dataset.value = size >= WRITTEN ? `: ${written(value)}` : ""; // its name says what is written on it
  const tell = () => {
    const state = view.off.has(name) && !view.data.choosing ? ", off" : "";
    view.readout.textContent = `${kind} ${layer + 1}.${head + 1}: ${written(value)}${state}`;
  };
  one.addEventListener("pointerenter", tell);
  one.addEventListener("focus", tell);
  one.addEventListener("click", () => flip(view, [name]));
  view.squares.set(name, one);
  return one;
}

function legend(data) {
  const box = make("span", "");
  const ramp = make("i", "ramp");
  const least = Math.min(0, ...data.sides.flatMap((side) => side.values.flat()).filter((value) => !Number.isNaN(value)));
  const low = least < -0.02 * data.most ? -data.most : 0;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => colourOf(low + share * (data.most - low), data.most));
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  box.append(`${data.unit}: ${written(low)}`, ramp, written(data.most));
  return box;
}

// All named go off together if one of them is on, else they come back.
function flip(view, names) {
  if (view.data.still) return;
  if (view.data.choosing) view.off.clear();
  const away = names.some((name) => !view.off.has(name));
  names.forEach((name) => (away ? view.off.add(name) : view.off.delete(name)));
  view.turn += 1;
  mark(view);
  const heads = [...view.off].map((name) => name.split(".")).map(([kind, layer, head]) => [kind, Number(layer), Number(head)]);
  view.send("off", { heads, turn: view.turn });
}

function mark(view) {
  const faint = new Set(view.data.sides.flatMap((side) => side.faint.map((head) => [side.kind, ...head].join("."))));
  const { choosing } = view.data;
  view.squares.forEach((one, name) => {
    const off = view.off.has(name);
    one.classList.toggle(choosing ? "chosen" : "off", off);
    one.classList.toggle("faint", faint.has(name));
    one.setAttribute("aria-pressed", String(off === Boolean(choosing)));
    const [kind, layer, head] = name.split(".");
    const state = choosing ? "" : off ? ", off" : ", on";
    one.setAttribute("aria-label", `${kind} head ${Number(layer) + 1}.${Number(head) + 1}${one.dataset.value}${state}`);
  });
}
