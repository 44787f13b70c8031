// One head as a heatmap: cells and labels on one canvas, what is hovered or held on a second above it.

import { pool, rowOf, weightAt } from "./decode.js";
import { currentWeights } from "./exact.js";
import { placesShown, range } from "./held.js";
import { layoutHeatmap } from "./layout.js";
import { writeToken } from "./scale.js";
import { levelOf } from "../shared/colour.js";
import { fitCanvas } from "../shared/dom.js";
import { tall } from "../shared/room.js";
import { directionOf, elide } from "../shared/text.js";

export const wholeRegion = (kind) => [0, kind.rows.length, 0, kind.columns.length];

export function drawHeatmap(view, width, height) {
  const { kind, palette, parts } = view;
  const region = view.zoom || wholeRegion(kind);
  const pen = fitCanvas(parts.base, width, height);
  pen.font = `${palette.size}px ${palette.face}`;
  const grid = layoutHeatmap(pen, kind, region, width, height, palette.size, tall(92));
  view.grid = grid;
  paintCells(pen, view, grid);
  labelRows(pen, view, grid);
  labelColumns(pen, view, grid);
  drawPointed(view);
}

// Cells by pooling at the pixels of this screen; the same code for 3 tokens and for 2,048.
function paintCells(pen, view, grid) {
  const weights = currentWeights(view);
  const values = view.perRow ? eachRowFull(weights) : weights.values;
  const [firstRow, endRow, firstColumn, endColumn] = grid.region;
  const [down, across] = weights.block;
  const cells = [firstRow / down, Math.ceil(endRow / down), firstColumn / across, Math.ceil(endColumn / across)];
  const ratio = pen.canvas.width / parseFloat(pen.canvas.style.width);
  const [wide, high] = [Math.max(1, Math.round(grid.width * ratio)), Math.max(1, Math.round(grid.height * ratio))];
  const start = cells[0] * weights.columns + cells[2];
  const pooled = new Float32Array(wide * high);
  pool(values, start, weights.columns, cells[1] - cells[0], cells[3] - cells[2], high, wide, pooled);
  const image = pen.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  for (let k = 0; k < pooled.length; k += 1) pixels[k] = view.palette.levels[Math.round(Math.sqrt(pooled[k]) * 255)];
  pen.putImageData(image, Math.round(grid.left * ratio), Math.round(grid.top * ratio));
  ruleCells(pen, view.palette, grid);
}

function eachRowFull(weights) {
  const values = weights.values.slice();
  for (let row = 0; row < weights.rows; row += 1) {
    const line = values.subarray(row * weights.columns, (row + 1) * weights.columns);
    const most = line.reduce((top, value) => Math.max(top, value), 0) || 1;
    line.forEach((value, column) => { line[column] = value / most; });
  }
  return values;
}

function ruleCells(pen, palette, grid) {
  pen.strokeStyle = palette.ground;
  pen.lineWidth = 1;
  pen.beginPath();
  if (Math.min(grid.cellWidth, grid.cellHeight) >= 12) {
    for (let row = 1; row < grid.rows; row += 1) {
      const y = Math.round(grid.top + row * grid.cellHeight) + 0.5;
      pen.moveTo(grid.left, y);
      pen.lineTo(grid.left + grid.width, y);
    }
    for (let column = 1; column < grid.columns; column += 1) {
      const x = Math.round(grid.left + column * grid.cellWidth) + 0.5;
      pen.moveTo(x, grid.top);
      pen.lineTo(x, grid.top + grid.height);
    }
  }
  pen.stroke();
  pen.strokeStyle = palette.rule;
  pen.strokeRect(Math.round(grid.left) - 0.5, Math.round(grid.top) - 0.5, grid.width + 1, grid.height + 1);
}

export const rowMiddle = (grid, row) => grid.top + (row - grid.region[0] + 0.5) * grid.cellHeight;
export const columnMiddle = (grid, column) => grid.left + (column - grid.region[2] + 0.5) * grid.cellWidth;

function labelRows(pen, view, grid) {
  const { kind, palette } = view;
  for (let row = grid.region[0]; row < grid.region[1]; row += 1) {
    if ((row - grid.region[0]) % grid.rowEvery === 0) labelRow(pen, view, grid, row, false);
  }
  if (grid.rowEvery > 1) return;
  joinPieces(kind.rows, grid.region[0], grid.region[1], (first, last) => {
    pen.fillStyle = palette.faint;
    const y = rowMiddle(grid, first) - grid.cellHeight * 0.3;
    pen.fillRect(grid.left - 5, y, 1.5, rowMiddle(grid, last) + grid.cellHeight * 0.3 - y);
  });
}

