// Colours on a picture: scales from nothing to much, and what the page's theme says.

const LEVELS = 256;
const FIRE = ["#000004", "#330a5f", "#781c6d", "#bb3754", "#ed6925", "#fcb519", "#fcffa4"];

function through(stops) {
  return upTo(LEVELS).map((level) => {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    return stops[from].map((part, k) => Math.round(part + (stops[from + 1][k] - part) * (place - from)));
  });
}

function readPalette(element) {
  const style = getComputedStyle(element);
  const get = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const ground = readColour(get("background-color", "white"));
  const ink = readColour(get("text-color", "black"), ground);
  const primary = readColour(get("primary-color", "#0b5cad"), ground);
  const up = get("chart-sequential-colors", "#dce9f7,#7aaede,#1a64ad,#06305f").split(",");
  const mixed = (share) => `rgb(${ground.map((part, k) => Math.round(part + (ink[k] - part) * share)).join(" ")})`;
  return {
    fire: through(FIRE.map((one) => readColour(one))),
    page: through([ground, ...up.slice(1).map((one) => readColour(one.trim(), ground))]),
    ground: `rgb(${ground.join(" ")})`,
    ink: `rgb(${ink.join(" ")})`,
    primary: `rgb(${primary.join(" ")})`,
    quiet: mixed(0.66),
    rule: mixed(0.18),
    plain: get("font", "sans-serif"),
    face: get("code-font", "monospace"),
    name: [...ground, ...ink, ...primary].join(),
  };
}

// The root keeps small weights apart, as on the pages about text.
const shareOf = (value, top) => Math.sqrt(Math.min(1, Math.max(0, value / top)));

// Red, green, blue, opacity (0 to 255) of a share of the scale.
function tintOf(palette, look, share) {
  const level = Math.max(0, Math.min(LEVELS - 1, Math.round(share * (LEVELS - 1))));
  if (look.scale === "spotlight") return [0, 0, 0, Math.round(255 * look.opacity * (1 - share))];
  // Where little falls the picture stays to be seen.
  return [...palette[look.scale][level], Math.round(255 * look.opacity * (0.85 + 0.15 * share))];
}

// The value from which on all is brightest: the greatest of those that are left when the largest few are cut off.
function topOf(values, clip) {
  if (clip >= 100) return Math.max(...values) || 1;
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((clip / 100) * sorted.length) - 1)] || sorted[sorted.length - 1] || 1;
}

// True for the fewest patches that together hold this share of what falls on patches.
function largest(values, share) {
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
