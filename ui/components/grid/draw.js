// One grid on its canvas: the cells that are in sight, their labels, the chosen cell and what took part in it.

import { say, valueAt } from "./decode.js";
import { labelWidth } from "./fit.js";
import { shadeOf } from "./shades.js";
import { fitCanvas } from "../shared/dom.js";
import { larger } from "../shared/room.js";
import { directionOf, elide, everyFor } from "../shared/text.js";

export function drawGrid(view, name) {
  const { canvas, scroller } = view.frames.get(name);
  const grid = view.grids.get(name);
  const size = view.sizes.get(name);
  const { left, top, cell: [across, down], box: [wide, high] } = size;
  const pen = fitCanvas(canvas, left + wide, top + high);
  const window_ = inSight(grid, size, scroller);
  const bound = view.bound(grid);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, high);
  pen.clip();
  for (let row = window_.firstRow; row < window_.endRow; row += 1) {
    for (let column = window_.firstColumn; column < window_.endColumn; column += 1) {
      drawCell(view, pen, grid, size, scroller, row, column, bound);
    }
  }
  const marks = view.marks.filter((mark) => mark.grid === name);
  marks.forEach((mark) => outline(view, pen, grid, size, scroller, mark, 2, "primary"));
  if (view.cell.grid === name) outline(view, pen, grid, size, scroller, view.cell, 3, "ink");
  pen.restore();
  pen.strokeStyle = view.palette.rule;
  const [whole, tall] = [across * grid.columns.length, down * grid.rows.length];
  pen.strokeRect(left + 0.5, top + 0.5, Math.min(wide, whole) - 1, Math.min(high, tall) - 1);
  drawLabels(view, pen, grid, size, scroller, window_);
}

function inSight(grid, { cell: [across, down], box: [wide, high] }, scroller) {
  const firstRow = Math.max(0, Math.floor(scroller.scrollTop / down));
  const firstColumn = Math.max(0, Math.floor(scroller.scrollLeft / across));
  return {
    firstRow, firstColumn,
    endRow: Math.min(grid.rows.length, Math.ceil((scroller.scrollTop + high) / down)),
    endColumn: Math.min(grid.columns.length, Math.ceil((scroller.scrollLeft + wide) / across)),
  };
}

export const cornerOf = ({ left, top, cell: [across, down] }, scroller, row, column) => [
  left + column * across - scroller.scrollLeft, top + row * down - scroller.scrollTop,
];

function drawCell(view, pen, grid, size, scroller, row, column, bound) {
  const { palette } = view;
  const [across, down] = size.cell;
  const [x, y] = cornerOf(size, scroller, row, column);
  const value = valueAt(grid, row, column);
  const [colour, light] = shadeOf(palette, grid, value, bound);
  pen.fillStyle = colour;
  const gap = size.numbers || across > 9 ? 1 : 0;
  pen.fillRect(x, y, Math.max(across - gap, 0.7), Math.max(down - gap, 0.7));
  if (!size.numbers) return;
  pen.fillStyle = Number.isFinite(value) ? (light ? "rgb(255 255 255)" : "rgb(18 20 26)") : palette.quiet;
  const letters = Math.min(larger(18), Math.max(11, Math.min(Math.floor(across / 3), Math.floor(down * 0.6))));
  pen.font = `${grid.edit ? 500 : 400} ${letters}px ${palette.plain}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const text = grid.edit === "switch" && value === 0 ? "0" : say(value, across < 36 ? 1 : 2);
  pen.fillText(text, x + across / 2, y + down / 2 + 1);
}

function outline(view, pen, grid, size, scroller, { row, column }, width, ink) {
  const [across, down] = size.cell;
  const [x, y] = cornerOf(size, scroller, row ?? 0, column ?? 0);
  const wide = column === null ? across * grid.columns.length : across;
  const high = row === null ? down * grid.rows.length : down;
  pen.strokeStyle = view.palette[ink];
  pen.lineWidth = width;
  // A cell of two pixels would vanish under its own outline.
  const grow = Math.max(0, (7 - Math.min(wide, high)) / 2);
  const from = width / 2 - 0.5 - grow;
  pen.strokeRect(x + from, y + from, wide - width + 2 * grow, high - width + 2 * grow);
}

function drawLabels(view, pen, grid, size, scroller, { firstRow, endRow, firstColumn, endColumn }) {
  const { palette } = view;
  const { left, top, stand, cell: [across, down], box: [wide, high] } = size;
  const chosen = [view.cell, ...view.marks].filter((one) => one.grid === grid.name);
  const touched = (axis, place) => chosen.some((one) => one[axis] === place);
  const write = (label, x, y, align, strong, room) => {
    pen.font = `${strong ? 650 : 400} ${palette.size}px ${palette.face}`;
    pen.fillStyle = strong ? palette.primary : palette.quiet;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.direction = directionOf(label);
    pen.fillText(elide(pen, label, room), x, y);
  };
  const rowEvery = everyFor(down, palette.size * 1.05);
  const needed = stand ? palette.size * 1.05 : 2 + labelWidth(pen, palette, grid.columns.slice(-1), 90);
  const columnEvery = everyFor(across, needed);
  // Where labels thin out, those of the chosen cell stand alone.
  const near = (axis, place, every) => chosen.some((one) => one[axis] !== null && Math.abs(one[axis] - place) < every);
  const named = (axis, place, every) => touched(axis, place)
    || (place % every === 0 && (every === 1 || !near(axis, place, every)));
  for (let row = firstRow; row < endRow; row += 1) {
    const y = top + (row + 0.5) * down - scroller.scrollTop;
    if (!named("row", row, rowEvery) || y < top - 2 || y > top + high + 2) continue;
    write(grid.rows[row], left - 6, y, "right", touched("row", row), left - 8);
  }
  for (let column = firstColumn; column < endColumn; column += 1) {
    const x = left + (column + 0.5) * across - scroller.scrollLeft;
    if (!named("column", column, columnEvery) || x < left - 2 || x > left + wide + 2) continue;
    if (!stand) {
      write(grid.columns[column], x, top - palette.size / 2 - 3, "center", touched("column", column), 90);
      continue;
    }
    pen.save();
    pen.translate(x, top - 5);
    pen.rotate(-Math.PI / 2);
    write(grid.columns[column], 0, 0, "left", touched("column", column), top);
    pen.restore();
  }
}
