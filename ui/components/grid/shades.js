// Colours of cells: blue, neutral, orange for signed numbers, one hue for shares; the ink that can be read on them.

import { css, isLight } from "../shared/colour.js";
import { TOP } from "../shared/palette.js";

// The palette with the colours of signed numbers; their middle is the page itself, so that nothing looks like nothing.
export function shades(palette) {
  return { ...palette, signed: palette.difference.map(css), signedLight: palette.difference.map(isLight) };
}

// Root scale on both sides: small numbers stay visible beside a large one.
export function shadeOf(palette, grid, value, bound) {
  if (!Number.isFinite(value)) return [palette.wash, palette.dark];
  const part = Math.sqrt(Math.min(1, Math.abs(value) / bound));
  const level = grid.shade === "share" ? Math.round(255 * part) : Math.round((TOP / 2) * (1 + part * Math.sign(value)));
  const { scale, light: bright, signed, signedLight } = palette;
  const [colours, light] = grid.shade === "share" ? [scale, bright] : [signed, signedLight];
  return [colours[level], !light[level]];
}
