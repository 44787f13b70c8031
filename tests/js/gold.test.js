// Links by hand: what a click makes of one, and how it is undone.

import assert from "node:assert/strict";
import test from "node:test";

import { asLists, linksFrom, putBack, turnLink } from "../../ui/components/gold/links.js";

test("a link is sure, then possible, then gone", () => {
  const links = linksFrom({ sure: [], possible: [] });
  assert.equal(turnLink(links, "0-1"), undefined);
  assert.deepEqual(asLists(links), { sure: [[0, 1]], possible: [] });
  assert.equal(turnLink(links, "0-1"), "sure");
  assert.deepEqual(asLists(links), { sure: [], possible: [[0, 1]] });
  assert.equal(turnLink(links, "0-1"), "possible");
  assert.deepEqual(asLists(links), { sure: [], possible: [] });
});

test("what was done is put back", () => {
  const links = linksFrom({ sure: [[10, 2], [2, 3]], possible: [[1, 1]] });
  assert.deepEqual(asLists(links), { sure: [[2, 3], [10, 2]], possible: [[1, 1]] });
  const before = turnLink(links, "1-1");
  putBack(links, { name: "1-1", before });
  assert.deepEqual(asLists(links).possible, [[1, 1]]);
  putBack(links, { name: "2-3", before: undefined });
  assert.deepEqual(asLists(links).sure, [[10, 2]]);
});
