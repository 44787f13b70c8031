// Reads a payload into kinds of attention and their weights; knows nothing of drawing.

import { unpack } from "../shared/message.js";

export const CODE_TO_LEVEL = Uint8Array.from({ length: 65536 }, (_, code) => Math.round(Math.sqrt(code / 65535) * 255));

// The kinds of attention of a message, each with its codes and what the header says of it.
export function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  return {
    // Another height is no other picture.
    text: JSON.stringify({ ...header, height: 0 }),
    header,
    height: header.height,
    kinds: header.kinds.map((kind) => readKind(kind, arrays[kind.kind])),
    off: new Set((header.off || []).map((head) => head.join("."))),
  };
}

// The mean over the heads of a layer, when the message had no room for it: as good as its 8 bits, like the heads.
function withMean(kind) {
  if (kind.extra.length || isFine(kind.codes) || kind.block[0] > 1 || kind.block[1] > 1) return kind;
  const codes = new Uint8Array(kind.layers * (kind.heads + 1) * kind.size);
  const sums = new Float32Array(kind.size);
  for (let layer = 0; layer < kind.layers; layer += 1) {
    const from = layer * kind.heads * kind.size;
    const to = layer * (kind.heads + 1) * kind.size;
    const heads = kind.codes.subarray(from, from + kind.heads * kind.size);
    codes.set(heads, to);
    sums.fill(0);
    for (let at = 0; at < heads.length; at += 1) sums[at % kind.size] += heads[at] * heads[at];
    const mean = codes.subarray(to + heads.length, to + heads.length + kind.size);
    for (let cell = 0; cell < kind.size; cell += 1) mean[cell] = Math.round(Math.sqrt(sums[cell] / kind.heads));
  }
  return { ...kind, codes, extra: ["mean"], maps: kind.heads + 1 };
}

// 16 bits are the weight itself, 8 bits its root.
export const isFine = (codes) => codes instanceof Uint16Array;

function readKind(kind, { shape, values: codes }) {
  kind.columns = kind.columns || kind.rows; // told once where they are the same tokens
  const [, , rows, columns] = shape;
  return withMean({
    ...kind,
    codes,
    cells: [rows, columns],
    maps: kind.heads + kind.extra.length,
    size: rows * columns,
    approximate: !isFine(codes) || kind.block[0] > 1 || kind.block[1] > 1,
    long: Math.max(kind.rows.length, kind.columns.length) > 128,
  });
}

// Heads are numbers, the extra maps of a layer are names; in the payload the extras follow the heads.
export function mapNumber(kind, layer, head) {
  const place = typeof head === "number" ? head : kind.heads + kind.extra.indexOf(head);
  return layer * kind.maps + place;
}

export function hasMap(kind, layer, head) {
  const known = typeof head === "number" ? head >= 0 && head < kind.heads : kind.extra.includes(head);
  return known && layer >= 0 && layer < kind.layers;
}

// One map as weights: values[row cell][column cell], each cell standing for a block of tokens.
export function weightsOf(kind, layer, head) {
  const start = mapNumber(kind, layer, head) * kind.size;
  const values = new Float32Array(kind.size);
  const wide = isFine(kind.codes);
  for (let cell = 0; cell < kind.size; cell += 1) {
    const code = kind.codes[start + cell];
    values[cell] = wide ? code / 65535 : (code / 255) ** 2;
  }
  return { values, rows: kind.cells[0], columns: kind.cells[1], block: kind.block, exact: !kind.approximate };
}

export function exactWeights(kind, values) {
  return { values, rows: kind.rows.length, columns: kind.columns.length, block: [1, 1], exact: true };
}

export function weightAt(weights, row, column) {
  const r = Math.floor(row / weights.block[0]);
  const c = Math.floor(column / weights.block[1]);
  return weights.values[r * weights.columns + c];
}

// The row of one query token, a number for each key token.
export function rowOf(weights, row, length) {
  return Float32Array.from({ length }, (_, column) => weightAt(weights, row, column));
}

export function columnOf(weights, column, length) {
  return Float32Array.from({ length }, (_, row) => weightAt(weights, row, column));
}

// Draws rows x columns of a stored table into height x width: repeated when growing, the greatest when shrinking,
// so that a thin diagonal of a long text is never lost between two pixels.
export function pool(values, start, stride, rows, columns, height, width, out) {
  const edges = Uint32Array.from({ length: width + 1 }, (_, x) => Math.floor((x * columns) / width));
  for (let y = 0; y < height; y += 1) {
    const top = Math.floor((y * rows) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * rows) / height));
    for (let x = 0; x < width; x += 1) {
      const right = Math.max(edges[x] + 1, edges[x + 1]);
      let greatest = 0;
      for (let row = top; row < bottom; row += 1) {
        const line = start + row * stride;
        for (let column = edges[x]; column < right; column += 1) {
          const value = values[line + column];
          if (value > greatest) greatest = value;
        }
      }
      out[y * width + x] = greatest;
    }
  }
  return out;
}
