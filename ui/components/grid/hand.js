// What hands do to a board: choose a cell by pointer or arrow keys, type into it, switch it, go from step to step.

import { readNumber, valueAt } from "./decode.js";
import { cornerOf, drawGrid } from "./draw.js";
import { nameCell } from "./sums.js";
import { make } from "../shared/dom.js";
import { clusters } from "../shared/text.js";

const STRIDES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const LARGEST = 1e6;

export function handleGrid(view, name, frame) {
  const { canvas, scroller, paper } = frame;
  const find = (event) => {
    const { left, top, cell: [across, down], box: [wide, high] } = view.sizes.get(name);
    const area = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - area.left - left, event.clientY - area.top - top];
    if (x < 0 || y < 0 || x >= wide || y >= high) return null;
    const grid = view.grids.get(name);
    const [row, column] = [Math.floor((y + scroller.scrollTop) / down), Math.floor((x + scroller.scrollLeft) / across)];
    return row < grid.rows.length && column < grid.columns.length ? { grid: name, row, column } : null;
  };
  // The scroll area lies over the canvas, so clicks are heard by what holds both.
  paper.addEventListener("click", (event) => {
    const cell = event.target === view.input ? null : find(event);
    if (!cell) return;
    const again = sameCell(cell, view.cell);
    view.act.choose(cell);
    canvas.focus({ preventScroll: true });
    const { edit } = view.grids.get(name);
    if (edit === "switch") view.act.change(switchedValue(view));
    else if (edit === "number" && again) openInput(view);
  });
  paper.addEventListener("dblclick", (event) => event.target !== view.input && find(event) && openInput(view));
  canvas.addEventListener("keydown", (event) => walk(view, name, event));
  canvas.addEventListener("focus", () => {
    if (view.cell.grid !== name) view.act.choose({ ...fitted(view, view.cell, name), grid: name });
  });
  scroller.addEventListener("scroll", () => requestAnimationFrame(() => view.sizes.has(name) && drawGrid(view, name)));
}

const sameCell = (one, other) => one.grid === other.grid && one.row === other.row && one.column === other.column;

export function fitted(view, { row, column }, name) {
  const grid = view.grids.get(name);
  return { row: Math.min(row, grid.rows.length - 1), column: Math.min(column, grid.columns.length - 1) };
}

function switchedValue(view) {
  const { grid, row, column } = view.cell;
  return valueAt(view.grids.get(grid), row, column) === 0 ? -Infinity : 0;
}

function walk(view, name, event) {
  const grid = view.grids.get(name);
  if (event.key in STRIDES && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    event.stopPropagation();
    const [down, across] = STRIDES[event.key];
    const { row, column } = view.cell.grid === name ? view.cell : { row: 0, column: 0 };
    view.act.choose({
      grid: name,
      row: Math.min(grid.rows.length - 1, Math.max(0, row + down)),
      column: Math.min(grid.columns.length - 1, Math.max(0, column + across)),
    });
    return;
  }
  const types = event.key.length === 1 && /[-−.,\d]/.test(event.key);
  if (grid.edit === "switch" && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    view.act.change(switchedValue(view));
  } else if (grid.edit === "number" && (event.key === "Enter" || types) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openInput(view, types ? event.key : null);
  }
}

// One input lies over the chosen cell while it is typed into.
function openInput(view, first = null) {
  const { grid: name, row, column } = view.cell;
  const grid = view.grids.get(name);
  if (grid.edit !== "number") return;
  const { canvas, scroller, paper } = view.frames.get(name);
  const size = view.sizes.get(name);
  const [x, y] = cornerOf(size, scroller, row, column);
  closeInput(view);
  const value = first ?? `${Number(valueAt(grid, row, column).toFixed(4))}`;
  const input = make("input", "cell", { type: "text", inputMode: "decimal", value });
  input.setAttribute("aria-label", nameCell(grid, row, column));
  const wide = Math.max(52, size.cell[0] + 4);
  const high = Math.max(28, size.cell[1] + 4);
  const place = { left: x + size.cell[0] / 2 - wide / 2, top: y - 2, width: wide, height: high };
  Object.entries(place).forEach(([side, pixels]) => { input.style[side] = `${pixels}px`; });
  let done = false;
  const finish = (keep, move) => {
    if (done) return;
    done = true;
    closeInput(view);
    if (keep) accept(view, { grid: name, row, column }, input.value);
    if (move) canvas.focus({ preventScroll: true });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true, true);
    else if (event.key === "Escape") finish(false, true);
  });
  input.addEventListener("blur", () => finish(true, false));
  paper.append(input);
  view.input = input;
  input.focus({ preventScroll: true });
  if (first === null) input.select();
}

export function closeInput(view) {
  const { input } = view;
  view.input = null;
  if (input) input.remove();
}

function accept(view, cell, text) {
  const value = readNumber(text);
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST) {
    const typed = clusters(text).slice(0, 16).join("");
    view.act.tell(`“${typed}” is no number that a cell can hold: type one such as 0.5 or −2.`);
    return;
  }
  view.act.choose(cell);
  view.act.change(value);
}

// The chosen cell, and the row and column that made it, come into sight in grids that scroll.
export function reveal(view, { grid: name, row, column }) {
  const { scroller } = view.frames.get(name);
  const { cell: [across, down], box: [wide, high] } = view.sizes.get(name);
  const into = (place, from, cell, room) => Math.max(Math.min(from, place * cell), (place + 1) * cell - room);
  if (row !== null) scroller.scrollTop = into(row, scroller.scrollTop, down, high);
  if (column !== null) scroller.scrollLeft = into(column, scroller.scrollLeft, across, wide);
}