function labelRow(pen, view, grid, row, strong) {
  writeToken(pen, view.palette, view.kind.rows[row], grid.left - 8, rowMiddle(grid, row), "right", grid.room, { strong });
}

function labelColumns(pen, view, grid) {
  const { kind, palette } = view;
  for (let column = grid.region[2]; column < grid.region[3]; column += 1) {
    if ((column - grid.region[2]) % grid.columnEvery === 0) labelColumn(pen, view, grid, column, false);
  }
  if (grid.columnEvery > 1) return;
  joinPieces(kind.columns, grid.region[2], grid.region[3], (first, last) => {
    pen.fillStyle = palette.faint;
    const x = columnMiddle(grid, first) - grid.cellWidth * 0.3;
    pen.fillRect(x, grid.top - 5, columnMiddle(grid, last) + grid.cellWidth * 0.3 - x, 1.5);
  });
}

function labelColumn(pen, view, grid, column, strong) {
  const token = view.kind.columns[column];
  const { palette } = view;
  pen.save();
  pen.font = `${palette.size}px ${palette.face}`;
  if (grid.lean === 0) {
    pen.translate(columnMiddle(grid, column), grid.top - palette.size * 0.95);
    writeFlat(pen, palette, token, strong);
  } else {
    pen.translate(columnMiddle(grid, column) + (grid.lean < 1 ? -2 : 0), grid.top - 9);
    pen.rotate(-grid.lean);
    writeToken(pen, palette, token, 0, 0, "left", grid.labelHeight, { strong });
  }
  pen.restore();
}

