// Heads: codes to weights, pooling, tiles and cells under a pointer, what is said of a head, and the address.
import assert from "node:assert/strict";
import test from "node:test";
import { readAddress } from "../../ui/components/heads/address.js";
import { CODE_TO_LEVEL, columnOf, decode, hasMap, pool, rowOf, weightsOf } from "../../ui/components/heads/decode.js";
import { cellLines, headLine, headSentence, rankedHeads } from "../../ui/components/heads/facts.js";
import { runsBetween } from "../../ui/components/heads/heatmap.js";
import { cellAt, fitRegion, layoutOverview, tileAt } from "../../ui/components/heads/layout.js";
import { askedOf, givenTogether, heldAfter, heldSentence, heldWith, MOST_HELD, namesHeld, takenTogether } from "../../ui/components/heads/held.js";
import { frame, near } from "./frames.js";
import { nameOf, shortName } from "../../ui/components/heads/names.js";
import { blockOf, edgeByLayer, edgeSentence, givenBy, headsByEdge, orderTitle } from "../../ui/components/heads/edge.js";

const tokens = ["a", "b"].map((text, index) => ({ text, index, special: false, word: index, segment: 0 }));
const described = (more = {}) => ({
  kind: "encoder", title: "Encoder self-attention", rows: tokens, columns: null, layers: 1, numbers: [1], heads: 2, extra: [], block: [1, 1],
  measures: { entropy: [[1.5, 0.5]], previous: [[0.2, 0.71]] }, ...more,
});
const message = (type, numbers, more = {}, height = 500) => frame(
  { key: "k", start: { kind: "encoder", layer: 0, head: 1, view: "heatmap" }, off: [["encoder", 0, 1]], height, kinds: [described(more)] },
  [["encoder", type, [1, numbers.length / 4, 2, 2], numbers]],
);
const FINE = [65535, 0, 16384, 49151, 0, 65535, 32768, 32767];
const COARSE = [255, 0, 51, 204, 0, 255, 102, 153];

test("16 bits in the overview are the root of the weight, as 8 bits are", () => {
  assert.deepEqual([0, 16384, 65535].map((code) => CODE_TO_LEVEL[code]), [0, 128, 255]);
  assert.equal(CODE_TO_LEVEL[2621], 51); // 4 %
});

test("codes become weights", () => {
  const data = decode(message("uint16", FINE));
  const [kind] = data.kinds;
  near(assert, weightsOf(kind, 0, 0).values, [1, 0, 0.25, 0.75], 1e-4);
  assert.equal(weightsOf(kind, 0, 0).exact, true);
  assert.deepEqual([data.height, [...data.off], kind.columns], [500, ["encoder.0.1"], tokens]);
  const rough = decode(message("uint8", COARSE)).kinds[0];
  near(assert, weightsOf(rough, 0, 1).values, [0, 1, 0.16, 0.36], 1e-6);
  assert.equal(weightsOf(rough, 0, 1).exact, false);
});

test("the mean of the heads is made where it was not sent", () => {
  const [kind] = decode(message("uint8", COARSE)).kinds;
  assert.ok(hasMap(kind, 0, "mean") && !hasMap(kind, 0, "rollout") && !hasMap(kind, 0, 2) && !hasMap(kind, 1, 0));
  near(assert, weightsOf(kind, 0, "mean").values, [0.5, 0.5, 0.1, 0.5], 0.003);
});

test("another height is the same picture", () => {
  const text = (height, more) => decode(message("uint16", FINE, more, height)).text;
  assert.equal(text(500), text(600));
  assert.notEqual(text(500), text(500, { title: "other" }));
});

test("pooling keeps the greatest, and repeats when it grows", () => {
  const values = [1, 5, 2, 0, 3, 4, 9, 1];
  assert.deepEqual(pool(values, 0, 4, 2, 4, 1, 2, []), [5, 9]);
  assert.deepEqual(pool(values, 1, 4, 2, 2, 4, 2, []), [5, 2, 5, 2, 4, 9, 4, 9]);
});

test("rows are queries and columns are keys", () => {
  const weights = weightsOf(decode(message("uint16", FINE)).kinds[0], 0, 0);
  near(assert, rowOf(weights, 1, 2), [0.25, 0.75], 1e-4);
  near(assert, columnOf(weights, 0, 2), [1, 0.25], 1e-4);
});

