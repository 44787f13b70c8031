// The attention rows of one place: a line for every head, a column for every token that it may look at.

import { fitCanvas } from "../shared/dom.js";
import { tall } from "../shared/room.js";
import { inLanguage } from "../shared/said.js";

const LEAST = 5; // pixels a line has at least
const MOST = 40;
const EDGE = 52; // pixels left of the lines, for the names of layers

// The levels of one head's row at a place; null where the message has no maps.
export function rowAt(view, head, place) {
  const { shape: [count, queries, keys], values } = view.data.maps;
  if (head >= count || place >= queries) return null;
  const start = (head * queries + place) * keys;
  return values.subarray(start, start + keys);
}

export function drawHeads(view) {
  const { data, place, colours, canvas } = view;
  const lines = data.heads.length;
  const { layers } = data;
  const room = (canvas.parentElement.clientWidth || 300) - EDGE;
  const down = tall(data.height) - 70;
  const high = Math.max(LEAST, Math.min(MOST, Math.floor(down / lines)));
  const wide = Math.max(4, Math.min(46, Math.floor(room / (place + 1))));
  view.plan = { high, wide, edge: EDGE };
  const pen = fitCanvas(canvas, EDGE + wide * (place + 1), high * lines);
  const first = data.sink ? 1 : 0;
  for (let head = 0; head < lines; head += 1) {
    const row = rowAt(view, head, place);
    for (let column = 0; column <= place; column += 1) {
      pen.fillStyle = colours.scale[row[column + first]];
      pen.fillRect(EDGE + column * wide, head * high, wide - (wide > 8 ? 1 : 0), high - (high > 8 ? 1 : 0));
    }
  }
  pen.font = `${colours.small}px ${colours.plain}`;
  pen.textBaseline = "middle";
  pen.fillStyle = colours.quiet;
  layers.forEach(([name, start], index) => {
    const last = index + 1 < layers.length ? layers[index + 1][1] : lines;
    if ((last - start) * high >= 13) pen.fillText(inLanguage(name), 0, ((start + last) / 2) * high);
    if (high > 5) pen.clearRect(0, start * high - 1, EDGE + wide * (place + 1), 1);
  });
  pen.strokeStyle = colours.orange;
  pen.lineWidth = 2;
  pen.strokeRect(EDGE + 1, view.head * high + 1, wide * (place + 1) - 2, Math.max(3, high - 2));
}
