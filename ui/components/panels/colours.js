// The two scales of the maps, from the colours of the page's theme: one hue from 0 up, or blue - neutral - orange.

const TOP = 256; // even, so that zero falls on the middle of a scale of differences

// Colours 0 to TOP through the given stops, at even steps.
function through(stops) {
  return Array.from({ length: TOP + 1 }, (_, level) => {
    const place = (level / TOP) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    return stops[from].map((part, k) => Math.round(part + (stops[from + 1][k] - part) * (place - from)));
  });
}

function readPalette(element) {
  const style = getComputedStyle(element);
  const get = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const ground = readColour(get("background-color", "white"));
  const ink = readColour(get("text-color", "black"), ground);
  const many = (name, fallback) => get(name, fallback).split(",").map((one) => readColour(one.trim(), ground));
  const up = many("chart-sequential-colors", "#dce9f7,#7aaede,#1a64ad,#06305f");
  const both = many("chart-diverging-colors", "#08417f,#5a94cc,#f0bf92,#7f3d00");
  const half = both.length / 2;
  const mixed = (share) => `rgb(${ground.map((part, k) => Math.round(part + (ink[k] - part) * share)).join(" ")})`;
  return {
    // The page's own ground stands at zero: nothing there, nothing seen.
    weight: through([ground, ...up.slice(1)]),
    difference: through([...both.slice(0, half), ground, ...both.slice(half)]),
    ink: `rgb(${ink.join(" ")})`,
    quiet: mixed(0.66),
    rule: mixed(0.2),
    face: get("code-font", "monospace"),
    plain: get("font", "sans-serif"),
    name: [...ground, ...ink].join(),
  };
}

const colourOf = (palette, scale, value) => {
  const share = (value - scale.low) / (scale.high - scale.low || 1);
  return palette[scale.kind][Math.max(0, Math.min(TOP, Math.round(share * TOP)))];
};