test("heads stand by what they give an edge, a row, a column", () => {
  const codes = Uint16Array.from([6554, 58981, 65535, 0, 32768, 32767, 13107, 52428, 0, 65535, 19661, 45874].map(Math.round));
  const kind = {
    layers: 1, heads: 3, numbers: [4], maps: 3, size: 4, cells: [2, 2], block: [1, 1], extra: [], codes,
    rows: tokens, columns: tokens, approximate: false,
  };
  const edge = [{ row: 0, column: 1 }];
  assert.deepEqual(headsByEdge(kind, edge).map(({ head }) => head), [2, 0, 1]);
  assert.ok(Math.abs(givenBy(kind, 0, 1, edge) - 0.5) < 1e-3);
  assert.ok(Math.abs(givenBy(kind, 0, 0, [{ row: 0, column: null }]) - 0.9) < 1e-3);
  assert.ok(Math.abs(givenBy(kind, 0, 0, [{ row: null, column: 0 }]) - 0.55) < 1e-3);
  assert.deepEqual(edgeByLayer(kind, edge).map((one) => one.toFixed(2)), ["1.00"]);
  assert.match(edgeSentence(kind, edge), /most in head 4\.3, 100.%; 3 of 3 heads give 10.% or more\. The most in each layer: 4: 100.%\.$/);
});

test("a block of cells is asked for what a row of it gives all its columns", () => {
  const codes = Uint16Array.from([6554, 58981, 65535, 0, 32768, 32767, 13107, 52428]);
  const kind = {
    layers: 1, heads: 2, numbers: [4], maps: 2, size: 4, cells: [2, 2], block: [1, 1], extra: [], codes,
    rows: tokens, columns: tokens, approximate: false,
  };
  assert.deepEqual(blockOf({ row: 1, column: 0 }, { row: 0, column: 0 }), { row: 0, column: 0, endRow: 2, endColumn: 1 });
  assert.deepEqual(blockOf({ row: 1, column: 0 }, { row: 1, column: 0 }), { row: 1, column: 0 });
  const column = [{ row: 0, column: 0, endRow: 2, endColumn: 1 }];
  assert.ok(Math.abs(givenBy(kind, 0, 0, column) - 0.55) < 1e-3); // (.1 + 1) / 2
  assert.ok(Math.abs(givenBy(kind, 0, 1, column) - 0.35) < 1e-3); // (.5 + .2) / 2
  assert.ok(Math.abs(givenBy(kind, 0, 0, [{ row: 0, column: 0, endRow: 1, endColumn: 2 }]) - 1) < 1e-3);
  assert.match(edgeSentence(kind, column), /a row on average: most in head 4\.1, 55.%/);
});

test("several that are held are in the address, and old ones with a single one are read", () => {
  const data = decode(message("uint16", FINE));
  const { locks, note } = readAddress(data, "?row=1_0_-&column=-_1_0&block=-_1.2_-");
  assert.deepEqual([locks, note], [[{ row: 1, column: null }, { row: 0, column: 1 }, { row: null, column: 0 }], ""]);
  assert.deepEqual(readAddress(data, "?row=0&column=0&block=1.0").locks, [{ row: 0, column: 0, endRow: 2, endColumn: 1 }]);
  assert.deepEqual(readAddress(data, "?row=1_0&column=-_0&block=-_1.1").locks[1], { row: 0, column: 0, endRow: 2, endColumn: 2 });
  assert.match(readAddress(data, "?row=1_7").note, /^Not every token of “1_7” is in this text/);
  const many = readAddress(data, `?row=${Array(50).fill(1).join("_")}`).locks;
  assert.equal(many.length, MOST_HELD);
});

test("a click holds one more, and lets go of what is held; a full set stays as it is", () => {
  const [first, second] = [{ row: 1, column: null }, { row: 0, column: null }];
  assert.deepEqual(heldAfter([], first), [first]);
  assert.deepEqual(heldAfter([first], second), [first, second]);
  assert.deepEqual(heldAfter([first, second], { row: 1, column: null }), [second]);
  assert.deepEqual(heldAfter([first], null), [first]);
  assert.equal(heldAfter([{ row: 1, column: 0 }], { row: 1, column: 0, endRow: 2, endColumn: 3 }).length, 2);
  const full = Array.from({ length: MOST_HELD }, (_, row) => ({ row, column: null }));
  assert.equal(heldAfter(full, { row: 99, column: null }), full);
});

