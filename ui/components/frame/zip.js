// Files put together as one ZIP, as they are.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

const UTF8 = 0x800; // names are written so
const VERSION_NEEDED = 20;
const FIRST_DAY = 0x21; // 1 January 1980: the same files give the same bytes

// Numbers of two and four bytes, little-endian: [[value, bytes], ...].
function numbers(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  fields.forEach(([value, size]) => {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  });
  return bytes;
}

// files: [[name, bytes or text], ...].
export function zipOf(files) {
  const parts = [];
  const index = [];
  let start = 0;
  files.forEach(([name, given]) => {
    const encoder = new TextEncoder();
    const [title, bytes] = [encoder.encode(name), typeof given === "string" ? encoder.encode(given) : given];
    const common = [[VERSION_NEEDED, 2], [UTF8, 2], [0, 2], [0, 2], [FIRST_DAY, 2], [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [title.length, 2], [0, 2]];
    const head = numbers([[0x04034b50, 4], ...common]);
    parts.push(head, title, bytes);
    index.push(numbers([[0x02014b50, 4], [VERSION_NEEDED, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [start, 4]]), title);
    start += head.length + title.length + bytes.length;
  });
  const size = index.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([[0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [start, 4], [0, 2]]);
  return new Blob([...parts, ...index, end], { type: "application/zip" });
}
