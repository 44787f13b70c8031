// The frame arrives as it was sent, wherever it lies in memory.
import assert from "node:assert/strict";
import test from "node:test";
import { unpack } from "../../ui/components/shared/message.js";
import { frame } from "./frames.js";

const ARRAYS = [
  ["a", "uint8", [3], [0, 128, 255]],
  ["b", "uint16", [1, 2], [1, 65535]],
  ["c", "float32", [2, 1], [-0.5, 3]],
  ["d", "int32", [2], [-1, 7]],
  ["e", "uint32", [0], []],
];

for (const before of [0, 1, 2, 3]) {
  test(`every type and shape, ${before} bytes behind the beginning`, () => {
    const { header, arrays } = unpack(frame({ text: "日 </script>" }, ARRAYS, before));
    assert.deepEqual(header, { text: "日 </script>" });
    for (const [name, , shape, numbers] of ARRAYS) {
      assert.deepEqual(arrays[name].shape, shape);
      assert.deepEqual([...arrays[name].values], numbers);
    }
    assert.ok(arrays.b.values instanceof Uint16Array && arrays.d.values instanceof Int32Array);
  });
}

test("values are a copy", () => {
  const bytes = frame({}, [["a", "uint8", [1], [5]]]);
  unpack(bytes).arrays.a.values[0] = 9;
  assert.equal(unpack(bytes).arrays.a.values[0], 5);
});

test("what cannot be read is said", () => {
  const bytes = frame({}, [["a", "float32", [2], [1, 2]]]);
  assert.throws(() => unpack(bytes.subarray(0, bytes.length - 1)), /a: the message ends/);
  const other = new TextEncoder().encode(JSON.stringify({ header: {}, arrays: [{ name: "a", type: "bool", shape: [1] }] }));
  const message = new Uint8Array([...new Uint8Array(new Uint32Array([other.length]).buffer), ...other, 0, 0, 0, 0]);
  assert.throws(() => unpack(message), /a: this view reads no bool/);
});
