// Progress in lessons over a clock that is set: what was done last is never what is thrown away.

import assert from "node:assert/strict";
import test from "node:test";

import { kept, note } from "../../ui/components/lesson/kept.js";

const DAY = 86400000;

function withClock(act) {
  const memory = new Map();
  const { now } = Date;
  const clock = { at: 1e12 };
  globalThis.localStorage = { getItem: (name) => memory.get(name) ?? null, setItem: (name, value) => memory.set(name, value) };
  Date.now = () => clock.at;
  try {
    act(clock);
  } finally {
    Date.now = now;
    delete globalThis.localStorage;
  }
}

test("after the clock was set back a day, the lesson that is gone on with is kept", () => {
  withClock((clock) => {
    for (let lesson = 0; lesson < 60; lesson += 1) {
      clock.at += 1000;
      note(`lesson ${lesson}`, { at: 2 });
    }
    clock.at -= DAY;
    note("the newest", { at: 5 });
    assert.equal(kept()["the newest"]?.at, 5);
    assert.equal(Object.keys(kept()).length, 60);
    assert.equal(kept()["lesson 0"], undefined); // the oldest has made room
    clock.at += 2 * DAY;
    note("lesson 1", { at: 3 });
    note("one more", { at: 1 });
    assert.equal(kept()["lesson 1"].at, 3);
    assert.equal(kept()["lesson 2"], undefined);
  });
});
