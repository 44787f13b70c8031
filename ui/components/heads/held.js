// What is held: a set of words, cells and blocks of one map; how it grows and shrinks, and what its numbers add up.

import { columnOf, rowOf } from "./decode.js";
import { percent, quoted } from "./facts.js";

export const MOST_HELD = 12;

export const range = (first, end) => Array.from({ length: end - first }, (_, at) => first + at);
const isWord = ({ row, column }) => (row === null) !== (column === null);
const isSameHeld = (one, other) => ["row", "column", "endRow", "endColumn"].every((name) => one[name] === other[name]);

// With what was found taken in, or let go where it is held already; the same set where it is full, or nothing was found.
export function heldAfter(held, found) {
  if (!found) return held;
  if (held.some((one) => isSameHeld(one, found))) return held.filter((one) => !isSameHeld(one, found));
  return held.length < MOST_HELD ? [...held, found] : held;
}

// As above, between two sides: to one word that is held alone, one on the other side is joined to an edge; either word of
// an edge lets go of that end.
export function heldWith(held, found) {
  if (!found) return held;
  const at = held.findIndex((one) => !isWord(one) && one.endRow === undefined
    && (found.row === null ? one.column === found.column : one.row === found.row));
  const left = at >= 0 && { row: found.row === null ? held[at].row : null, column: found.column === null ? held[at].column : null };
  if (left) return heldAfter(held.filter((one, place) => place !== at && !isSameHeld(one, left)), left);
  const [alone] = held;
  if (held.length !== 1 || !isWord(alone) || (alone.row === null) === (found.row === null)) return heldAfter(held, found);
  return [{ row: alone.row ?? found.row, column: alone.column ?? found.column }];
}

// What the pictures are about: all that is held, else what is pointed at.
export const placesShown = (view) => (view.locks.length ? view.locks : [view.hover].filter(Boolean));

// Whether rows and columns are the same tokens: then a word is asked both ways.
export const isOneText = (kind) => kind.kind !== "cross" && kind.rows.length === kind.columns.length;

// rows: the queries whose attention is shown; columns: the keys of which is shown who looks at them; marked: labels that
// stand out on either side. A word of one text is among both.
export function askedOf(kind, places) {
  const [rows, columns] = [new Set(), new Set()];
  const marked = { row: new Set(), column: new Set() };
  places.forEach((one) => {
    const both = isOneText(kind) && isWord(one) ? one.row ?? one.column : null;
    const down = one.row === null ? [] : range(one.row, one.endRow ?? one.row + 1);
    const across = one.column === null ? [] : range(one.column, one.endColumn ?? one.column + 1);
    [...down, both].forEach((row) => row !== null && rows.add(row));
    if (isWord(one)) [...across, both].forEach((column) => column !== null && columns.add(column));
    down.forEach((row) => marked.row.add(row));
    across.forEach((column) => marked.column.add(column));
    if (both !== null) [marked.row, marked.column].forEach((side) => side.add(both));
  });
  return { rows, columns, marked };
}

// What these rows give each key, on average over the rows: a share of all that they give.
export function givenTogether(weights, rows, count) {
  const mean = new Float32Array(count);
  rows.forEach((row) => rowOf(weights, row, count).forEach((value, at) => { mean[at] += value / rows.size; }));
  return mean;
}

// What each query gives these columns together: a share of its row.
export function takenTogether(weights, columns, count) {
  const sum = new Float32Array(count);
  columns.forEach((column) => columnOf(weights, column, count).forEach((value, at) => { sum[at] += value; }));
  return sum;
}

// "“cat” (2), “it” (9) → “cat” (2)"
export function namesHeld(kind, held) {
  const run = (tokens, first, end) => (end - first > 1 ? `${quoted(tokens[first])} – ${quoted(tokens[end - 1])}` : quoted(tokens[first]));
  const names = held.map(({ row, column, endRow = row + 1, endColumn = column + 1 }) => [
    ...(row === null ? [] : [run(kind.rows, row, endRow)]), ...(column === null ? [] : [run(kind.columns, column, endColumn)]),
  ].join(" → "));
  return [...new Set(names)].join(", ");
}

const bySize = (values) => Array.from(values.keys()).sort((one, other) => values[other] - values[one]);

// "What you see" of several at once, from the numbers of one head; where words are held, what is added up.
export function heldSentence(kind, weights, held) {
  const about = (share) => (weights.exact ? share : `about ${share}`);
  const { rows, columns } = askedOf(kind, held);
  const parts = [];
  if (rows.size) {
    const given = givenTogether(weights, rows, kind.columns.length);
    const [first, second] = bySize(given);
    const most = about(percent(given[first], 2));
    const best = quoted(kind.columns[first]);
    parts.push(second === undefined ? `On average over the ${rows.size} words held, ${most} goes to ${best}.`
      : `On average over the ${rows.size} words held, ${most} goes to ${best}, then ${percent(given[second], 2)} to ${quoted(kind.columns[second])}.`);
  }
  if (columns.size) {
    const taken = takenTogether(weights, columns, kind.rows.length);
    const [first] = bySize(taken);
    const mean = about(percent(taken.reduce((sum, value) => sum + value, 0) / taken.length, 2));
    parts.push(`The ${columns.size} words held together receive ${mean} of a row, most from ${quoted(kind.rows[first])}: ${percent(taken[first], 2)}.`);
  }
  return parts.join(" ");
}
