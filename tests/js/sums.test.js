// The arithmetic of contrast and of grids, by pencil: softmax, losses, what took part in a cell, numbers as written.
import assert from "node:assert/strict";
import test from "node:test";
import { best, guess, judged, meets, partnerOf, scaleAt, stepOf } from "../../ui/components/contrast/sums.js";
import { bounds, decode, readNumber, say } from "../../ui/components/grid/decode.js";
import { marksOf, written } from "../../ui/components/grid/sums.js";
import { frame, near } from "./frames.js";

const square = (kind, cosines, more = {}) => ({ kind, cosines, rows: Array(Math.sqrt(cosines.length)), bias: 0, ...more });
const close = (found, wanted) => near(assert, [found], [wanted], 1e-9);

test("softmax along rows and along columns", () => {
  const data = square("clip", [1, 0, 1, 0]); // both texts look most at the first picture
  const scale = Math.log(3);
  const rows = judged(data, scale, true);
  near(assert, rows.shares, [0.75, 0.25, 0.75, 0.25]);
  close(rows.loss, -(Math.log(0.75) + Math.log(0.25)) / 2);
  close(rows.probability, 0.5);
  assert.equal(rows.right, 1);
  const columns = judged(data, scale, false);
  near(assert, columns.shares, [0.5, 0.5, 0.5, 0.5]);
  close(columns.loss, Math.log(2));
});

test("a sigmoid judges every pair by itself", () => {
  const data = square("siglip", [1, 0, 0, 1], { bias: -Math.log(3) });
  const found = judged(data, 2 * Math.log(3), true);
  near(assert, found.shares, [0.75, 0.25, 0.25, 0.75]);
  close(found.loss, -2 * Math.log(0.75)); // four pairs at -ln 0.75, over two texts
  assert.equal(found.right, 2);
});

test("in SimCLR a view seeks the other one and never meets itself", () => {
  const data = square("simclr", Array(16).fill(0));
  assert.deepEqual([0, 1, 2, 3].map((row) => partnerOf(data, row)), [2, 3, 0, 1]);
  assert.ok(!meets(data, 1, 1) && meets(data, 1, 2));
  const { shares, loss } = judged(data, 5, true);
  near(assert, shares.slice(0, 4), [0, 1 / 3, 1 / 3, 1 / 3]);
  close(loss, Math.log(3));
  close(guess(data), Math.log(3));
});

test("what nothing told apart pays, the winner of a line, and the slider", () => {
  close(guess(square("clip", Array(16).fill(0))), Math.log(4));
  close(guess(square("siglip", Array(4).fill(0))), Math.log(2) - Math.log(0.5));
  assert.deepEqual([best([1, 3, 2, 2], 2, 0, true), best([1, 3, 2, 2], 2, 0, false), best([1, 1, 0, 0], 2, 0, true)], [1, 1, 0]);
  assert.deepEqual([stepOf(1, 100), stepOf(10, 100), stepOf(100, 100)], [0, 200, 400]);
  close(scaleAt(200, 100), 10);
});

const board = () => {
  const grid = (name, rows, columns, more) => ({
    name, rows, columns, note: "", shade: "signed", unit: "", edit: "", ...more,
  });
  const { header, grids, steps } = decode(frame({
    height: 1, cell: [0, 0], start: 0,
    grids: [grid("A", ["r"], ["k", "l"]), grid("B", ["k", "l"], ["c"], { unit: "u" }), grid("C", ["r"], ["c"], { unit: "u" })],
    steps: [{ shown: ["A", "B", "C"], rule: { kind: "product", of: ["A", "B"], result: "C", by: 1, written: "" } }],
  }, [["A", "float32", [1, 2], [2, -1]], ["B", "float32", [2, 1], [3, 4]], ["C", "float32", [1, 1], [2]]]));
  return { header, grids, steps, step: 0, cell: { grid: "C", row: 0, column: 0 } };
};

test("a product: its row, its column, and the sum with its numbers", () => {
  const view = board();
  assert.deepEqual(marksOf(view), [{ grid: "A", row: 0, column: null }, { grid: "B", row: null, column: 0 }]);
  const text = written(view).map((part) => part.strong || part.symbol || part).join("");
  assert.equal(text, "C[r, c] = 2.00·3.00 + (−1.00)·4.00 = 2.000");
  view.cell = { grid: "A", row: 0, column: 1 };
  assert.deepEqual(marksOf(view), [{ grid: "C", row: 0, column: null }, { grid: "B", row: 1, column: null }]);
});

test("grids of one unit share the end of their colours", () => {
  const { grids } = board();
  const bound = bounds(grids);
  assert.deepEqual(["A", "B", "C"].map((name) => bound(grids.get(name))), [2, 4, 4]);
  assert.equal(bound({ shade: "share" }), 1);
});

test("numbers as they are written and typed", () => {
  assert.deepEqual([-1.5, -0.001, -Infinity, Infinity, 12.345, 123.4, 12345].map((value) => say(value)), ["−1.50", "0.00", "−∞", "∞", "12.3", "123", "1.23e+4"]);
  assert.deepEqual(["−1,5", " 2 ", "", "x", "–3"].map(readNumber), [-1.5, 2, NaN, NaN, -3]);
});
