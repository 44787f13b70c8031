// One mounted matrix: edges with pictures and texts, the canvas between them, and what the pointer reads out.

import { scaleBar, scaleInAddress, showBar, writeAddress } from "./bar.js";
import { decode, square } from "./decode.js";
import { drawMatrix } from "./draw.js";
import { read, refresh } from "./refresh.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { tall } from "../shared/room.js";

const NARROW = 640; // pixels of the whole before the losses go below
const BESIDE = 268; // pixels of the losses
const TEXT = 230; // pixels of a row's text
const LARGEST = 60; // of a picture, and of a cell's height
const WIDEST = 76; // of a cell's width

export default function show(component) {
  return live(component, {
    selector: ".gaze-contrast",
    fresh: () => ({ show: "cosines", pointed: null, note: "" }),
    receive(view) {
      const before = view.data;
      view.data = decode(view.bytes);
      if (!before) view.scale = scaleInAddress(view.data);
      else if (before.scale !== view.data.scale) view.scale = view.data.scale; // another model, another scale of its own
      if (view.show === "columns" && view.data.kind !== "clip") view.show = "rows";
      if (view.sheet) URL.revokeObjectURL(view.sheet);
      view.sheet = view.data.jpeg.length ? URL.createObjectURL(new Blob([view.data.jpeg], { type: "image/jpeg" })) : "";
      build(view);
      if (view.touched) writeAddress(view); // Streamlit writes its own address without ours
    },
    build,
    owns: ["scale"],
    stepped(view) {
      view.scale = scaleInAddress(view.data);
      refresh(view);
    },
    leave(view) {
      clearTimeout(view.rest);
      if (view.sheet) URL.revokeObjectURL(view.sheet);
    },
  });
}

// Cells as large as width and height allow.
function cellOf(view, width) {
  const n = view.data.rows.length;
  const across = Math.max(8, Math.min(tall(WIDEST), width / n));
  const top = Math.min(across, tall(LARGEST));
  const down = Math.max(15, Math.min(top, (tall(view.data.height) - top) / n));
  return { across, down };
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const narrow = root.clientWidth < NARROW;
  root.classList.toggle("narrow", narrow);
  const room = root.clientWidth - (narrow ? 0 : BESIDE + 24);
  const worded = data.rows.some((edge) => edge.picture < 0);
  const n = data.rows.length;
  let text = worded ? Math.min(TEXT, room * 0.42) : Math.min(tall(LARGEST), (room - 8) / (n + 1), (tall(data.height) - 10) / (n + 1));
  view.cell = cellOf(view, room - text - 8);
  if (worded) text = Math.min(longest(view), room - 8 - n * view.cell.across);
  const grid = make("div", "matrix");
  grid.style.gridTemplateColumns = `${text}px ${n * view.cell.across}px`;
  grid.append(corner(view), topEdge(view), leftEdge(view, text), middle(view));
  view.losses = make("div", "beside");
  view.readout = make("output", "readout");
  const body = make("div", "body");
  const left = make("div", "left");
  left.append(grid, view.readout);
  body.append(left, view.losses);
  root.replaceChildren(showBar(view), scaleBar(view), body);
  refresh(view);
}

// Pixels that the longest text needs.
function longest(view) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${view.palette.text}px ${view.palette.plain}`;
  return Math.max(90, ...view.data.rows.map((edge) => pen.measureText(edge.text).width + 16));
}

function corner(view) {
  const [row, column] = view.data.names;
  return make("div", "corner", view.data.kind === "simclr" ? "" : `${column} →\n${row} ↓`);
}

function topEdge(view) {
  const box = make("div", "top");
  const side = Math.min(view.cell.across - 2, tall(LARGEST));
  view.data.columns.forEach((edge, place) => {
    const one = edge.picture >= 0 ? square(view, edge, side) : make("span", "number", String(place + 1));
    one.style.width = `${view.cell.across}px`;
    if (edge.picture >= 0) Object.assign(one.style, { width: `${side}px`, marginInline: `${(view.cell.across - side) / 2}px` });
    box.append(one);
  });
  return box;
}

function leftEdge(view, text) {
  const box = make("div", "edge");
  view.data.rows.forEach((edge, row) => {
    const line = make("div", "line");
    line.style.height = `${view.cell.down}px`;
    if (edge.picture >= 0) line.append(square(view, edge, Math.min(text, view.cell.down) - 2));
    else line.append(view.data.edit ? field(view, edge, row) : words(edge.text));
    box.append(line);
  });
  return box;
}

function words(text) {
  const one = make("span", "words", text);
  one.dir = "auto";
  one.title = text;
  return one;
}

function field(view, edge, row) {
  const one = Object.assign(make("input", "words"), { type: "text", value: edge.text, dir: "auto", maxLength: 400 });
  one.setAttribute("aria-label", `${view.data.names[0]} ${row + 1}`);
  one.title = edge.text;
  one.style.fontSize = `${Math.max(12, Math.min(15, view.cell.down - 5))}px`;
  const write = () => one.value !== edge.text && view.send("text", { row, text: one.value });
  one.addEventListener("change", write);
  one.addEventListener("keydown", (event) => {
    if (event.key === "Escape") one.value = edge.text;
    if (event.key === "Enter" || event.key === "Escape") one.blur();
  });
  return one;
}

function middle(view) {
  const n = view.data.rows.length;
  const canvas = make("canvas", "");
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [n * view.cell.across, n * view.cell.down];
  Object.assign(canvas, { width: Math.ceil(width * ratio), height: Math.ceil(height * ratio), tabIndex: 0 });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${n} by ${n} cosines, partners framed`);
  canvas.addEventListener("pointermove", (event) => point(view, cellAt(view, event)));
  canvas.addEventListener("pointerdown", (event) => point(view, cellAt(view, event)));
  canvas.addEventListener("pointerleave", () => point(view, null));
  canvas.addEventListener("keydown", (event) => step(view, event));
  view.canvas = canvas;
  return canvas;
}

function cellAt(view, event) {
  const box = view.canvas.getBoundingClientRect();
  const n = view.data.rows.length;
  const [row, column] = [(event.clientY - box.top) / view.cell.down, (event.clientX - box.left) / view.cell.across].map(Math.floor);
  return row >= 0 && column >= 0 && row < n && column < n ? { row, column } : null;
}

const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function step(view, event) {
  if (!WAYS[event.key]) return;
  event.preventDefault();
  const [down, right] = WAYS[event.key];
  const { row, column } = view.pointed || { row: 0, column: 0 };
  const kept = (value) => Math.max(0, Math.min(view.data.rows.length - 1, value));
  point(view, { row: kept(row + down), column: kept(column + right) });
}

function point(view, cell) {
  view.pointed = cell;
  drawMatrix(view);
  read(view);
}
