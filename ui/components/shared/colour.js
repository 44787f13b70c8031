// Colours as numbers: scales that read evenly, ramps through given stops, twelve categories.

// OKLab (Ottosson 2020): equal steps look equal, so a scale built in it reads evenly.
export function toOklab(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const x = part / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function fromOklab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((x) => {
    const part = x <= 0.0031308 ? 12.92 * x : 1.055 * Math.max(x, 0) ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(1, Math.max(0, part)) * 255);
  });
}

function fromHue(lightness, chroma, degrees) {
  const angle = (degrees * Math.PI) / 180;
  return fromOklab([lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]);
}

export const css = (rgb) => `rgb(${rgb.join(" ")})`;
// Whether dark letters are read on it.
export const isLight = (rgb) => toOklab(rgb)[0] > 0.62;
export const between = (from, to, share) => from.map((part, k) => Math.round(part + (to[k] - part) * share));

// Level 0..255 (the root of the weight) to colour: from the ground to a strong end of the primary hue.
export function weightScale(ground, primary, dark) {
  const start = toOklab(ground);
  const [, a, b] = toOklab(primary);
  const chroma = Math.hypot(a, b);
  const hue = chroma > 0.03 ? Math.atan2(b, a) : (255 * Math.PI) / 180;
  const end = dark ? 0.93 : 0.33;
  return Array.from({ length: 256 }, (_, level) => {
    const t = level / 255;
    const lightness = start[0] + (end - start[0]) * t;
    // Colour is fullest in the middle: both ends of the lightness axis hold little of it.
    const full = 0.15 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.62 * t)) * Math.min(1, t * 2.2);
    const tint = [start[1] * (1 - t) + full * Math.cos(hue), start[2] * (1 - t) + full * Math.sin(hue)];
    return fromOklab([lightness, ...tint]);
  });
}

// Where the theme brings no twelve of its own: twelve hues, each with its own lightness, so that they differ without colour too; neighbours differ most.
const CATEGORIES = [
  [255, 0.14, 0.3], [60, 0.15, 0.72], [165, 0.11, 0.5], [345, 0.17, 0.62], [100, 0.13, 0.92], [300, 0.16, 0.15],
  [220, 0.1, 0.82], [28, 0.18, 0.4], [135, 0.15, 0.66], [275, 0.12, 0.56], [45, 0.09, 0.2], [0, 0.08, 0.86],
];

export function categories(dark, own) {
  if (own.length >= 12) return own.slice(0, 12);
  const [low, high] = dark ? [0.5, 0.93] : [0.36, 0.76];
  return CATEGORIES.map(([hue, chroma, place]) => css(fromHue(low + (high - low) * place, chroma, hue)));
}

// So many colours through the given stops, at even steps.
export function ramp(stops, count) {
  return Array.from({ length: count }, (_, level) => {
    const place = (level / (count - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    return between(stops[from], stops[from + 1], place - from);
  });
}

// The root keeps small weights apart.
export const levelOf = (weight) => Math.min(255, Math.round(Math.sqrt(Math.max(0, weight)) * 255));
