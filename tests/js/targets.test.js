// Where a head, a row, a column or a cell stands on the screen, and what stands at a place: by a pencil.

import assert from "node:assert/strict";
import test from "node:test";

import { headTargets } from "../../ui/components/heads/targets.js";

const canvas = (left, top) => ({ getBoundingClientRect: () => ({ left, top, width: 400, height: 300 }) });
const view = () => ({
  data: {},
  kind: { numbers: [0, 1] },
  choice: { view: "heatmap" },
  overview: { side: 20, pitch: 24, tiles: [{ layer: 0, head: 0, x: 10, y: 30 }, { layer: 1, head: 2, x: 58, y: 54 }] },
  grid: { left: 50, top: 40, cellWidth: 30, cellHeight: 10, width: 120, height: 50, rows: 5, columns: 4, region: [0, 5, 0, 4] },
  parts: { overviewTop: canvas(100, 200), top: canvas(500, 200) },
});

test("a head, a row, a column and a cell have their boxes", () => {
  const found = headTargets(view());
  assert.deepEqual(found.place({ kind: "head", which: "1.3" }), { left: 158, top: 254, width: 20, height: 20 });
  assert.deepEqual(found.place({ kind: "row", which: "2" }), { left: 550, top: 260, width: 120, height: 10 });
  assert.deepEqual(found.place({ kind: "column", which: "1" }), { left: 580, top: 240, width: 30, height: 50 });
  assert.deepEqual(found.place({ kind: "cell", which: "2 1" }), { left: 580, top: 260, width: 30, height: 10 });
});

test("what is not drawn has none", () => {
  const found = headTargets(view());
  assert.equal(found.place({ kind: "head", which: "9.9" }), null);
  assert.equal(found.place({ kind: "row", which: "5" }), null);
  assert.equal(found.place({ kind: "cell", which: "0 4" }), null);
  assert.equal(headTargets({ ...view(), choice: { view: "lines" } }).place({ kind: "row", which: "0" }), null);
  assert.equal(headTargets({ ...view(), data: null }).place({ kind: "row", which: "0" }), null);
});

test("what is pointed at is named as a lesson writes it, and found again", () => {
  const found = headTargets(view());
  for (const target of [{ kind: "head", which: "0.1" }, { kind: "row", which: "4" }, { kind: "column", which: "0" }, { kind: "cell", which: "3 2" }]) {
    const box = found.place(target);
    const inside = { row: [505, box.top + 5], column: [box.left + 5, 210] }[target.kind] || [box.left + 5, box.top + 5];
    assert.deepEqual(found.at(...inside), target);
  }
  assert.equal(found.at(5, 5), null);
});
