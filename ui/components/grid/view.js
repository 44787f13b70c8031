// One mounted board: its state, what changes it, and what is drawn anew after a change.

import { buildFrame, buildLine, drawBar, drawScale, symbols } from "./bar.js";
import { bounds, decode, valueAt } from "./decode.js";
import { drawGrid } from "./draw.js";
import { NARROW, fit } from "./fit.js";
import { closeInput, fitted, reveal } from "./hand.js";
import { shades } from "./shades.js";
import { marksOf, written } from "./sums.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { tall } from "../shared/room.js";

export default function show(component) {
  return live(component, {
    selector: ".gaze-grid",
    fresh: () => ({ step: 0, cell: null, numbers: false, marks: [], frames: new Map(), sizes: new Map() }),
    mount,
    receive,
    stay: receive, // an edit that the page refused comes back as it was
    build: drawAll,
    leave: closeInput,
  });
}

function mount(view) {
  const { root } = view;
  view.act = actions(view);
  view.parts = buildFrame(root, view.act);
  root.addEventListener("keydown", (event) => {
    const stride = { PageDown: 1, PageUp: -1, n: 1, b: -1 }[event.key];
    if (!stride || view.steps.length < 2 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    view.act.go(stride);
  });
}

function receive(view) {
  const data = decode(view.bytes);
  const first = !view.data;
  const { grids, steps, height, header } = data;
  Object.assign(view, { data, grids, steps, header, asked: height, palette: shades(view.palette) });
  if (first) view.step = header.start;
  view.step = Math.min(Math.max(0, view.step), steps.length - 1);
  view.bound = bounds(grids);
  view.cell = validCell(view, view.cell);
  tell(view, "");
  drawAll(view);
  publish(view);
}

// The chosen cell where this step still has it; else the same place in the step's result, or in its last grid.
function validCell(view, cell) {
  const step = view.steps[view.step];
  const name = cell && step.shown.includes(cell.grid) && view.grids.has(cell.grid) ? cell.grid
    : step.rule ? step.rule.result : [...step.shown].reverse().find((one) => view.grids.has(one));
  const [row, column] = cell ? [cell.row, cell.column] : view.header.cell;
  return { grid: name, ...fitted(view, { row, column }, name) };
}

function actions(view) {
  return {
    go(stride) {
      const to = Math.min(view.steps.length - 1, Math.max(0, view.step + stride));
      if (to === view.step) return;
      const held = view.parts.root.getRootNode().activeElement;
      const inGrid = held && held.tagName === "CANVAS";
      view.step = to;
      const { rule } = view.steps[to];
      view.cell = validCell(view, { ...view.cell, grid: rule ? rule.result : "" });
      tell(view, "");
      drawAll(view);
      if (inGrid) view.frames.get(view.cell.grid).canvas.focus({ preventScroll: true });
      publish(view);
    },
    choose(cell) {
      view.cell = cell;
      tell(view, "");
      point(view);
      publish(view);
    },
    // Shown at once here; the numbers that follow from it come with the answer.
    change(value) {
      const { grid: name, row, column } = view.cell;
      const grid = view.grids.get(name);
      if (Object.is(valueAt(grid, row, column), Math.fround(value))) return;
      grid.values[row * grid.columns.length + column] = value;
      drawGrid(view, name);
      view.send("edit", { grid: name, row, column, value: Number.isFinite(value) ? value : null });
    },
    numbers() {
      view.numbers = !view.numbers;
      drawAll(view);
    },
    tell: (sentence) => tell(view, sentence),
  };
}

function tell(view, sentence) {
  view.parts.note.textContent = sentence;
  view.parts.note.hidden = !sentence;
}

function drawAll(view) {
  const { root, line, numbers } = view.parts;
  if (!root.clientWidth) return;
  view.size = sizeOf(root);
  view.height = tall(view.asked);
  root.classList.toggle("narrow", root.clientWidth < NARROW);
  buildLine(view);
  view.sizes = fit(view, line.clientWidth || root.clientWidth);
  const readable = !view.numbers && [...view.sizes.values()].every((size) => size.numbers);
  numbers.hidden = readable || view.steps[view.step].cell > 0;
  numbers.setAttribute("aria-pressed", `${view.numbers}`);
  drawBar(view);
  view.sizes.forEach((size, name) => place(view, name, size));
  point(view);
}

// A scroll area over the canvas, as large as the whole grid; the canvas draws what is in sight.
function place(view, name, { left, top, cell: [across, down], box: [wide, high] }) {
  const { scroller, spacer } = view.frames.get(name);
  const grid = view.grids.get(name);
  const [whole, tall] = [across * grid.columns.length, down * grid.rows.length];
  Object.assign(scroller.style, { left: `${left}px`, top: `${top}px`, width: `${wide}px`, height: `${high}px` });
  Object.assign(spacer.style, { width: `${Math.floor(whole)}px`, height: `${Math.floor(tall)}px` });
  scroller.classList.toggle("scrolls", whole > wide + 1 || tall > high + 1);
  drawScale(view, name);
}

function point(view) {
  view.marks = marksOf(view).filter((mark) => view.frames.has(mark.grid));
  [...view.marks, view.cell].forEach((one) => reveal(view, one));
  view.frames.forEach((_, name) => drawGrid(view, name));
  view.parts.sum.replaceChildren(...written(view).map((part) => {
    if (typeof part === "string") return part;
    const inner = part.symbol ? symbols(part.symbol) : [part.strong];
    return make(part.light ? "span" : "b", "", {}, ...inner);
  }));
}

// What tests and benchmarks may wait for.
function publish(view) {
  const { grid, row, column } = view.cell;
  const values = { step: view.step, grid, row, column };
  [view.parts.root, view.place.host].forEach((element) => element && Object.assign(element.dataset, values));
}
