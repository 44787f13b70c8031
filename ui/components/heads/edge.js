// Which heads give what is held: one edge, a block of them, a word's own row, or a column that all rows share.

import { isFine, mapNumber } from "./decode.js";
import { percent, quoted } from "./facts.js";
import { layerName, shortName } from "./names.js";

const GIVEN_BY = 0.1; // of a row: from here on a head counts as one that gives the edge

// A second word on the other side, held beside the first, makes an edge of the two; the same one lets go.
export function heldWith(before, found) {
  if (!found || !before) return found;
  if (found.row === before.row && found.column === before.column) return null;
  if (before.row !== null && before.column === null && found.row === null) return { row: before.row, column: found.column };
  if (before.column !== null && before.row === null && found.column === null) return { row: found.row, column: before.column };
  return found;
}

const cellOf = (place, block) => Math.floor(place / block);

export const isBlock = (held) => held?.endRow !== undefined;

// The cells between two corners, both among them, as one that is held: {row, column} alone, or with the ends behind it.
export function blockOf(one, other) {
  const [row, lastRow] = [Math.min(one.row, other.row), Math.max(one.row, other.row)];
  const [column, lastColumn] = [Math.min(one.column, other.column), Math.max(one.column, other.column)];
  if (row === lastRow && column === lastColumn) return { row, column };
  return { row, column, endRow: lastRow + 1, endColumn: lastColumn + 1 };
}

const range = (first, end) => Array.from({ length: end - first }, (_, at) => first + at);

// How much a head gives what is held, 0 to 1: the edge's weight, what a row of a block gives all its columns on average,
// the greatest of a row, the mean of a column.
export function givenBy(kind, layer, head, held) {
  const start = mapNumber(kind, layer, head) * kind.size;
  const [rows, columns] = kind.cells;
  const weight = (row, column) => {
    const code = kind.codes[start + row * columns + column];
    return isFine(kind.codes) ? code / 65535 : (code / 255) ** 2;
  };
  if (isBlock(held)) {
    const given = range(held.row, held.endRow).map((at) => range(held.column, held.endColumn).reduce((sum, to) => sum + weight(at, to), 0));
    return given.reduce((sum, one) => sum + one, 0) / given.length;
  }
  const row = held.row === null ? null : cellOf(held.row, kind.block[0]);
  const column = held.column === null ? null : cellOf(held.column, kind.block[1]);
  if (row !== null && column !== null) return weight(row, column);
  if (row !== null) return Math.max(...Array.from({ length: columns }, (_, at) => weight(row, at)));
  return Array.from({ length: rows }, (_, at) => weight(at, column)).reduce((sum, one) => sum + one, 0) / rows;
}

// All heads, those that give most first.
export function headsByEdge(kind, held) {
  const heads = [];
  for (let layer = 0; layer < kind.layers; layer += 1) {
    for (let head = 0; head < kind.heads; head += 1) {
      const value = givenBy(kind, layer, head, held);
      heads.push({ layer, head, value, note: percent(value, 2) });
    }
  }
  return heads.sort((one, other) => other.value - one.value);
}

// The greatest weight in each layer, from the first up.
export function edgeByLayer(kind, held) {
  const most = new Array(kind.layers).fill(0);
  headsByEdge(kind, held).forEach(({ layer, value }) => { most[layer] = Math.max(most[layer], value); });
  return most;
}

export function orderTitle(held) {
  if (isBlock(held)) return "by this block";
  if (held.row !== null && held.column !== null) return "by this cell";
  return held.row !== null ? "by this row's greatest weight" : "by this column";
}

// "“it” (9) → “cat” (2): most in head 4.5, 71 %; 5 of 72 heads give 10 % or more. Most by layer: 1: 12 % ..."
export function edgeSentence(kind, held) {
  const heads = headsByEdge(kind, held);
  const [best] = heads;
  const count = heads.filter(({ value }) => value >= GIVEN_BY).length;
  const edge = held.row !== null && held.column !== null;
  const run = (tokens, first, end) => (end - first > 1 ? `${quoted(tokens[first])} to ${quoted(tokens[end - 1])}` : quoted(tokens[first]));
  const what = isBlock(held) ? `${run(kind.rows, held.row, held.endRow)} → ${run(kind.columns, held.column, held.endColumn)}, a row on average`
    : edge ? `${quoted(kind.rows[held.row])} → ${quoted(kind.columns[held.column])}`
    : held.row !== null ? `The greatest weight that ${quoted(kind.rows[held.row])} gives`
      : `What ${quoted(kind.columns[held.column])} receives on average`;
  const about = kind.approximate ? "about " : "";
  const layers = edgeByLayer(kind, held).map((value, layer) => `${layerName(kind, layer)}: ${percent(value, 2)}`);
  return `${what}: most in head ${shortName(kind, best.layer, best.head)}, ${about}${percent(best.value, 2)}; ${count} of `
    + `${heads.length} heads give 10\u00a0% or more. The most in each layer: ${layers.join(", ")}.`;
}
