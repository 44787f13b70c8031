// Patches, pairs, panels and points: rows out of a message, places under a pointer, and what is cut or kept.
import assert from "node:assert/strict";
import test from "node:test";
import { decode as decodePair, goldOf, valuesOf } from "../../ui/components/pair/read.js";
import { saidOfLayer, two } from "../../ui/components/pair/say.js";
import { cellAt } from "../../ui/components/panels/draw.js";
import { placeIn } from "../../ui/components/panels/linked.js";
import { format, nameOf, thinned } from "../../ui/components/panels/labels.js";
import { largest, shareOf, tintOf, topOf } from "../../ui/components/patches/colours.js";
import { ALL, attentionRow, decode as decodePatches } from "../../ui/components/patches/decode.js";
import { blockOf, patchAt } from "../../ui/components/patches/paint.js";
import { sharesOf, sharesSaid } from "../../ui/components/patches/reading.js";
import { decode as decodePoints, layerAt } from "../../ui/components/points/decode.js";
import { fitted, mixed } from "../../ui/components/points/draw.js";
import { inside, nearestTo } from "../../ui/components/points/hit.js";
import { directionOf, everyFor, shortened, visible } from "../../ui/components/shared/text.js";
import { writeQuery } from "../../ui/components/shared/query.js";
import { frame, near } from "./frames.js";

const pen = { measureText: (text) => ({ width: 10 * [...text].length }) };

test("a patch lies on its block of the part that the model saw", () => {
  const header = { box: [0.25, 0, 0.5, 1], grid: [2, 4] };
  const whole = { x: 0, y: 0, width: 400, height: 100 };
  assert.deepEqual(blockOf(header, whole, 6), { x: 200, y: 50, width: 50, height: 50 });
  assert.equal(patchAt(header, whole, 210, 60), 6);
  assert.equal(patchAt(header, whole, 90, 60), null);
});

test("a row of one head, and the mean of all heads", () => {
  const rows = [65535, 0, 0, 16384, 0, 65535]; // two heads, the class token's row: three keys
  const header = { first: ["[CLS]"], queries: 1, layers: 1, heads: 2, tokens: 3 };
  const data = decodePatches(frame(header, [["picture", "uint8", [2], [1, 2]], ["rows", "uint16", [1, 2, 1, 3], rows]]));
  const view = { data, fetched: new Map(), averages: new Map() };
  assert.deepEqual([...data.picture], [1, 2]);
  near(assert, attentionRow(view, 0, 1, 0), [0.0625, 0, 1], 1e-4);
  near(assert, attentionRow(view, 0, "mean", 0), [0.53125, 0, 0.5], 1e-4);
  assert.equal(attentionRow(view, 0, 0, 2), null);
  assert.equal(attentionRow(view, 0, 0, ALL), null);
});

test("a word among others asks: its only row, and where its attention goes", () => {
  const rows = [16384, 32768, 0, 56756]; // 1/16, 1/4, 0, 3/4: two words, two places of the picture
  const header = { first: ["a", "b"], queries: 1, layers: 1, heads: 1, tokens: 4, reading: { word: 1, opens: true } };
  const data = decodePatches(frame(header, [["picture", "uint8", [1], [1]], ["rows", "uint16", [1, 1, 1, 4], rows]]));
  const row = attentionRow({ data, fetched: new Map(), averages: new Map() }, 0, 0, 1);
  near(assert, row, [0.0625, 0.25, 0, 0.75], 1e-4);
  const { picture, opening, others } = sharesOf(header, row);
  near(assert, [picture, opening, others], [0.75, 0.0625, 0.25], 1e-4);
  assert.equal(sharesSaid("“b”", header, row), "“b” gives 75 % to the picture, 6.3 % to the first token, 25 % to other words");
  const within = { ...header, reading: { word: 1, opens: false } };
  near(assert, Object.values(sharesOf(within, row)), [0.75, 0, 0.3125], 1e-4);
});

test("colours of an overlay: the root of the share, its top and what is kept", () => {
  assert.deepEqual([shareOf(0.25, 1), shareOf(2, 1), shareOf(-1, 1)], [0.5, 1, 0]);
  near(assert, [topOf([0.1, 0.2, 0.3, 0.4], 100), topOf([0.1, 0.2, 0.3, 0.4], 75)], [0.4, 0.3]);
  assert.deepEqual([...largest([0.1, 0.5, 0.1, 0.3], 0.8)], [0, 1, 0, 1]);
  assert.equal(largest([1], 1), null);
  const look = { scale: "fire", opacity: 1 };
  assert.deepEqual(tintOf({}, look, 1), [252, 255, 164, 255]);
  assert.deepEqual(tintOf({}, look, 0), [0, 0, 4, 217]);
  assert.deepEqual(tintOf({ weight: [[1, 2, 3], [4, 5, 6]] }, { scale: "page", opacity: 1 }, 1), [4, 5, 6, 255]);
  assert.deepEqual(tintOf({}, { scale: "spotlight", opacity: 1 }, 0), [0, 0, 0, 255]);
});

const pair = () => decodePair(frame({
  source: ["a"], target: ["b"], gold: { sure: [[0, 0]], possible: [[0, 1]] },
  sides: [{ rows: [["a", 0, 0]], columns: [["b", 0, 0], ["c", 1, 1]], layers: [0, 1], start: 0, links: [[[0, 0]], [[0, 1]]], words: [[[0, 0]], []], scores: [[0.5, 0.25, 0, 0.75], [1, 1, 1, 0]] }],
}, [["side 0", "float32", [2, 1, 2], [1, 2, 4, 1]]]));

