// From the message's bytes to sides with typed arrays; and small helpers that the other parts share.

function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = bytes.byteOffset + 4 + length;
  const kinds = { "<f4": Float32Array, "<u4": Uint32Array, "<i4": Int32Array, "<u1": Uint8Array };
  const read = ({ at, count, kind }) => {
    const Kind = kinds[kind];
    return new Kind(bytes.buffer.slice(start + at, start + at + count * Kind.BYTES_PER_ELEMENT));
  };
  for (const side of header.sides) {
    side.owners = read(side.owners);
    side.count = side.owners.length;
    if (!side.labels.length) side.labels = side.texts;
    if (side.pictures) [side.pictures, side.sheet] = [read(side.pictures), read(side.sheet)];
    for (const column of side.columns) column.codes = read(column.codes);
    side.frames = new Map(
      side.frames.map((frame) => {
        const arrays = { places: read(frame.places), neighbours: read(frame.neighbours), cosines: read(frame.cosines) };
        return [frame.layer, { ...frame, ...arrays }];
      }),
    );
  }
  return header;
}

function element(tag, name, text = "") {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}

// The layer of a side at a position of the common slider: the same share of the way.
function layerAt(position, steps, layers) {
  return Math.round((Math.max(0, Math.min(position, steps - 1)) * (layers - 1)) / Math.max(1, steps - 1));
}

const quiet = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
