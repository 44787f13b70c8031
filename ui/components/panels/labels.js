// What stands along the edges of a map: words that thin out before they touch, or round numbers.

import { shortened } from "../shared/text.js";

export const MOST_NAME = 92; // pixels of a name before it is cut
export const MOST_WIDE = 190; // where the map may be wider than high

// Which of `count` places get a label when each needs `needed` pixels out of `length`.
export function thinned(count, length, needed) {
  const most = Math.max(1, Math.floor(length / needed));
  const raw = Math.max(1, Math.ceil(count / most));
  const step = raw <= 1 ? 1 : [2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((one) => one >= raw) || raw;
  return Array.from({ length: Math.ceil(count / step) }, (_, k) => k * step);
}

export function nameOf(names, index) {
  return names.length ? names[index] ?? "" : String(index);
}

export function widest(pen, names, count, most = MOST_NAME) {
  if (!names.length) return pen.measureText(String(count - 1)).width;
  return Math.max(...names.map((one) => pen.measureText(shortened(pen, one, most)).width));
}

export function format(value) {
  const size = Math.abs(value);
  if (size < 5e-7) return "0";
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(2) : size >= 0.001 ? value.toFixed(3) : value.toExponential(1);
}
