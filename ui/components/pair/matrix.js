// The matrix of one model: rows are source pieces, columns are target pieces; colour, links and gold in every cell.

import { drawDot, drawFrame, drawTurn } from "./marks.js";
import { valuesOf } from "./read.js";
import { fitCanvas } from "../shared/dom.js";
import { larger } from "../shared/room.js";
import { shortened } from "../shared/text.js";

const EDGE = 8; // pixels between a label and the cells
const MOST_LABEL = 96;

function scaleOf(view, side, place) {
  const values = valuesOf(view, side, place);
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!view.change || place === 0) return { low, high };
  const most = Math.max(Math.abs(low), Math.abs(high), 1e-6);
  return { low: -most, high: most };
}

export function colourOf(view, scale, value) {
  const share = (value - scale.low) / (scale.high - scale.low || 1);
  const changes = scale.low < 0 && scale.high === -scale.low && view.change;
  const colours = changes ? view.differences : view.palette.scale;
  const most = colours.length - 1;
  return colours[Math.max(0, Math.min(most, Math.round(most * share)))];
}

// Scripts that can be written from top to bottom stand upright above a column.
const UPRIGHT = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}。、，？！]+$/u;

function widest(pen, labels, upright = false) {
  const size = ({ text }) => (upright && UPRIGHT.test(text) ? text.length * 16 : pen.measureText(text).width);
  return Math.min(MOST_LABEL, Math.max(...labels.map(size)));
}

export function planMatrix(view, part, width, height) {
  const { side } = part;
  const pen = part.canvas.getContext("2d");
  pen.font = `${view.palette.size}px ${view.palette.face}`;
  const left = Math.ceil(widest(pen, side.rows)) + EDGE + 4;
  const top = Math.ceil(widest(pen, side.columns, true)) + EDGE + 4;
  const cell = (room, count) => Math.max(3, Math.min(larger(46), room / count));
  const across = cell(width - left - 2, side.columns.length);
  const down = Math.min(cell(height - top - 2, side.rows.length), Math.max(across, 22));
  return { left, top, across, down, width, height: Math.ceil(top + down * side.rows.length + 2) };
}

export function drawMatrix(view, part) {
  const { side, plan } = part;
  const { palette } = view;
  const place = view.places[part.index];
  const pen = fitCanvas(part.canvas, plan.width, plan.height);
  const values = valuesOf(view, side, place);
  const scale = scaleOf(view, side, place);
  part.scale = scale;
  const columns = side.columns.length;
  values.forEach((value, k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const blank = side.rows[row].hidden || side.columns[column].hidden;
    pen.fillStyle = blank ? palette.wash : colourOf(view, scale, value);
    const [x, y] = [plan.left + column * plan.across, plan.top + row * plan.down];
    pen.fillRect(x, y, plan.across - (plan.across > 8 ? 1 : 0), plan.down - (plan.down > 8 ? 1 : 0));
  });
  drawSigns(view, part, pen, place);
  drawLabels(view, part, pen);
  drawHold(view, part, pen);
}

function drawSigns(view, part, pen, place) {
  const { side, plan } = part;
  const size = Math.min(plan.across, plan.down);
  const other = view.data.sides.length > 1 ? view.parts[1 - part.index] : null;
  const theirs = other ? other.side.words[view.places[other.index]] : null;
  const before = view.change && place > 0 ? side.links[place - 1] : null;
  if (view.gold && view.data.gold && size >= 6) drawGold(view, part, pen);
  side.rows.forEach((row, i) => side.columns.forEach((column, j) => {
    const link = `${row.word}-${column.word}`;
    const [x, y] = [plan.left + j * plan.across, plan.top + i * plan.down];
    const here = side.links[place].has(`${i}-${j}`);
    const [middle, centre] = [x + (plan.across - 1) / 2, y + (plan.down - 1) / 2];
    if (before) {
      const was = before.has(`${i}-${j}`);
      if (here !== was) drawTurn(pen, view.palette, here ? "gained" : "lost", middle, centre, size);
    } else if (here) {
      drawDot(pen, view.palette, view.colours, theirs?.has(link) ? "both" : part.index, middle, centre, size);
    }
  }));
}

// Which labels fit when each needs `needed` pixels; the one that is pointed at always does.
const step = (needed, size) => Math.max(1, Math.ceil(needed / size));

