// Pictures that come before their page: which view shows which, and what happens when the page comes behind.

import assert from "node:assert/strict";
import test from "node:test";

import { paired } from "../../ui/components/frame/ahead.js";
import { catchUp, compareWithPage, sendFrom, showAhead } from "../../ui/components/shared/ahead.js";

const bytes = (...some) => new Uint8Array(some);

function viewOf(first) {
  const done = [];
  const view = {
    bytes: first, given: first,
    draw(message) { view.bytes = message; done.push(`draws ${message}`); },
    stay() { done.push("stays"); },
    post(name, value) { done.push(`tells ${name} ${value}`); },
  };
  return { view, done };
}

test("a picture that came first stays when its page brings the same", () => {
  const { view, done } = viewOf(bytes(1));
  showAhead(view, bytes(2));
  view.given = bytes(2);
  compareWithPage(view);
  catchUp(view);
  assert.deepEqual(done, ["draws 2", "stays"]);
  assert.equal(view.ahead, false);
  assert.equal(view.bytes, view.given);
});

test("what the page brings of the text before is not drawn, and at its rest what it brought last is", () => {
  const { view, done } = viewOf(bytes(1));
  showAhead(view, bytes(2));
  for (const given of [bytes(1), bytes(3)]) {
    view.given = given;
    compareWithPage(view);
  }
  assert.deepEqual(done, ["draws 2"]);
  catchUp(view);
  assert.deepEqual(done, ["draws 2", "draws 3"]);
});

test("what is pressed meanwhile is told once the page shows the same, the last of it alone", () => {
  const { view, done } = viewOf(bytes(1));
  showAhead(view, bytes(2));
  sendFrom(view, "go", 1);
  sendFrom(view, "go", 2);
  view.given = bytes(2);
  compareWithPage(view);
  sendFrom(view, "go", 3);
  assert.deepEqual(done, ["draws 2", "stays", "tells go 2", "tells go 3"]);
});

test("what was pressed on a picture that the page does not come to is dropped, and by the next picture", () => {
  const { view, done } = viewOf(bytes(1));
  showAhead(view, bytes(2));
  sendFrom(view, "go", 1);
  showAhead(view, bytes(4));
  view.given = bytes(4);
  compareWithPage(view);
  showAhead(view, bytes(5));
  sendFrom(view, "go", 2);
  catchUp(view);
  assert.deepEqual(done, ["draws 2", "draws 4", "stays", "draws 5", "draws 4"]);
});

test("a picture that stands there already is not drawn again", () => {
  const { view, done } = viewOf(bytes(1, 2));
  showAhead(view, bytes(1, 2));
  assert.deepEqual(done, []);
  assert.equal(view.ahead, true);
});

const heads = { component: "heads", place: "st-key-attention-show" };
const lens = { component: "panels", place: "st-key-attention-lens" };

test("each picture has the view of its component and key, in any order", () => {
  const pictures = [["panels", "attention:lens", "b"], ["heads", "attention:show", "a"]];
  assert.deepEqual(paired(pictures, [heads, lens]), [lens, heads]);
});

test("pages that do not show the same pictures run as ever", () => {
  const one = ["heads", "attention:show", "a"];
  for (const [pictures, views] of [
    [[], []],
    [[], [heads]],
    [[one], []],
    [[one], [heads, lens]], // more here
    [[one, ["panels", "attention:lens", "b"]], [heads]], // more there
    [[["heads", "attention:other", "a"]], [heads]],
    [[["panels", "attention:show", "a"]], [heads]],
    [[one, one], [heads, lens]],
  ]) assert.equal(paired(pictures, views), null);
});
