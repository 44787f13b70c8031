// The message as sides with their arrays; and small helpers that the other parts share.

import { unpack } from "../shared/message.js";

export const CLUSTERS = "clusters";

export function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  header.sides.forEach((side, place) => {
    const values = (name) => arrays[`${place} ${name}`]?.values;
    side.owners = values("owners");
    side.count = side.owners.length;
    if (!side.labels.length) side.labels = side.texts;
    [side.pictures, side.sheet] = [values("pictures"), values("sheet")];
    side.columns.forEach((column, k) => { column.codes = values(`codes ${k}`); });
    side.frames = new Map(side.frames.map((frame, k) => [frame.layer, {
      ...frame,
      places: values(`places ${k}`),
      neighbours: values(`neighbours ${k}`),
      cosines: values(`cosines ${k}`),
      each: arrays[`${place} neighbours ${k}`].shape[1],
      depths: values(`depths ${k}`) || null,
      clusters: frame.groups ? { title: CLUSTERS, names: frame.groups, codes: values(`clusters ${k}`) } : null,
    }]));
  });
  return header;
}

// The layer of a side at a position of the common slider: the same share of the way.
export function layerAt(position, steps, layers) {
  return Math.round((Math.max(0, Math.min(position, steps - 1)) * (layers - 1)) / Math.max(1, steps - 1));
}

export const quiet = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
