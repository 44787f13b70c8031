// Reads a message into grids and steps; knows nothing of drawing.

// The message is [uint32 length][JSON][padding to 4][float32 of every grid], and a height in the last four bytes.
function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const header = JSON.parse(text);
  if (header.version !== 1) throw new Error(`This board reads messages of version 1, not ${header.version}.`);
  let at = 4 + Math.ceil(length / 4) * 4;
  const grids = new Map();
  header.grids.forEach((grid) => {
    const count = grid.rows.length * grid.columns.length;
    // Copied: an edit shows at once, and the message itself must not change.
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * count));
    at += 4 * count;
    grids.set(grid.name, { ...grid, values });
  });
  return { text, header, grids, steps: header.steps, height: view.getUint32(bytes.byteLength - 4, true) };
}

const valueAt = (grid, row, column) => grid.values[row * grid.columns.length + column];

const greatestOf = (grid) => grid.values.reduce(
  (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0,
);

// Grids of one unit share the end of their colours.
function bounds(grids) {
  const most = new Map();
  grids.forEach((grid) => {
    const unit = grid.unit || grid.name;
    most.set(unit, Math.max(most.get(unit) || 0, greatestOf(grid)));
  });
  return (grid) => (grid.shade === "share" ? 1 : most.get(grid.unit || grid.name) || 1);
}

// True minus, no minus zero, and a hidden score as the formula has it.
function say(value, digits = 2) {
  if (value === -Infinity) return "−∞";
  if (value === Infinity) return "∞";
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? Math.min(1, digits) : digits;
  const text = size >= 1000 ? size.toPrecision(3) : size.toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

// What somebody typed as a number; NaN for everything else.
function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}
