// Colours of cells: blue, neutral, orange for signed numbers, one hue for shares; the ink that can be read on them.

const SIGNED = ["#08417f", "#5a94cc", "#dce8f3", "#f6e6d8", "#df8f4a", "#7f3d00"];

function shades(element) {
  const palette = readPalette(element);
  const listed = getComputedStyle(element).getPropertyValue("--st-chart-diverging-colors");
  const own = listed.split(",").map((one) => one.trim()).filter(Boolean);
  const ends = (own.length > 3 ? own : SIGNED).map((one) => readColour(one));
  const ground = readColour(palette.ground);
  // The middle is the page itself, so that nothing looks like nothing.
  const half = ends.length / 2;
  const stops = [...ends.slice(0, Math.floor(half)), ground, ...ends.slice(Math.ceil(half))];
  const signed = Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (stops.length - 1);
    const first = Math.min(stops.length - 2, Math.floor(place));
    return between(stops[first], stops[first + 1], place - first);
  });
  return { ...palette, signed: signed.map(css), signedLight: signed.map((rgb) => toOklab(rgb)[0] > 0.62) };
}

// Root scale on both sides: small numbers stay visible beside a large one.
function shadeOf(palette, grid, value, bound) {
  if (!Number.isFinite(value)) return [palette.wash, palette.dark];
  const part = Math.sqrt(Math.min(1, Math.abs(value) / bound));
  const level = grid.shade === "share" ? Math.round(255 * part) : Math.round(127.5 + 127.5 * part * Math.sign(value));
  const { scale, light: bright, signed, signedLight } = palette;
  const [colours, light] = grid.shade === "share" ? [scale, bright] : [signed, signedLight];
  return [colours[level], !light[level]];
}
