// Which heads give what is held: an edge, a block of them, a word's own row, a column that all rows share, or several of these.

import { isFine, mapNumber } from "./decode.js";
import { percent, quoted } from "./facts.js";
import { range } from "./held.js";
import { layerName, shortName } from "./names.js";

const GIVEN_BY = 0.1; // of a row: from here on a head counts as one that gives the edge

const cellOf = (place, block) => Math.floor(place / block);

export const isBlock = (held) => held?.endRow !== undefined;

// The cells between two corners, both among them, as one that is held: {row, column} alone, or with the ends behind it.
export function blockOf(one, other) {
  const [row, lastRow] = [Math.min(one.row, other.row), Math.max(one.row, other.row)];
  const [column, lastColumn] = [Math.min(one.column, other.column), Math.max(one.column, other.column)];
  if (row === lastRow && column === lastColumn) return { row, column };
  return { row, column, endRow: lastRow + 1, endColumn: lastColumn + 1 };
}

// How much a head gives one that is held, 0 to 1: the edge's weight, what a row of a block gives all its columns on average,
// the greatest of a row, the mean of a column.
function givenOne(kind, layer, head, held) {
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

// How much a head gives all that is held, on average over them.
export const givenBy = (kind, layer, head, held) =>
  held.reduce((sum, one) => sum + givenOne(kind, layer, head, one), 0) / held.length;

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

const isEdge = ({ row, column }) => row !== null && column !== null;

export function orderTitle(held) {
  if (held.length > 1) return `by the ${held.length} held, on average`;
  const [one] = held;
  if (isBlock(one)) return "by this block";
  if (isEdge(one)) return "by this cell";
  return one.row !== null ? "by this row's greatest weight" : "by this column";
}

// "“it” (9) → “cat” (2): most in head 4.5, 71 %; 5 of 72 heads give 10 % or more. Most by layer: 1: 12 % ..."
export function edgeSentence(kind, held) {
  const heads = headsByEdge(kind, held);
  const [best] = heads;
  const count = heads.filter(({ value }) => value >= GIVEN_BY).length;
  const about = kind.approximate ? "about " : "";
  const more = edgeByLayer(kind, held).map((value, layer) => `${layerName(kind, layer)}: ${percent(value, 2)}`).join(", ");
  const what = held.length > 1 ? whatTheyAre(held) : whatItIs(kind, held[0]);
  const [head, share] = [shortName(kind, best.layer, best.head), `${about}${percent(best.value, 2)}`];
  const said = `${what}: most in head ${head}, ${share}; ${count} of ${heads.length} heads give 10\u00a0% or more.`;
  const inLayers = `The most in each layer: ${more}.`;
  return `${said} ${inLayers}`;
}

function whatItIs(kind, held) {
  const run = (tokens, first, end) => (end - first > 1 ? `${quoted(tokens[first])} to ${quoted(tokens[end - 1])}` : quoted(tokens[first]));
  if (isBlock(held)) return `${run(kind.rows, held.row, held.endRow)} → ${run(kind.columns, held.column, held.endColumn)}, a row on average`;
  if (isEdge(held)) return `${quoted(kind.rows[held.row])} → ${quoted(kind.columns[held.column])}`;
  if (held.row !== null) return `The greatest weight that ${quoted(kind.rows[held.row])} gives`;
  return `What ${quoted(kind.columns[held.column])} receives on average`;
}

function whatTheyAre(held) {
  if (held.every(isEdge)) return `The ${held.length} cells held, on average`;
  if (held.every(({ column }) => column === null)) return `The greatest weight that each of the ${held.length} words held gives, on average`;
  return `The ${held.length} places held, on average over them`;
}
