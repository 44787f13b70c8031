// The picture of one side: strips of vectors, and lines of attention between the rows of its tokens.

import { css } from "../shared/colour.js";
import { fitCanvas } from "../shared/dom.js";
import { visible } from "../shared/text.js";

const HALF = 128; // a number of 0, as it is sent

export const weightAt = (array, layer, head, row, column) => {
  const [, heads, queries, keys] = array.shape;
  return (array.values[((layer * heads + Math.min(head, heads - 1)) * queries + row) * keys + column] / 255) ** 2;
};

export function drawSide(view, part) {
  if (view.shadesOf !== view.colours) Object.assign(view, { shadesOf: view.colours, shades: view.colours.difference.map(css) });
  const { columns, rows, high } = part;
  const last = columns[columns.length - 1];
  const pen = fitCanvas(part.canvas, last.x + last.wide, rows * high);
  pen.font = `${view.colours.small}px ${view.colours.plain}`;
  columns.forEach((column) => {
    pen.globalAlpha = view.stop && view.stop !== column.stop && !(view.stop === "Stream" && column.name === "before") ? 0.22 : 1;
    if (column.strip) drawStrip(view, part, pen, column);
    if (column.lines) drawLines(view, part, pen, column);
  });
  pen.globalAlpha = 1;
  pen.strokeStyle = view.colours.orange;
  pen.lineWidth = 1.5;
  const chosen = view.token[part.index];
  const from = columns[1].x - 3;
  const to = columns.filter((one) => one.strip).at(-1);
  pen.strokeRect(from, chosen * high + 0.75, to.x + to.wide + 3 - from, high - 1.5);
}

// The shades of a column's vectors, [row][number], and how long each vector is.
export function stripOf(part, column) {
  const { arrays, layer } = part;
  const places = part.rows;
  const at = (name, lead) => {
    const array = arrays[name];
    const wide = array.shape[array.shape.length - 1];
    return { values: array.values.subarray(lead * places * wide, (lead + 1) * places * wide), wide };
  };
  const sizes = (name, lead) => arrays[name].values.subarray(lead * places, (lead + 1) * places);
  if (column.name === "vector" || column.name === "place") {
    const lead = column.name === "vector" ? 0 : 1;
    return { ...at("vectors", lead), lengths: sizes("vectorLengths", lead) };
  }
  if (column.name === "before") return { ...at("before", layer), lengths: sizes("beforeLengths", layer) };
  const lead = layer * part.side.sublayers.length + column.part;
  return { ...at(column.name, lead), lengths: sizes(`${column.name}Lengths`, lead) };
}

function drawStrip(view, part, pen, column) {
  const { values, wide } = stripOf(part, column);
  const middle = (view.shades.length - 1) / 2;
  const edge = part.high > 12 ? 2 : 1;
  for (let row = 0; row < part.rows; row += 1) {
    for (let k = 0; k < wide; k += 1) {
      pen.fillStyle = view.shades[Math.round(middle + ((values[row * wide + k] - HALF) / 127) * middle)];
      const x = column.x + (k * column.wide) / wide;
      pen.fillRect(x, row * part.high + edge, column.wide / wide + 0.4, part.high - 2 * edge);
    }
  }
}

function drawLines(view, part, pen, column) {
  const { high, rows, layer, side } = part;
  const cross = column.name === "crossLines";
  const array = part.arrays[cross ? "cross" : "maps"];
  const keys = array.shape[3];
  const skipped = !cross && side.sink ? 1 : 0;
  const from = cross ? column.x + Math.min(70, column.wide * 0.5) : column.x;
  const yOf = (key) => (cross ? ((key + 0.5) * rows * high) / keys : (key - skipped + 0.5) * high);
  const chosen = view.token[part.index];
  const before = pen.globalAlpha;
  const order = [...Array(rows).keys()].filter((row) => row !== chosen);
  [...order, chosen].forEach((row) => {
    for (let key = skipped; key < keys; key += 1) {
      const weight = weightAt(array, layer, view.head, row, key);
      if (weight < 0.01) continue;
      const own = row === chosen;
      pen.globalAlpha = before * (own ? 0.25 + 0.75 * weight : 0.05 + 0.16 * weight);
      pen.strokeStyle = own ? view.colours.primary : view.colours.quiet;
      pen.lineWidth = own ? 1 + 7 * weight : 1;
      const [y1, y2, to] = [yOf(key), (row + 0.5) * high, column.x + column.wide];
      pen.beginPath();
      pen.moveTo(from, y1);
      pen.bezierCurveTo((from + to) / 2, y1, (from + to) / 2, y2, to, y2);
      pen.stroke();
    }
  });
  pen.globalAlpha = before;
  if (!cross) return;
  pen.fillStyle = view.colours.ink;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  side.read.forEach((text, key) => pen.fillText(visible(text).slice(0, 9), from - 4, yOf(key)));
  pen.textAlign = "left";
}
