// What the theme of the page says of colours and letters, read once for each theme: all drawings take theirs from here.

import { between, categories, css, isLight, ramp, toOklab, weightScale } from "./colour.js";

export const TOP = 256; // even, so that zero falls on the middle of a scale of differences

// Red, green, blue in 0..255 of any CSS colour, laid over an opaque ground.
function readColour(text, ground = [255, 255, 255]) {
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = pixel.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = `rgb(${ground.join(" ")})`;
  pen.fillRect(0, 0, 1, 1);
  pen.fillStyle = text;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// scale: 256 colours of one hue for the root of a weight. weight: TOP + 1 colours from the page's own ground up.
// difference: as many from blue over the ground to orange; gain: the same turned round. The other colours are written as CSS has them.
export function readPalette(element) {
  const style = getComputedStyle(element);
  const get = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const ground = readColour(get("background-color", "white"));
  const ink = readColour(get("text-color", "black"), ground);
  const primary = readColour(get("primary-color", "rgb(40 90 200)"), ground);
  const list = (name, fallback) => get(name, fallback).split(",").map((colour) => colour.trim());
  const stops = (name, fallback) => list(name, fallback).map((colour) => readColour(colour, ground));
  const up = stops("chart-sequential-colors", "#dce9f7,#7aaede,#1a64ad,#06305f");
  const both = stops("chart-diverging-colors", "#08417f,#5a94cc,#f0bf92,#7f3d00");
  const dark = toOklab(ground)[0] < 0.6;
  const scale = weightScale(ground, primary, dark);
  const pixels = (name, usual) => parseFloat(style.getPropertyValue(`--gaze-${name}`)) || usual;
  const difference = ramp([...both.slice(0, both.length / 2), ground, ...both.slice(both.length / 2)], TOP + 1);
  const size = pixels("token", Math.max(14, Math.round(0.875 * (parseFloat(get("base-font-size", "16px")) || 16))));
  return {
    dark,
    scale: scale.map(css),
    levels: Uint32Array.from(scale, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0),
    light: scale.map(isLight),
    weight: ramp([ground, ...up.slice(1)], TOP + 1),
    difference,
    gain: [...difference].reverse(),
    ground: css(ground),
    ink: css(ink),
    quiet: css(between(ground, ink, 0.66)),
    faint: css(between(ground, ink, 0.38)),
    rule: css(between(ground, ink, 0.18)),
    wash: css(between(ground, ink, 0.05)),
    primary: css(primary),
    tint: css(between(ground, primary, 0.14)),
    orange: get("orange-color", dark ? "#ffab5c" : "#b85c00"),
    violet: get("violet-color", dark ? "#b79cff" : "#6f42c1"),
    green: get("green-color", dark ? "#6fd39b" : "#1b7f4b"),
    categories: categories(dark, list("chart-categorical-colors", "")),
    face: get("code-font", "monospace"),
    plain: get("font", "sans-serif"),
    size, // of tokens, in pixels; text: of other words; small: of indices
    text: pixels("text", 15),
    small: pixels("index", 13),
    name: [...ground, ...ink, ...primary, size].join(),
  };
}
