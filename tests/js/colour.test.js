// Scales and palettes: ends, middle and order, by pencil and by OKLab's published values.
import assert from "node:assert/strict";
import test from "node:test";
import { shadeOf, shades } from "../../ui/components/grid/shades.js";
import { colourOf as markColour } from "../../ui/components/points/marks.js";
import { colourOf as changeColour } from "../../ui/components/pair/matrix.js";
import { colourOf } from "../../ui/components/panels/colours.js";
import { between, categories, isLight, levelOf, ramp, toOklab, weightScale } from "../../ui/components/shared/colour.js";
import { TOP, readPalette } from "../../ui/components/shared/palette.js";
import { near, theme } from "./frames.js";

const BLUE = [10, 20, 200];
const ORANGE = [200, 90, 0];

function page() {
  theme({
    "background-color": "#ffffff", "text-color": "#000000", "primary-color": "#0b5cad",
    "chart-diverging-colors": "#0a14c8, #6478e6, #e6b478, #c85a00",
    "chart-sequential-colors": "#eeeeee, #7aaede, #06305f",
    "chart-categorical-colors": "#111111, #222222",
    "orange-color": "#c85a00",
  });
  return readPalette({});
}

test("OKLab of white, black and red", () => {
  near(assert, toOklab([255, 255, 255]), [1, 0, 0], 1e-4);
  near(assert, toOklab([0, 0, 0]), [0, 0, 0], 1e-4);
  near(assert, toOklab([255, 0, 0]), [0.62796, 0.22486, 0.12585], 1e-4);
  assert.ok(isLight([255, 255, 0]) && !isLight([0, 0, 255]));
});

test("a ramp goes through its stops at even steps", () => {
  assert.deepEqual(ramp([[0, 0, 0], [10, 20, 30], [20, 40, 90]], 5), [[0, 0, 0], [5, 10, 15], [10, 20, 30], [15, 30, 60], [20, 40, 90]]);
  assert.deepEqual(between([0, 100, 255], [10, 0, 255], 0.5), [5, 50, 255]);
});

test("a level is the root of a weight", () => {
  assert.deepEqual([0, 0.04, 0.25, 1, 2, -1].map(levelOf), [0, 51, 128, 255, 255, 0]);
});

test("the scale of weights begins at the ground and goes one way", () => {
  for (const [ground, dark] of [[[255, 255, 255], false], [[16, 20, 26], true]]) {
    const scale = weightScale(ground, [11, 92, 173], dark);
    near(assert, scale[0], ground, 1);
    const lightness = scale.map((rgb) => toOklab(rgb)[0]);
    assert.ok(lightness.every((value, k) => !k || (dark ? value > lightness[k - 1] - 3e-3 : value < lightness[k - 1] + 3e-3)));
    assert.ok(Math.abs(lightness[255] - (dark ? 0.93 : 0.33)) < 0.02);
    const [, a, b] = toOklab(scale[128]);
    assert.ok(b < -0.05 && Math.abs(a) < 0.06); // blue, as the primary colour
  }
});

test("fewer than twelve colours of the theme are replaced by twelve", () => {
  const own = Array.from({ length: 13 }, (_, k) => `c${k}`);
  assert.deepEqual(categories(false, own), own.slice(0, 12));
  assert.equal(new Set(categories(true, ["c"])).size, 12);
});

test("differences: blue below, the ground at zero, orange above", () => {
  const palette = page();
  assert.equal(palette.difference.length, TOP + 1);
  assert.deepEqual([palette.difference[0], palette.difference[TOP / 2], palette.difference[TOP]], [BLUE, [255, 255, 255], ORANGE]);
  const scale = { kind: "difference", low: -2, high: 2 };
  assert.deepEqual([-2, 0, 2, 9].map((value) => colourOf(palette, scale, value)), [BLUE, [255, 255, 255], ORANGE, ORANGE]);
});

test("weights: the ground at zero, the last colour at the end", () => {
  const palette = page();
  const scale = { kind: "weight", low: 0, high: 0.5 };
  assert.deepEqual([0, 0.25, 0.5].map((value) => colourOf(palette, scale, value)), [[255, 255, 255], [122, 174, 222], [6, 48, 95]]);
});

test("inks are mixed from ground and text", () => {
  const { ground, ink, quiet, rule, orange, dark, size } = page();
  assert.deepEqual([ground, ink, quiet, rule], ["rgb(255 255 255)", "rgb(0 0 0)", "rgb(87 87 87)", "rgb(209 209 209)"]);
  assert.deepEqual([orange, dark, size], ["#c85a00", false, 14]);
});

test("a cell of a grid: root scale on both sides of zero", () => {
  const palette = shades(page());
  const grid = { shade: "signed" };
  const css = (rgb) => `rgb(${rgb.join(" ")})`;
  const colour = (value) => shadeOf(palette, grid, value, 4)[0];
  assert.deepEqual([-4, 0, 4].map(colour), [css(BLUE), css([255, 255, 255]), css(ORANGE)]);
  assert.equal(colour(1), palette.signed[192]); // the root of a quarter is half the way
  assert.deepEqual(shadeOf(palette, { shade: "share" }, 1, 1), [palette.scale[255], true]);
  assert.equal(shadeOf(palette, grid, -Infinity, 4)[0], palette.wash);
});

test("a change between layers: blue is less, orange is more", () => {
  const palette = page();
  const view = { change: true, palette, differences: palette.difference };
  const scale = { low: -1, high: 1 };
  assert.deepEqual([-1, 0, 1].map((value) => changeColour(view, scale, value)), [BLUE, [255, 255, 255], ORANGE]);
  assert.equal(changeColour({ ...view, change: false }, { low: 0, high: 1 }, 1), palette.scale[255]);
});

test("points take the theme's colours in turn, or the ink", () => {
  const palette = { ink: "black", categories: ["a", "b"] };
  assert.deepEqual([0, 1, 2, -1].map((code) => markColour(palette, code)), ["a", "b", "a", "black"]);
});
