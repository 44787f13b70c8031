// The Leitner box against a pencil: 1, 2, 4, 8, 16 days, and back to the first compartment.

import assert from "node:assert/strict";
import test from "node:test";

import { answered, dayOf, inReach, inTurn, nameOf, standing } from "../../ui/components/recall/leitner.js";

test("what is known waits 1, 2, 4, 8, 16 and 16 days", () => {
  const found = [];
  let card;
  let today = 100;
  for (let turn = 0; turn < 6; turn += 1) {
    card = answered(card, true, today);
    found.push([card[0], card[1] - today]);
    [, today] = card;
  }
  assert.deepEqual(found, [[1, 1], [2, 2], [3, 4], [4, 8], [5, 16], [5, 16]]);
});

test("what is not known begins anew, and is due the same day", () => {
  assert.deepEqual(answered([4, 120], false, 120), [1, 120]);
  assert.deepEqual(answered(undefined, false, 7), [1, 7]);
});

test("the longest overdue comes first, new cards last, waiting ones not at all", () => {
  const cards = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
  const kept = { a: [2, 10], b: [1, 8], c: [3, 11] };
  assert.deepEqual(inTurn(cards, kept, 10).map(({ name }) => name), ["b", "a", "d", "e"]);
  assert.deepEqual(standing(cards, kept, 10), { due: 2, fresh: 2, next: 1 });
  assert.deepEqual(standing([{ name: "d" }], kept, 10), { due: 0, fresh: 1, next: 0 });
});

test("a clock that was ahead puts no card further off than its compartment, one that was behind none at all", () => {
  const kept = { ahead: [2, 465], far: [5, 1e6], right: [3, 104], behind: [1, 90] };
  assert.deepEqual(inReach(kept, 100), { ahead: [2, 102], far: [5, 116], right: [3, 104], behind: [1, 90] });
});

test("a day begins at midnight where the reader lives", () => {
  const noon = Date.UTC(2026, 0, 2, 12);
  assert.equal(dayOf(noon, 0), 20455); // 2026-01-02 is 20,455 days after 1970-01-01
  assert.equal(dayOf(Date.UTC(2026, 0, 2, 23, 30), -60), 20456); // half past midnight in Berlin
  assert.equal(dayOf(Date.UTC(2026, 0, 2, 0, 30), 60), 20454); // half past eleven the evening before, west of Greenwich
});

test("a card is called by its question, as FNV-1a has it", () => {
  assert.equal(parseInt(nameOf("a"), 36), 0xe40c292c); // the published value of the 32-bit hash of "a"
  assert.notEqual(nameOf("Why?"), nameOf("Why not?"));
});
