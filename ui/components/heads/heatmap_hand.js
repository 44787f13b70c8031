// What hands do to the heatmap: point, hold cells and blocks, walk with arrow keys, and zoom into long texts.

import { blockOf } from "./edge.js";
import { currentWeights } from "./exact.js";
import { cellLines, clip } from "./facts.js";
import { columnMiddle, drawPointed, rowMiddle, wholeRegion } from "./heatmap.js";
import { cellAt } from "./layout.js";
import { showTip } from "./scale.js";
import { visible } from "../shared/text.js";
import { penOf } from "../shared/saving.js";

export function handleHeatmap(view, act) {
  const canvas = view.parts.top;
  const place = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  const find = (event) => (view.grid ? cellAt(view.grid, ...place(event)) : null);
  let drag = null;

  canvas.addEventListener("pointermove", (event) => {
    if (drag && event.pointerType === "mouse") {
      drag.to = place(event);
      if (isBox(drag)) drawBox(view, drag);
      return;
    }
    if (event.pointerType !== "mouse") return;
    const cell = find(event);
    act.point(cell);
    showTip(view, tipOf(view, cell), event.clientX, event.clientY);
  });
  ["pointerleave", "blur"].forEach((name) => canvas.addEventListener(name, () => {
    act.point(null);
    showTip(view, null);
  }));
  canvas.addEventListener("pointerdown", (event) => {
    drag = event.pointerType === "mouse" && view.grid ? { from: place(event), to: place(event) } : null;
    if (drag) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointerup", (event) => {
    const box = drag;
    drag = null;
    if (box && isBox(box)) {
      if (view.kind.long && !event.shiftKey) {
        zoomToBox(view, box, act);
        return;
      }
      const corners = [cornerAt(view.grid, box.from), cornerAt(view.grid, box.to)];
      if (view.kind.block[0] === 1 && view.kind.block[1] === 1) act.take(blockOf(...corners));
      return;
    }
    const cell = find(event);
    act.take(cell);
    showTip(view, tipOf(view, view.locks.find((one) => sameCell(one, cell))), event.clientX, event.clientY);
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("dblclick", () => view.kind.long && act.zoom(null));
  canvas.addEventListener("wheel", (event) => {
    if (!view.kind.long || !view.grid) return;
    event.preventDefault();
    wheel(view, act, place(event), event);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => walk(view, act, event));
}

export const sameCell = (one, other) => Boolean(one && other) && one.row === other.row && one.column === other.column;
const isBox = ({ from, to }) => Math.hypot(to[0] - from[0], to[1] - from[1]) > 8;

export function tipOf(view, cell) {
  if (!cell) return null;
  const { kind } = view;
  const weights = currentWeights(view);
  if (cell.row !== null && cell.column !== null) return cellLines(kind, weights, cell.row, cell.column);
  const token = cell.row !== null ? kind.rows[cell.row] : kind.columns[cell.column];
  return [`${clip(visible(token.text))} (${token.index})`];
}

// The cell at a place, or the nearest to it.
function cornerAt({ region, top, left, cellHeight, cellWidth }, [x, y]) {
  const fit = (place, first, end) => Math.min(end - 1, Math.max(first, Math.floor(place)));
  return {
    row: fit(region[0] + (y - top) / cellHeight, region[0], region[1]),
    column: fit(region[2] + (x - left) / cellWidth, region[2], region[3]),
  };
}

function drawBox(view, { from, to }) {
  drawPointed(view);
  const pen = penOf(view.parts.top);
  pen.strokeStyle = view.palette.primary;
  pen.lineWidth = 1.5;
  pen.strokeRect(Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
}

function zoomToBox(view, { from, to }, act) {
  const { grid } = view;
  const row = (y) => grid.region[0] + (y - grid.top) / grid.cellHeight;
  const column = (x) => grid.region[2] + (x - grid.left) / grid.cellWidth;
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  act.zoom([row(top), row(bottom), column(left), column(right)]);
}

// Turning the wheel zooms round the pointer; sideways, or with shift, it moves along.
function wheel(view, act, [x, y], event) {
  const { grid } = view;
  const [firstRow, endRow, firstColumn, endColumn] = grid.region;
  const across = event.shiftKey ? event.deltaY : event.deltaX;
  if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
    const step = (Math.sign(across) * (endColumn - firstColumn)) / 8;
    act.zoom([firstRow, endRow, firstColumn + step, endColumn + step]);
    return;
  }
  const factor = event.deltaY > 0 ? 1.25 : 0.8;
  const row = firstRow + Math.min(1, Math.max(0, (y - grid.top) / grid.height)) * grid.rows;
  const column = firstColumn + Math.min(1, Math.max(0, (x - grid.left) / grid.width)) * grid.columns;
  act.zoom([
    row + (firstRow - row) * factor, row + (endRow - row) * factor,
    column + (firstColumn - column) * factor, column + (endColumn - column) * factor,
  ]);
}

// Zoom about the middle, for the buttons.
export function zoomBy(view, factor) {
  const [firstRow, endRow, firstColumn, endColumn] = view.zoom || wholeRegion(view.kind);
  const about = (first, end) => {
    const middle = (first + end) / 2;
    return [middle - ((end - first) / 2) * factor, middle + ((end - first) / 2) * factor];
  };
  return [...about(firstRow, endRow), ...about(firstColumn, endColumn)];
}

const STRIDES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function walk(view, act, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    act.take(view.hover);
    return;
  }
  if (!(event.key in STRIDES)) return;
  event.preventDefault();
  event.stopPropagation();
  const { kind } = view;
  const from = view.hover || view.locks[view.locks.length - 1] || { row: 0, column: 0 };
  const move = (place, step, count) => Math.min(count - 1, Math.max(0, (place ?? 0) + step));
  const [down, across] = STRIDES[event.key];
  const cell = { row: move(from.row, down, kind.rows.length), column: move(from.column, across, kind.columns.length) };
  act.point(cell);
  follow(view, act, cell);
  const frame = view.parts.top.getBoundingClientRect();
  const x = frame.left + columnMiddle(view.grid, cell.column);
  showTip(view, tipOf(view, cell), x, frame.top + rowMiddle(view.grid, cell.row));
}

// The window of a zoomed text moves with the cell that walks out of it.
function follow(view, act, cell) {
  if (!view.zoom) return;
  const [firstRow, endRow, firstColumn, endColumn] = view.zoom;
  const shift = (place, first, end) => (place < first ? place - first : place >= end ? place - end + 1 : 0);
  const down = shift(cell.row, firstRow, endRow);
  const across = shift(cell.column, firstColumn, endColumn);
  if (down || across) act.zoom([firstRow + down, endRow + down, firstColumn + across, endColumn + across]);
}
