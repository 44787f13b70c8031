// A picture in the colours of print, whatever the screen's are: views draw in the light theme, all else is turned over.

import { partsFor } from "./snapshot_file.js";
import { css, fromOklab, toOklab } from "../shared/colour.js";
import { ROOM_CHANGED } from "../shared/room.js";

const GROUND = "#ffffff";
const INK = "#14181f";
const GREY = 0.05; // chroma up to which a colour is a grey
const DEEPEST = 0.6; // lightness that colours have at most on white

const app = () => document.querySelector("[data-testid='stApp']");

// Red, green, blue in 0..255 and opacity of a colour.
function parted(colour) {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, seen] = pen.getImageData(0, 0, 1, 1).data;
  return [[red, green, blue], seen / 255];
}

export const isDark = () => toOklab(parted(getComputedStyle(app()).backgroundColor)[0])[0] < 0.6;

// Does something while all views are drawn in the light theme.
export async function onPaper(act) {
  if (!isDark()) return act();
  const { theme } = await partsFor([]);
  const values = theme.light.split(/;\s*/).filter(Boolean).map((one) => [one.slice(0, one.indexOf(":")), one.slice(one.indexOf(":") + 1).trim()]);
  const roots = [...globalThis.gazeShown?.values() ?? []].map(({ view }) => view.root);
  const turn = (change) => {
    roots.forEach((root) => values.forEach(([name, value]) => change(root.style, name, value)));
    window.dispatchEvent(new Event(ROOM_CHANGED));
  };
  turn((style, name, value) => style.setProperty(name, value));
  try {
    return await act();
  } finally {
    turn((style, name) => style.removeProperty(name));
  }
}

// What was gathered, with the colours of Streamlit's own parts turned over.
export function printed(gathered) {
  const [low] = toOklab(parted(gathered.ground)[0]);
  const [high] = toOklab(parted(gathered.ink)[0]);
  const known = new Map();
  const turned = (colour) => {
    if (!colour) return colour;
    if (!known.has(colour)) known.set(colour, onWhite(colour, low, high));
    return known.get(colour);
  };
  const items = gathered.items.map((item) => (item.own ? item : { ...item, fill: turned(item.fill), stroke: turned(item.stroke) }));
  return { ...gathered, items, ground: GROUND, ink: INK, quiet: INK };
}

function onWhite(colour, low, high) {
  const [rgb, opacity] = parted(colour);
  const [lightness, a, b] = toOklab(rgb);
  const part = Math.min(1, Math.max(0, (lightness - low) / (high - low)));
  const [ink] = toOklab(parted(INK)[0]);
  const found = Math.hypot(a, b) <= GREY ? [1 + (ink - 1) * part, 0, 0] : [Math.min(lightness, DEEPEST), a, b];
  return opacity === 1 ? css(fromOklab(found)) : css(fromOklab(found)).replace("rgb(", "rgba(").replace(")", `, ${opacity.toFixed(3)})`);
}