test("a pair: the numbers of a layer, their change, gold and scores", () => {
  const data = pair();
  const [side] = data.sides;
  assert.deepEqual([...valuesOf({ change: false }, side, 1)], [4, 1]);
  assert.deepEqual([...valuesOf({ change: true }, side, 1)], [3, -1]);
  assert.deepEqual(["0-0", "0-1", "1-1"].map((link) => goldOf(data, link)), ["sure", "possible", ""]);
  assert.equal(goldOf({ gold: null }, "0-0"), null);
  assert.deepEqual([side.columns[1].hidden, side.links[1].has("0-1")], [true, true]);
  const said = (change) => saidOfLayer({ change, places: [1] }, { side, index: 0 });
  assert.equal(saidOfLayer({ change: false, places: [0] }, { side, index: 0 }), "AER 0.75 · precision 50 % · recall 25 %");
  assert.equal(said(true), "since the input: 1 gained (+), 1 lost (×)");
  assert.deepEqual([two(-0.5), two(0.004)], ["−0.50", "0"]);
});

test("panels: labels that thin out, numbers, and the cell under a pointer", () => {
  assert.deepEqual(thinned(10, 100, 25), [0, 5]);
  assert.deepEqual(thinned(3, 100, 25), [0, 1, 2]);
  assert.deepEqual([0, 0.5, 0.0123, 12.34, 123.4, 1e-5].map(format), ["0", "0.50", "0.012", "12.3", "123", "1.0e-5"]);
  assert.deepEqual([nameOf([], 3), nameOf(["x"], 0), nameOf(["x"], 1)], ["3", "x", ""]);
  const canvas = { getBoundingClientRect: () => ({ left: 100, top: 50 }) };
  const panel = { canvas, place: { left: 20, top: 10, across: 80, down: 40 }, shape: [2, 4] };
  assert.deepEqual(cellAt(panel, { clientX: 165, clientY: 85 }), { row: 1, column: 2 });
  assert.equal(cellAt(panel, { clientX: 110, clientY: 85 }), null);
});

test("points: sides, layers at one depth, loops, and the nearest mark", () => {
  const side = { labels: [], texts: ["t", "u"], columns: [{ title: "c", names: ["n"] }], frames: [{ layer: 2, method: "PCA", scores: [] }] };
  const data = decodePoints(frame({ sides: [side] }, [
    ["0 owners", "uint32", [2], [1, 0]], ["0 codes 0", "uint8", [2], [0, 0]], ["0 places 0", "float32", [2, 2], [0, 0, 4, 2]],
    ["0 neighbours 0", "uint32", [2, 1], [1, 0]], ["0 cosines 0", "float32", [2, 1], [0.5, 0.5]],
  ]));
  const layer = data.sides[0].frames.get(2);
  assert.deepEqual([data.sides[0].count, data.sides[0].labels, layer.each, [...layer.places]], [2, ["t", "u"], 1, [0, 0, 4, 2]]);
  near(assert, fitted(layer, 452, 252), [26, 226, 426, 26], 1e-3); // upwards is more
  assert.deepEqual([layerAt(0, 13, 5), layerAt(6, 13, 5), layerAt(12, 13, 5), layerAt(99, 13, 5)], [0, 2, 4, 4]);
  assert.deepEqual([...mixed(7)].sort(), [0, 1, 2, 3, 4, 5, 6]);
  const loop = [[0, 0], [10, 0], [10, 10], [0, 10]];
  assert.deepEqual([inside(loop, 5, 5), inside(loop, 15, 5), inside(loop, 5, -1)], [true, false, false]);
  const pane = { side: { count: 2 }, at: [0, 0, 10, 0] };
  assert.deepEqual([nearestTo(pane, 7, 0, 16), nearestTo(pane, 3, 0, 16), nearestTo(pane, 50, 0, 16)], [1, 0, -1]);
});

test("words: cut, made visible, and their direction", () => {
  assert.equal(shortened(pen, "abcdef", 40), "abc…");
  assert.equal(shortened(pen, "abc", 40), "abc");
  assert.deepEqual(["\n", " ", "a\tb", "a\u0001"].map(visible), ["⏎", "␣", "a⇥b", "a·"]);
  assert.deepEqual(["abc", "שלום"].map(directionOf), ["ltr", "rtl"]);
  assert.deepEqual([everyFor(20, 18), everyFor(10, 18), everyFor(1, 17)], [1, 2, 20]);
});

test("the address gets what has a value, loses the rest, keeps the keys of others", () => {
  const written = [];
  globalThis.location = { href: "http://x/p?other=1&gone=2", search: "?other=1&gone=2" };
  globalThis.history = { state: null, replaceState: (state, title, address) => written.push(address.search) };
  writeQuery({ layer: 0, gone: null });
  writeQuery({ other: 1, gone: 2 });
  assert.deepEqual(written, ["?other=1&layer=0"]);
});

test("panels: a cell is found in maps whose rows are other words", () => {
  const panel = (rows, more = {}) => ({ group: "share", rows, columns: ["a", "b"], shape: [rows.length, 2], ...more });
  const one = panel(["le", "chat", "le"]);
  const cell = { row: 2, column: 1 };
  assert.deepEqual(placeIn(panel(["le", "chat", "le"]), one, cell), cell);
  assert.deepEqual(placeIn(panel(["le", "le", "chat", "noir"]), one, cell), { row: 1, column: 1 });
  assert.deepEqual(placeIn(panel(["un", "chat"]), one, cell), { row: null, column: 1 });
  assert.equal(placeIn(panel(["le"], { group: "other" }), one, cell), null);
  assert.equal(placeIn(panel(["le"], { columns: ["x", "y"] }), one, cell), null);
  const plain = { group: "share", rows: [], columns: [], shape: [3, 2] };
  assert.deepEqual(placeIn(plain, { ...plain }, cell), cell);
});
