// Reads a message into grids and steps; knows nothing of drawing.

import { unpack } from "../shared/message.js";

export function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  const grids = new Map(header.grids.map((grid) => [grid.name, { ...grid, values: arrays[grid.name].values }]));
  return { header, grids, steps: header.steps, height: header.height };
}

export const valueAt = (grid, row, column) => grid.values[row * grid.columns.length + column];

const greatestOf = (grid) => grid.values.reduce(
  (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0,
);

// Grids of one unit share the end of their colours.
export function bounds(grids) {
  const most = new Map();
  grids.forEach((grid) => {
    const unit = grid.unit || grid.name;
    most.set(unit, Math.max(most.get(unit) || 0, greatestOf(grid)));
  });
  return (grid) => (grid.shade === "share" ? 1 : most.get(grid.unit || grid.name) || 1);
}

// True minus, no minus zero, and a hidden score as the formula has it.
export function say(value, digits = 2) {
  if (value === -Infinity) return "−∞";
  if (value === Infinity) return "∞";
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? Math.min(1, digits) : digits;
  const text = size >= 1000 ? size.toPrecision(3) : size.toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

// What somebody typed as a number; NaN for everything else.
export function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}
