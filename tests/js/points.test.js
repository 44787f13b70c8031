// The map of points: zoom and pan, places on the graphics card, agreement of two sides, what is looked for.
import assert from "node:assert/strict";
import test from "node:test";
import { agreement, comparable, levelOfShare } from "../../ui/components/points/agree.js";
import { codesOf, strengths } from "../../ui/components/points/draw.js";
import { inBits, lens } from "../../ui/components/points/many.js";
import { groupName } from "../../ui/components/points/names.js";
import { hasWord, textOf } from "../../ui/components/points/texts.js";
import { farFirst, turnBy, turned } from "../../ui/components/points/turn.js";
import { held, pinched, placed, whole, zoomed } from "../../ui/components/points/zoom.js";
import { near } from "./frames.js";

test("what lies under the pointer stays there, and nothing is farther than the whole", () => {
  const zoom = zoomed({ scale: 2, x: -30, y: 10 }, 1.5, 90, 50);
  const before = [(90 + 30) / 2, (50 - 10) / 2]; // the place of the map that lay there
  near(assert, [before[0] * zoom.scale + zoom.x, before[1] * zoom.scale + zoom.y], [90, 50]);
  assert.equal(zoomed(whole(), 0.1, 5, 5).scale, 1);
  assert.deepEqual(held({ scale: 1, x: 50, y: 9 }, 100, 100), whole());
  assert.deepEqual(held({ scale: 2, x: 500, y: -500 }, 100, 100), { scale: 2, x: 50, y: -150 });
  const pane = { zoom: { scale: 2, x: 1, y: -1 } };
  near(assert, [...placed(pane, Float32Array.of(3, 4))], [7, 7]);
});

test("two fingers keep what lay between them", () => {
  const zoom = pinched(whole(), [[10, 20], [30, 20]], [[20, 40], [60, 40]]);
  near(assert, [zoom.scale, 20 * zoom.scale + zoom.x, 20 * zoom.scale + zoom.y], [2, 40, 40]);
});

test("a place on the card is where the pen would draw it", () => {
  const [width, height] = [200, 100];
  const zoom = { scale: 3, x: -40, y: 25 };
  const bits = inBits(Float32Array.of(50, 80), width, height);
  const [scale, across, up] = lens(zoom, width, height);
  const seen = [(bits[0] / 32767) * scale + across, (bits[1] / 32767) * scale + up];
  const [x, y] = placed({ zoom }, Float32Array.of(50, 80));
  near(assert, [((seen[0] + 1) / 2) * width, ((1 - seen[1]) / 2) * height], [x, y], 0.02);
});

const pane = (neighbours, each, count = 2) => ({
  side: { count, columns: [{ title: "kind", names: ["a", "b"], codes: Uint8Array.of(0, 1) }], labels: ["Cat", "dog"], texts: ["Cat", "dog"], owners: [0, 1] },
  frame: { each, neighbours: Uint32Array.from(neighbours) },
});

test("two sides agree on the neighbours that both have", () => {
  const view = { panes: [pane([1, 2, 3, 0, 2, 3], 3), pane([3, 5, 1, 7, 8, 9], 3)] };
  near(assert, [...agreement(view)], [2 / 3, 0]);
  near(assert, [view.agreed.mean], [1 / 3]);
  assert.deepEqual([...codesOf(view, view.panes[0], "agreement")], [1000 + levelOfShare(2 / 3), 1000 + levelOfShare(0)]);
  assert.equal(comparable({ panes: [pane([], 0), pane([], 0)] }), false);
  assert.equal(comparable({ panes: [pane([1], 1, 1), pane([1, 0], 1, 2)] }), false);
});

test("what is looked for and what the legend chose stays strong", () => {
  const one = pane([], 0);
  assert.equal(strengths({ chosen: new Set(), looked: "" }, one), null);
  assert.deepEqual([...strengths({ chosen: new Set(), looked: "CA" }, one)], [1, 0]);
  const chosen = new Set([JSON.stringify(["kind", "b"])]);
  assert.deepEqual([...strengths({ chosen, looked: "" }, one)], [0, 1]);
  assert.deepEqual([...strengths({ chosen, looked: "cat" }, one)], [0, 0]);
});

test("a map is turned about its middle, and what is nearer lies above", () => {
  near(assert, turned([3, 4, 5], { yaw: 0, pitch: 0 }), [3, 4, 5]);
  near(assert, turned([1, 0, 0], { yaw: Math.PI / 2, pitch: 0 }), [0, 0, -1]);
  near(assert, turned([0, 0, 1], { yaw: Math.PI / 2, pitch: 0 }), [1, 0, 0]);
  near(assert, turned([0, 1, 0], { yaw: 0, pitch: Math.PI / 2 }), [0, 0, -1]);
  const long = turned([1, 2, 3], { yaw: 0.7, pitch: -0.4 });
  near(assert, [Math.hypot(...long)], [Math.hypot(1, 2, 3)]);
  const one = { width: 20, height: 20, turn: { yaw: 0, pitch: 0 }, frame: { deep: Float32Array.of(5, -5, 0) } };
  assert.deepEqual([...farFirst(one, Float32Array.of(10, 10, 10, 10, 10, 10))], [1, 2, 0]);
  turnBy(one, 0, 1e6);
  assert.equal(one.turn.pitch, Math.PI / 2);
});

test("a group that Gaze named is said in the reader's language, one of somebody's file as it stands there", () => {
  globalThis.gazeLanguage = { said: (text) => (text === "weather" ? "Wetter" : null) };
  assert.equal(groupName({ given: true }, "weather"), "Wetter");
  assert.equal(groupName({ given: true }, "Elvish"), "Elvish");
  assert.equal(groupName({ given: false }, "weather"), "weather");
  delete globalThis.gazeLanguage;
  assert.equal(groupName({ given: true }, "weather"), "weather");
});

test("a word that stands beyond the beginning of a text is found once the whole texts have been searched", () => {
  const one = pane([], 0);
  const view = { chosen: new Set(), looked: "tail" };
  assert.deepEqual([...strengths(view, one)], [0, 0]);
  one.side.having = { word: "tail", bits: Uint8Array.of(0b01000000) };
  assert.deepEqual([...strengths(view, one)], [0, 1]);
  view.looked = "cat"; // what was told of another word says nothing of this one
  assert.deepEqual([...strengths(view, one)], [1, 0]);
});

test("a bit a point, the first of a byte its highest", () => {
  const told = { bits: Uint8Array.of(0b10000001, 0b01000000) };
  assert.deepEqual([0, 1, 7, 8, 9].map((i) => hasWord(told, i)), [true, false, true, false, true]);
});

test("a point is told by its whole text where that is here, else by its beginning", () => {
  const side = { labels: ["begin", "b"], texts: ["begin of", "b"], owners: [0, 1], whole: new Map([[0, ["beginning", "beginning of it"]]]) };
  assert.deepEqual(textOf(side, 0), ["beginning", "beginning of it"]);
  assert.deepEqual(textOf(side, 1), ["b", "b"]);
});