function drawLabels(view, part, pen) {
  const { side, plan } = part;
  const { palette } = view;
  const at = view.hold || view.point;
  const font = (on) => `${on ? 700 : 400} ${palette.size}px ${palette.face}`;
  pen.textBaseline = "middle";
  const write = (label, on, x, y, turned) => {
    if (turned && UPRIGHT.test(label.text)) {
      writeUpright(view, pen, label, on, x, y, font(on));
      return;
    }
    pen.save();
    pen.translate(x, y);
    if (turned) pen.rotate(-Math.PI / 2);
    pen.font = font(on);
    pen.textAlign = turned ? "left" : "right";
    const text = shortened(pen, label.text, MOST_LABEL + 6);
    const wide = pen.measureText(text).width;
    if (on) {
      pen.fillStyle = palette.tint;
      pen.fillRect(turned ? -3 : -wide - 3, -palette.size * 0.7, wide + 6, palette.size * 1.4);
    }
    pen.fillStyle = on ? palette.ink : label.hidden ? palette.faint : palette.ink;
    pen.fillText(text, 0, 1);
    if (label.hidden) pen.fillRect(turned ? 0 : -wide, 0, wide, 1.5);
    pen.restore();
  };
  const sides = [
    [side.rows, plan.down, (k) => [plan.left - EDGE, plan.top + (k + 0.5) * plan.down], false, at?.source],
    [side.columns, plan.across, (k) => [plan.left + (k + 0.5) * plan.across, plan.top - EDGE], true, at?.target],
  ];
  for (const [labels, size, where, turned, word] of sides) {
    const every = step(palette.size + 2, size);
    labels.forEach((label, k) => k % every === 0 && label.word !== word && write(label, false, ...where(k), turned));
    labels.forEach((label, k) => label.word === word && write(label, true, ...where(k), turned));
    joinPieces(view, pen, labels, size, where, turned);
  }
}

// From top to bottom, ending above the cells; only the mark of a long vowel turns with the direction.
function writeUpright(view, pen, label, on, x, y, font) {
  const { palette } = view;
  const letters = Array.from(label.text).slice(0, 6);
  const top = y + 3 - letters.length * 16;
  if (on) {
    pen.fillStyle = palette.tint;
    pen.fillRect(x - palette.size * 0.75, top, palette.size * 1.5, letters.length * 16);
  }
  pen.font = font;
  pen.textAlign = "center";
  pen.fillStyle = label.hidden ? palette.faint : palette.ink;
  letters.forEach((letter, k) => {
    pen.save();
    pen.translate(x, top + (k + 0.5) * 16);
    if (letter === "ー") pen.rotate(Math.PI / 2);
    pen.fillText(letter, 0, 1);
    pen.restore();
  });
}

// A thin line along the pieces of one word.
function joinPieces(view, pen, labels, size, where, turned) {
  pen.fillStyle = view.palette.faint;
  labels.forEach((label, k) => {
    if (k === 0 || labels[k - 1].word !== label.word) return;
    const [x, y] = where(k - 0.5);
    if (turned) pen.fillRect(x - size * 0.7, y + 4, size * 1.4, 1.5);
    else pen.fillRect(x + 4, y - size * 0.7, 1.5, size * 1.4);
  });
}

// First place and end of a word's pieces, or null where it has none.
function spans(labels, word) {
  const first = labels.findIndex((label) => label.word === word);
  return first < 0 ? null : [first, labels.findLastIndex((label) => label.word === word) + 1];
}

// A frame round all pieces of two words that gold links.
function drawGold(view, part, pen) {
  const { side, plan } = part;
  for (const kind of ["possible", "sure"]) {
    for (const link of view.data.gold[kind]) {
      const [source, target] = link.split("-").map(Number);
      const [rows, columns] = [spans(side.rows, source), spans(side.columns, target)];
      if (!rows || !columns) continue;
      const [x, y] = [plan.left + columns[0] * plan.across, plan.top + rows[0] * plan.down];
      const size = [(columns[1] - columns[0]) * plan.across - 1, (rows[1] - rows[0]) * plan.down - 1];
      drawFrame(pen, view.palette, view.colours, kind, x, y, ...size);
    }
  }
}

// The rows and columns of the word that is pointed at.
function drawHold(view, part, pen) {
  const at = view.hold || view.point;
  if (!at) return;
  const { side, plan } = part;
  pen.strokeStyle = view.palette.primary;
  pen.lineWidth = 2;
  const rows = at.source === null ? null : spans(side.rows, at.source);
  const columns = at.target === null ? null : spans(side.columns, at.target);
  const [wide, high] = [plan.across * side.columns.length, plan.down * side.rows.length];
  if (rows) pen.strokeRect(plan.left, plan.top + rows[0] * plan.down, wide - 1, (rows[1] - rows[0]) * plan.down - 1);
  if (columns) pen.strokeRect(plan.left + columns[0] * plan.across, plan.top,
    (columns[1] - columns[0]) * plan.across - 1, high - 1);
}

// The words under a pointer: a cell means both, a label one of them.
export function matrixAt(part, event) {
  const { side, plan } = part;
  const box = part.canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left - plan.left) / plan.across);
  const row = Math.floor((event.clientY - box.top - plan.top) / plan.down);
  const source = side.rows[row]?.word ?? null;
  const target = side.columns[column]?.word ?? null;
  if (source === null && target === null) return null;
  return { source, target };
}
