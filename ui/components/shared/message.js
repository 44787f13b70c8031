// The frame in which every component gets its data: a header, and arrays by name. Written by ui/components/message.py.

const KINDS = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array };
const ALIGNED = 4; // bytes

// {header, arrays}: an array is {shape, values}; its values are a copy, so that a view may write into them.
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const { header, arrays } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let start = 4 + length;
  const found = {};
  for (const { name, type, shape } of arrays) {
    const Kind = KINDS[type];
    if (!Kind) throw new Error(`${name}: this view reads no ${type}.`);
    start = Math.ceil(start / ALIGNED) * ALIGNED;
    const end = start + Kind.BYTES_PER_ELEMENT * shape.reduce((product, count) => product * count, 1);
    if (end > bytes.byteLength) throw new Error(`${name}: the message ends before its last number.`);
    found[name] = { shape, values: new Kind(bytes.slice(start, end).buffer) };
    start = end;
  }
  return { header, arrays: found };
}
