// Colours on a picture: scales from nothing to much.

import { upTo } from "./decode.js";
import { ramp } from "../shared/colour.js";

const FIRE = ramp([[0, 0, 4], [51, 10, 95], [120, 28, 109], [187, 55, 84], [237, 105, 37], [252, 181, 25], [252, 255, 164]], 256);

// The root keeps small weights apart, as on the pages about text.
export const shareOf = (value, top) => Math.sqrt(Math.min(1, Math.max(0, value / top)));

// Red, green, blue, opacity (0 to 255) of a share of the scale.
export function tintOf(palette, look, share) {
  if (look.scale === "spotlight") return [0, 0, 0, Math.round(255 * look.opacity * (1 - share))];
  // Where little falls the picture stays to be seen.
  const colours = look.scale === "page" ? palette.weight : FIRE;
  const most = colours.length - 1;
  return [...colours[Math.max(0, Math.min(most, Math.round(share * most)))], Math.round(255 * look.opacity * (0.85 + 0.15 * share))];
}

// The value from which on all is brightest: the greatest of those that are left when the largest few are cut off.
export function topOf(values, clip) {
  if (clip >= 100) return Math.max(...values) || 1;
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((clip / 100) * sorted.length) - 1)] || sorted[sorted.length - 1] || 1;
}

// True for the fewest patches that together hold this share of what falls on patches.
export function largest(values, share) {
  if (share >= 1) return null;
  const order = upTo(values.length).sort((one, other) => values[other] - values[one]);
  const wanted = share * values.reduce((sum, value) => sum + value, 0);
  const kept = new Uint8Array(values.length);
  let sum = 0;
  for (const place of order) {
    if (sum >= wanted * (1 - 1e-6)) break;
    kept[place] = 1;
    sum += values[place];
  }
  return kept;
}
