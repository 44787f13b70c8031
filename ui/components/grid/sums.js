// How the chosen cell came about, written out with its numbers, and which cells of which grids took part.

import { say, valueAt } from "./decode.js";
import { visible } from "../shared/text.js";

const MOST_TERMS = 10;
const labelOf = (label) => visible(label);
const placeOf = (grid, row, column) => `[${labelOf(grid.rows[row])}, ${labelOf(grid.columns[column])}]`;
export const nameCell = (grid, row, column) => `${grid.name}${placeOf(grid, row, column)}`;

// Regions to mark: {grid, row, column}; null means the whole of that axis.
export function marksOf(view) {
  const { rule } = view.steps[view.step];
  const { grid: name, row, column } = view.cell;
  if (!rule) return [];
  const [left, right, bias] = rule.of;
  if (name === rule.result) {
    if (rule.kind === "product") {
      const biases = bias ? [{ grid: bias, row: 0, column }] : [];
      return [{ grid: left, row, column: null }, { grid: right, row: null, column }, ...biases];
    }
    if (rule.kind === "softmax") return [{ grid: left, row, column: null }];
    if (rule.kind === "copy") return copied(view, rule, row, column);
    return rule.of.map((grid) => ({ grid, row, column }));
  }
  const result = { grid: rule.result };
  if (rule.kind === "product" && name === left) {
    return [{ ...result, row, column: null }, { grid: right, row: column, column: null }];
  }
  if (rule.kind === "product" && name === right) {
    return [{ ...result, row: null, column }, { grid: left, row: null, column: row }];
  }
  if (rule.kind === "product") return [{ ...result, row: null, column }];
  if (rule.kind === "softmax") return [{ ...result, row, column: null }];
  if (rule.kind === "copy") {
    const earlier = rule.of.slice(0, rule.of.indexOf(name));
    const before = earlier.reduce((sum, one) => sum + view.grids.get(one).columns.length, 0);
    return rule.of.includes(name) ? [{ ...result, row, column: before + column }] : [];
  }
  return rule.of.includes(name) ? [{ ...result, row, column }] : [];
}

// Grids side by side: which one a column of the result came from.
function copied(view, rule, row, column) {
  let at = column;
  for (const name of rule.of) {
    const { length } = view.grids.get(name).columns;
    if (at < length) return [{ grid: name, row, column: at }];
    at -= length;
  }
  return [];
}

// The sentence as parts: plain text, {strong} text, or a {symbol}.
export function written(view) {
  const grid = view.grids.get(view.cell.grid);
  const { row, column } = view.cell;
  const value = valueAt(grid, row, column);
  const head = [{ symbol: grid.name }, { strong: placeOf(grid, row, column) }];
  const { rule } = view.steps[view.step];
  const end = { strong: say(value, 3) };
  if (!rule || rule.result !== grid.name) {
    const hints = { number: ": press Enter or type to change it", switch: ": press Enter to switch it" };
    const hint = hints[grid.edit] || "";
    return [...head, " = ", end, hint];
  }
  const ways = { product: sumOf, softmax: shareOf, scale: quotientOf, add: totalOf, copy: sourceOf };
  const parts = ways[rule.kind](view, rule, row, column);
  return [...head, " = ", ...parts, " = ", end];
}

function sumOf(view, { of: [leftName, rightName, biasName] }, row, column) {
  const left = view.grids.get(leftName);
  const right = view.grids.get(rightName);
  const count = left.columns.length;
  const times = (k) => valueAt(left, row, k) * valueAt(right, k, column);
  const terms = Array.from({ length: count }, (_, k) => ({ k, value: times(k) }));
  const large = [...terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5);
  const shown = count <= MOST_TERMS ? terms : large;
  const factors = ({ k }) => `${bracket(valueAt(left, row, k))}·${bracket(valueAt(right, k, column))}`;
  const parts = [shown.map(factors).join(" + ")];
  if (shown.length < count) {
    const kept = new Set(shown.map(({ k }) => k));
    const rest = terms.reduce((sum, { k, value }) => (kept.has(k) ? sum : sum + value), 0);
    parts.push(` + ${bracket(rest)} (the other ${count - shown.length} products)`);
  }
  if (biasName) parts.push(` + ${bracket(valueAt(view.grids.get(biasName), 0, column))} (bias)`);
  return parts;
}

const bracket = (value) => (value < 0 && say(value) !== "0.00" ? `(${say(value)})` : say(value));

function shareOf(view, { of: [name] }, row, column) {
  const grid = view.grids.get(name);
  const order = [...grid.columns.keys()];
  const large = [...order].sort((a, b) => valueAt(grid, row, b) - valueAt(grid, row, a)).slice(0, 5);
  const shown = order.length <= MOST_TERMS ? order : large;
  const power = (k) => ({ symbol: `e^{${say(valueAt(grid, row, k))}}`, light: true });
  const rest = shown.length < grid.columns.length ? " + …" : "";
  return [power(column), " ÷ (", ...shown.flatMap((k, place) => (place ? [" + ", power(k)] : [power(k)])), `${rest})`];
}

const numberOf = (view, name, row, column) => bracket(valueAt(view.grids.get(name), row, column));

const quotientOf = (view, { of: [name], written: text }, row, column) => [
  `${numberOf(view, name, row, column)} ÷ ${text}`,
];

const totalOf = (view, { of }, row, column) => [
  of.map((name) => numberOf(view, name, row, column)).join(" + "),
];

function sourceOf(view, rule, row, column) {
  const [from] = copied(view, rule, row, column);
  return [{ symbol: from.grid, light: true }, placeOf(view.grids.get(from.grid), from.row, from.column)];
}