// A label that lies over its cell: the word, and the index small above it.
function writeFlat(pen, palette, token, strong) {
  pen.font = `${token.special ? "italic " : ""}${strong ? 650 : 400} ${palette.size}px ${palette.face}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.direction = directionOf(token.text);
  pen.fillStyle = strong ? palette.primary : token.special ? palette.faint : palette.ink;
  pen.fillText(elide(pen, token.text, 400), 0, 0);
  pen.direction = "ltr";
  pen.font = `${Math.round(palette.size * 0.72)}px ${palette.plain}`;
  pen.fillStyle = strong ? palette.primary : palette.faint;
  pen.fillText(token.index, 0, -palette.size * 1.05);
}

// Runs of neighbouring tokens that are pieces of one word.
export function joinPieces(tokens, first, end, draw) {
  let begin = first;
  for (let k = first + 1; k <= end; k += 1) {
    const same = k < end && hasWord(tokens[k]) && tokens[k].word === tokens[begin].word
      && tokens[k].segment === tokens[begin].segment && !tokens[k].special;
    if (same) continue;
    if (k - begin > 1) draw(begin, k - 1);
    begin = k;
  }
}

export const hasWord = (token) => typeof token.word === "number" && token.word >= 0 && !token.special;

// Hovered and held: their rows, else their columns, stand out, all else steps back a little.
export function drawPointed(view) {
  const { grid, palette } = view;
  if (!grid || view.choice.view !== "heatmap") return;
  const pen = fitCanvas(view.parts.top, parseFloat(view.parts.base.style.width), parseFloat(view.parts.base.style.height));
  pen.font = `${palette.size}px ${palette.face}`;
  const marks = [...view.locks, view.hover].filter(Boolean).map((one) => markIn(grid, one));
  const clear = placesShown(view).map((one) => markIn(grid, one)).filter((mark) => mark.row !== null || mark.column !== null);
  if (!clear.length) return;
  const rows = new Set(clear.flatMap(({ row, down }) => (row === null ? [] : range(row, row + down))));
  const columns = new Set(clear.flatMap(({ row, column }) => (row === null ? [column] : [])));
  veil(pen, palette, grid, rows, columns);
  clear.forEach(({ row }) => row !== null && writeRowNumbers(pen, view, grid, row));
  marks.forEach((mark) => outline(pen, view, grid, mark));
}

// What of a place is inside the window.
function markIn({ region }, one) {
  const inside = (place, first, end) => (place !== null && place >= first && place < end ? place : null);
  return {
    row: inside(one.row, region[0], region[1]),
    column: inside(one.column, region[2], region[3]),
    down: Math.min(one.endRow ?? one.row + 1, region[1]) - one.row,
    across: Math.min(one.endColumn ?? one.column + 1, region[3]) - one.column,
  };
}

// The runs of places that are not among these, as [first, end].
export function runsBetween(first, end, taken) {
  const ends = [first - 1, ...[...taken].sort((one, other) => one - other), end];
  return ends.slice(1).map((one, at) => [ends[at] + 1, one]).filter(([from, to]) => to > from);
}

function veil(pen, palette, grid, rows, columns) {
  const [firstRow, endRow, firstColumn, endColumn] = grid.region;
  pen.save();
  pen.globalAlpha = 0.5;
  pen.fillStyle = palette.ground;
  runsBetween(firstRow, endRow, rows).forEach(([top, bottom]) => runsBetween(firstColumn, endColumn, columns).forEach(([left, right]) => {
    const [x, y] = [grid.left + (left - firstColumn) * grid.cellWidth, grid.top + (top - firstRow) * grid.cellHeight];
    pen.fillRect(x, y, (right - left) * grid.cellWidth, (bottom - top) * grid.cellHeight);
  }));
  pen.restore();
}

function outline(pen, view, grid, { row, column, down, across }) {
  const { palette } = view;
  pen.strokeStyle = palette.primary;
  pen.lineWidth = 2;
  if (row !== null) {
    const y = grid.top + (row - grid.region[0]) * grid.cellHeight;
    if (grid.cellHeight >= 4 && down === 1) pen.strokeRect(grid.left, y, grid.width, grid.cellHeight);
    for (let at = row; at < row + down; at += 1) strongLabel(pen, view, grid, at, null);
  }
  if (column !== null) {
    const x = grid.left + (column - grid.region[2]) * grid.cellWidth;
    if (row === null && grid.cellWidth >= 4) pen.strokeRect(x, grid.top, grid.cellWidth, grid.height);
    if (row !== null) {
      const y = grid.top + (row - grid.region[0]) * grid.cellHeight;
      pen.lineWidth = 3;
      pen.strokeRect(x, y, Math.max(3, across * grid.cellWidth), Math.max(3, down * grid.cellHeight));
    }
    for (let at = column; at < column + across; at += 1) strongLabel(pen, view, grid, null, at);
  }
}

// The label again in the primary colour, over a patch of ground that hides the labels beneath.
function strongLabel(pen, view, grid, row, column) {
  const { palette } = view;
  pen.save();
  pen.fillStyle = palette.ground;
  const thinned = row !== null ? grid.rowEvery > 1 : grid.columnEvery > 1;
  const half = thinned ? palette.size * 0.72 : Math.min(palette.size * 0.72, (row !== null ? grid.cellHeight : 99) / 2);
  if (row !== null) {
    near(grid.region[0], grid.region[1], grid.rowEvery, grid.cellHeight, row, thinned ? 2 * half : 0).forEach((one) => {
      pen.fillRect(0, rowMiddle(grid, one) - half, grid.left - 6, 2 * half);
    });
    labelRow(pen, view, grid, row, true);
  } else {
    const crossing = thinned ? 2 * half : 0;
    near(grid.region[2], grid.region[3], grid.columnEvery, grid.cellWidth, column, crossing).forEach((one) => {
      pen.save();
      pen.translate(columnMiddle(grid, one), grid.top - 7);
      if (grid.lean) pen.rotate(-grid.lean);
      if (grid.lean) pen.fillRect(-1, -half, grid.labelHeight + 34, 2 * half);
      else pen.fillRect(-grid.cellWidth / 2, -palette.size * 2.1, grid.cellWidth, palette.size * 1.9);
      pen.restore();
    });
    labelColumn(pen, view, grid, column, true);
  }
  pen.restore();
}

// The place itself and the written labels that its own label would cut in two.
function near(first, end, every, cell, place, reach) {
  const places = [place];
  for (let one = first; one < end; one += every) {
    if (one !== place && Math.abs(one - place) * cell < reach) places.push(one);
  }
  return places;
}

// Whole percents in the cells of one row, where there is room.
function writeRowNumbers(pen, view, grid, row) {
  const size = Math.min(view.palette.size, 15);
  if (grid.cellWidth < size * 1.7 || grid.cellHeight < size * 1.15) return;
  const weights = currentWeights(view);
  pen.font = `${size - 1}px ${view.palette.plain}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const scaled = view.perRow ? rowOf(weights, row, view.kind.columns.length).reduce((a, b) => Math.max(a, b), 0) || 1 : 1;
  for (let column = grid.region[2]; column < grid.region[3]; column += 1) {
    const value = weightAt(weights, row, column);
    if (value < 0.005) continue;
    const light = view.palette.light[levelOf(value / scaled)];
    pen.fillStyle = light ? "rgb(20 20 24)" : "rgb(255 255 255)";
    pen.fillText(Math.round(value * 100), columnMiddle(grid, column), rowMiddle(grid, row) + 1);
  }
}