test("one word held and one on the other side make an edge, and either lets go of its end", () => {
  const row = { row: 1, column: null };
  const edge = { row: 1, column: 0 };
  assert.deepEqual(heldWith([row], { row: null, column: 0 }), [edge]);
  assert.deepEqual(heldWith([{ row: null, column: 0 }], { row: 2, column: null }), [{ row: 2, column: 0 }]);
  assert.deepEqual(heldWith([edge], { row: 1, column: null }), [{ row: null, column: 0 }]);
  assert.deepEqual(heldWith([edge], { row: null, column: 0 }), [row]);
  assert.deepEqual(heldWith([edge, { row: null, column: 0 }], { row: 1, column: null }), [{ row: null, column: 0 }]);
  assert.deepEqual(heldWith([row], { row: 1, column: null }), []);
  assert.deepEqual(heldWith([row], { row: 0, column: null }), [row, { row: 0, column: null }]);
  const three = [row, { row: 0, column: null }, { row: null, column: 3 }];
  assert.deepEqual(heldWith(three.slice(0, 2), three[2]), three);
});

test("words of one text are asked both ways, an edge and words of two texts only their own", () => {
  const self = { kind: "encoder", rows: [1, 2, 3], columns: [1, 2, 3] };
  const asked = (kind, places) => {
    const { rows, columns, marked } = askedOf(kind, places);
    return [rows, columns, marked.row, marked.column].map((set) => [...set]);
  };
  assert.deepEqual(asked(self, [{ row: 1, column: null }, { row: null, column: 0 }]), [[1, 0], [1, 0], [1, 0], [1, 0]]);
  assert.deepEqual(asked(self, [{ row: 1, column: 0 }]), [[1], [], [1], [0]]);
  assert.deepEqual(asked({ ...self, kind: "cross" }, [{ row: 1, column: null }, { row: null, column: 2 }]), [[1], [2], [1], [2]]);
  assert.deepEqual(asked(self, []), [[], [], [], []]);
});

test("several rows are averaged, several columns added up, and the sentence says so", () => {
  const values = Float32Array.from([0.5, 0.25, 0.25, 0, 0.75, 0.25, 0.125, 0.125, 0.75]);
  const weights = { values, rows: 3, columns: 3, block: [1, 1], exact: true };
  near(assert, givenTogether(weights, new Set([0, 1]), 3), [0.25, 0.5, 0.25], 1e-6);
  near(assert, takenTogether(weights, new Set([0, 1]), 3), [0.75, 0.75, 0.25], 1e-6);
  const three = ["a", "b", "c"].map((text, index) => ({ ...tokens[0], text, index }));
  const kind = { kind: "encoder", rows: three, columns: three };
  const held = [{ row: 0, column: null }, { row: 1, column: null }];
  assert.match(heldSentence(kind, weights, held), new RegExp("^On average over the 2 words held, 50.% goes to “.b.” \\(1\\), then 25.% to “.a.” \\(0\\)\\. "
    + "The 2 words held together receive 58.% of a row, most from “.a.” \\(0\\): 75.%\\.$"));
  assert.equal(namesHeld(kind, [...held, { row: 0, column: null }, { row: 2, column: 0 }]).replace(/[\u2068\u2069]/g, ""), "“a” (0), “b” (1), “c” (2) → “a” (0)");
});

test("what is veiled are the runs between what is held", () => {
  assert.deepEqual(runsBetween(0, 6, new Set([4, 1, 2])), [[0, 1], [3, 4], [5, 6]]);
  assert.deepEqual(runsBetween(2, 4, new Set()), [[2, 4]]);
  assert.deepEqual(runsBetween(0, 2, new Set([0, 1])), []);
});

test("heads are asked for several that are held by their mean", () => {
  const codes = Uint16Array.from([6554, 58981, 65535, 0, 32768, 32767, 13107, 52428]);
  const kind = {
    layers: 1, heads: 2, numbers: [4], maps: 2, size: 4, cells: [2, 2], block: [1, 1], extra: [], codes,
    rows: tokens, columns: tokens, approximate: false,
  };
  const cells = [{ row: 0, column: 1 }, { row: 1, column: 0 }]; // .9 and 1; .5 and .2
  assert.ok(Math.abs(givenBy(kind, 0, 0, cells) - 0.95) < 1e-3);
  assert.match(edgeSentence(kind, cells), /^The 2 cells held, on average: most in head 4\.1, 95.%; 2 of 2 heads/);
  assert.match(edgeSentence(kind, tokens.map((_, row) => ({ row, column: null }))), /^The greatest weight that each of the 2 words held gives, on average: most in head 4.1, 95/);
  assert.equal(orderTitle(cells), "by the 2 held, on average");
});

