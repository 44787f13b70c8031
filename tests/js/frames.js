// Messages as ui/components/message.py writes them, from their description; and a theme without a browser.

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array };

// arrays: [name, type, shape, numbers]. before: bytes in front of the message in its buffer.
export function frame(header, arrays = [], before = 0) {
  const told = arrays.map(([name, type, shape]) => ({ name, type, shape }));
  const text = new TextEncoder().encode(JSON.stringify({ header, arrays: told }));
  const bytes = [];
  const pad = () => { while (bytes.length % 4) bytes.push(0); };
  bytes.push(...new Uint8Array(new Uint32Array([text.length]).buffer), ...text);
  for (const [, type, , numbers] of arrays) {
    pad();
    bytes.push(...new Uint8Array(TYPES[type].from(numbers).buffer));
  }
  pad();
  return new Uint8Array([...Array(before).fill(7), ...bytes]).subarray(before);
}

function parts(colour) {
  if (colour === "white") return [255, 255, 255];
  if (colour.startsWith("#")) return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return colour.match(/\d+/g).map(Number);
}

// Puts a page of these colours where scripts look for one.
export function theme(colours) {
  globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => colours[name.replace("--st-", "")] || "" });
  const pen = () => ({ fillRect() {}, getImageData() { return { data: [...parts(this.fillStyle), 255] }; } });
  globalThis.document = { createElement: () => { const one = pen(); return { getContext: () => one }; } };
}

export const near = (assert, found, wanted, most = 1e-6) => {
  assert.equal(found.length, wanted.length);
  [...found].forEach((value, k) => assert.ok(Math.abs(value - wanted[k]) <= most, `${[...found]} is not ${wanted}`));
};
