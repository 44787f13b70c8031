// The colour of a number on its scale: one hue from 0 up, or blue - neutral - orange.

import { TOP } from "../shared/palette.js";

export const colourOf = (palette, scale, value) => {
  const share = (value - scale.low) / (scale.high - scale.low || 1);
  return palette[scale.kind][Math.max(0, Math.min(TOP, Math.round(share * TOP)))];
};