test("a layer is called by the model's own number", () => {
  const kind = { numbers: [3, 7] };
  assert.equal(nameOf(kind, 1, 0), "Layer 7 · head 1");
  assert.equal(nameOf(kind, 0, "mean"), "Layer 3 · mean of its heads");
  assert.equal(nameOf(kind, 1, "rollout"), "Rollout up to layer 7");
  assert.equal(shortName(kind, 1, 1), "7.2");
});

test("a tile of the overview and the head under a pointer", () => {
  const kind = { layers: 2, numbers: [1, 2], heads: 3, extra: [] };
  const layout = layoutOverview(kind, 162, 108, null);
  assert.deepEqual([layout.pitch, layout.side], [40, 36]);
  assert.deepEqual(layout.tiles[4], { layer: 1, head: 1, x: 78, y: 64 });
  assert.equal(tileAt(layout, 80, 66), layout.tiles[4]);
  assert.equal(tileAt(layout, 10, 10), undefined);
});

test("a cell, a row's label, a column's label under a pointer", () => {
  const grid = { left: 50, top: 30, cellWidth: 10, cellHeight: 20, rows: 3, columns: 4, region: [5, 8, 2, 6] };
  assert.deepEqual(cellAt(grid, 71, 55), { row: 6, column: 4 });
  assert.deepEqual(cellAt(grid, 10, 31), { row: 5, column: null });
  assert.deepEqual(cellAt(grid, 89, 5), { row: null, column: 5 });
  assert.equal(cellAt(grid, 95, 31), null);
});

test("a zoomed region stays inside the text and has a least size", () => {
  const kind = { rows: Array(100), columns: Array(100), block: [1, 1] };
  assert.deepEqual(fitRegion([-10, 10, 95, 96], kind), [0, 20, 84, 100]);
});

test("what is said of heads", () => {
  const [kind] = decode(message("uint16", FINE)).kinds;
  assert.equal(headLine(kind, 0, 1, false), "Layer 1 · head 2 — entropy 0.50 bits, 71\u00a0% to the previous token");
  assert.match(headLine(kind, 0, 0, true), /^Layer 1 · head 1 — switched off, entropy 1.5 bits/);
  assert.deepEqual(rankedHeads(kind, "entropy").map(({ head }) => head), [1, 0]); // the sharpest first
  assert.deepEqual(rankedHeads(kind, "previous").map(({ head }) => head), [1, 0]); // the most first
  const weights = weightsOf(kind, 0, 0);
  assert.match(cellLines(kind, weights, 1, 0).join(), /\(1\) → .*\(0\): 25.0\u00a0%,2nd greatest of 2 in its row/);
  assert.match(headSentence(kind, weights, 0, 0, { row: 1, column: null }), /^“.b.” \(1\) gives 75\u00a0% to “.b.” \(1\), then 25\u00a0% to “.a.” \(0\)\.$/);
  assert.match(headSentence(kind, weights, 0, 1, null), /^Head 1.2 gives 71\u00a0% to the previous token/);
});

test("the address: what exists is taken, the rest is answered by one sentence", () => {
  const data = decode(message("uint16", FINE));
  const read = (search) => readAddress(data, search);
  assert.deepEqual(read("?head=0&row=1").choice, { kind: "encoder", layer: 0, head: 0, view: "heatmap", order: "number" });
  assert.deepEqual(read("?row=1").locks, [{ row: 1, column: null }]);
  assert.deepEqual(read("?row=0&column=1").locks, [{ row: 0, column: 1 }]);
  assert.deepEqual([read("?row=2").locks, read("?row=2").note], [[], "Token “2” is not in this text: no row is held."]);
  assert.equal(read("?layer=9").note, "Layer 10 does not exist in this model (it has 1): showing layer 1.");
  assert.equal(read("").note, "");
  assert.deepEqual([read("").present, read("?head=0").present], [false, true]);
});

test("many layers stand side by side where their tiles are larger so, and never under what is seen", () => {
  const kind = { layers: 30, numbers: Array.from({ length: 30 }, (_, k) => k + 1), heads: 9, extra: [] };
  // One band: 380 / 30 pixels a layer are too few; two bands have (404 - 2 x 38) / 18 across.
  const layout = layoutOverview(kind, 408, 392, null);
  assert.deepEqual([layout.lefts, layout.down, layout.pitch], [[38, 238], 15, 18]);
  assert.deepEqual(layout.tiles[15 * 9], { layer: 15, head: 0, x: 238, y: 24 });
  const narrow = layoutOverview(kind, 120, 100, null);
  assert.equal(narrow.pitch, 16);
  assert.ok(narrow.bottom > 100 && narrow.right > 120);
});
