// The journey: which columns a side has, that they do not overlap, and what is said of a token by pencil.
import assert from "node:assert/strict";
import test from "node:test";
import { columnsOf, stopsOf } from "../../ui/components/journey/plan.js";
import { saidOf } from "../../ui/components/journey/say.js";
import { weightAt } from "../../ui/components/journey/draw.js";
import { near } from "./frames.js";

const side = (more = {}) => ({
  side: "decoder", tokens: [["The", 7, 0], ["cat", 9, 0]], sublayers: ["attention", "feed-forward"], numbers: [0, 1],
  preNorm: true, normed: false, factor: 1, width: 8, tableWidth: 8, placed: true, heads: 1, read: [], sink: false, ...more,
});
const array = (shape, values) => ({ shape, values: Float64Array.from(values) });
const viewOf = (one, more = {}) => {
  const arrays = {
    vectorLengths: array([2, 2], [1.5, 2.5, 0.25, 0.75]),
    beforeLengths: array([2, 2], [3, 4, 5, 6]),
    addsLengths: array([2, 2, 2], [10, 11, 12, 13, 14, 15, 16, 17]),
    afterLengths: array([2, 2, 2], [20, 21, 22, 23, 24, 25, 26, 27]),
    adds: array([2, 2, 2, 1], Array(8).fill(128)), after: array([2, 2, 2, 1], Array(8).fill(128)),
    kept: array([2, 2], [0.9, 0.8, 0.7, 0.25]),
    maps: array([2, 2, 2, 2], [255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 204, 153, 255, 0, 255, 0]),
  };
  const part = { side: one, index: 0, arrays, rows: 2, layer: 1 };
  const data = { sides: [one], guesses: [[["a", 0.1], ["b", 0.2]], [["c", 0.3], ["d", 0.05]], [["e", 0.5], ["f", 0.6]]],
    says: "next token", characters: 7, bytes: 8, vocabulary: 1000, ...more };
  return { data, parts: [part], token: [1], head: 0, looked: 0 };
};

test("columns follow each other without overlap and fill their room", () => {
  for (const [one, guessed, count] of [[side(), true, 10], [side({ placed: false }), false, 8],
    [side({ sublayers: ["attention", "cross-attention", "feed-forward"], read: ["x"] }), true, 13]]) {
    const columns = columnsOf(one, 1100, guessed);
    assert.equal(columns.length, count);
    columns.slice(1).forEach((column, k) => assert.ok(column.x >= columns[k].x + columns[k].wide));
    const end = columns.at(-1).x + columns.at(-1).wide;
    assert.ok(end <= 1100 && end > 1080, `ends at ${end}`);
  }
});

test("signs say whether a norm follows a sum", () => {
  const titles = (one) => columnsOf(one, 1400, false).map((column) => column.title);
  assert.deepEqual(titles(side()), ["token", "vector", "+ place", "= reads", "attention", "+ adds", "= stream", "+ feed-forward", "= stream"]);
  assert.deepEqual(titles(side({ preNorm: false, normed: true })).filter((one) => one.startsWith("→")), ["→ reads", "→ stream", "→ stream"]);
});

test("stops leave out what a model lacks", () => {
  assert.ok(!stopsOf({ sides: [side()], guesses: [] }).includes("Guess"));
  assert.ok(stopsOf({ sides: [side({ read: ["x"] })], guesses: [1] }).includes("Cross-attention"));
});

test("weights are the squares of levels", () => {
  const { parts: [part] } = viewOf(side());
  near(assert, [weightAt(part.arrays.maps, 1, 0, 1, 0), weightAt(part.arrays.maps, 1, 0, 1, 1)], [0.64, 0.36]);
});

test("each stop says this token's numbers", () => {
  const view = viewOf(side());
  assert.match(saidOf(view, "Vectors")[0], /“cat” is 2\.50 long/);
  assert.match(saidOf(view, "Positions")[0], /place 2, 0\.75 long, is added:/);
  assert.match(saidOf(view, "Attention")[0], /In layer 2.* “cat” takes most from “The” \(64 %\).* is 15\.0 long/);
  assert.match(saidOf({ ...view, head: 1 }, "Attention")[0], /^In head 2\.1 “cat” takes most from “The” \(100 %\)/);
  assert.match(saidOf(view, "Feed-forward")[0], /layer 2 adds 17\.0 to “cat”, whose stream is then 27\.0 long/);
  assert.match(saidOf(view, "Stream")[0], /never cut.* cosine of 0\.25/);
  assert.equal(saidOf(view, "Guess")[0], "Behind “cat” the model says “f”, 60 %: the last stream of that place, against every vector of the vocabulary.");
  view.parts[0].layer = 0;
  assert.equal(saidOf(view, "Guess")[0], "Behind “cat”, if the model ended after layer 1: “d”, 5.0 %. At the end it says “f”, 60 %.");
});

test("no place, a norm, a factor and a mask are said", () => {
  assert.match(saidOf(viewOf(side({ placed: false })), "Positions")[0], /^Nothing is added here/);
  assert.match(saidOf(viewOf(side({ normed: true })), "Positions")[0], /one size by a norm/);
  assert.match(saidOf(viewOf(side({ factor: 2 })), "Vectors")[0], /is 1\.25 long.* multiplied by 2\.0/);
  assert.match(saidOf(viewOf(side(), { says: "this token" }), "Guess")[0], /^In place of “cat”/);
  assert.match(saidOf(viewOf(side({ preNorm: false })), "Stream")[0], /a norm behind each sum/);
});
