// The maps of one example at a moment: all heads small, one of them large with its tokens.

import { visible } from "../shared/text.js";
import { fitCanvas, make } from "../shared/dom.js";
import { css } from "../shared/colour.js";
import { penOf } from "../shared/saving.js";

export const GAP = 6;
const LABEL = 16;
const TOKEN = 14;

// [layer, head, query, key] of the last kept moment at or before one, as a function.
export function weightsAt(side, moment) {
  let place = 0;
  side.kept.forEach((kept, k) => { if (kept <= moment) place = k; });
  const [, layers, heads, n] = side.shape;
  const begin = place * layers * heads * n * n;
  return (layer, head, query, key) => side.weights[begin + ((layer * heads + head) * n + query) * n + key] / 255;
}

export function overview(view, side, room) {
  const [, layers, heads] = side.shape;
  const canvas = make("canvas", "overview", { role: "img", tabIndex: 0 });
  canvas.setAttribute("aria-label", `${layers} layers of ${heads} heads; a click enlarges one`);
  const cell = Math.max(28, Math.min((room.width - LABEL) / heads - GAP, (room.height - LABEL) / layers - GAP));
  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    const head = Math.floor((event.clientX - box.left - LABEL) / (cell + GAP));
    const layer = Math.floor((event.clientY - box.top - LABEL) / (cell + GAP));
    if (head >= 0 && layer >= 0 && head < heads && layer < layers) view.choose(side, layer, head);
  });
  return { canvas, cell };
}

export function drawOverview(view, side) {
  const { palette } = view;
  const [, layers, heads, n] = side.shape;
  const { canvas, cell } = side.small;
  const pen = fitCanvas(canvas, LABEL + heads * (cell + GAP), LABEL + layers * (cell + GAP));
  const weight = weightsAt(side, side.moment);
  pen.font = `13px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let layer = 0; layer < layers; layer += 1) {
    pen.fillText(String(layer + 1), LABEL / 2 - 2, LABEL + layer * (cell + GAP) + cell / 2);
    for (let head = 0; head < heads; head += 1) {
      if (!layer) pen.fillText(String(head + 1), LABEL + head * (cell + GAP) + cell / 2, LABEL / 2);
      const [x, y] = [LABEL + head * (cell + GAP), LABEL + layer * (cell + GAP)];
      paint(pen, palette, n, (query, key) => weight(layer, head, query, key), { x, y, size: cell });
      const on = side.chosen[0] === layer && side.chosen[1] === head;
      pen.strokeStyle = on ? palette.primary : palette.rule;
      pen.lineWidth = on ? 3 : 1;
      pen.strokeRect(x, y, cell, cell);
      pen.fillStyle = palette.quiet;
    }
  }
}

function paint(pen, palette, n, weight, { x, y, size }) {
  const image = Object.assign(document.createElement("canvas"), { width: n, height: n });
  const inner = image.getContext("2d");
  const pixels = inner.createImageData(n, n);
  for (let query = 0; query < n; query += 1) {
    for (let key = 0; key < n; key += 1) {
      const colour = palette.weight[Math.round(weight(query, key) * (palette.weight.length - 1))];
      pixels.data.set([...colour, 255], 4 * (query * n + key));
    }
  }
  inner.putImageData(pixels, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, x, y, size, size);
}

// One head with its tokens; places where the answer stands are what the pattern counts.
export function drawLarge(view, side) {
  const { palette } = view;
  const { canvas, size } = side.large;
  const n = side.shape[3];
  const edge = widestOf(view, side) + 8;
  const pen = fitCanvas(canvas, size, size);
  const [layer, head] = side.chosen;
  const weight = weightsAt(side, side.moment);
  const inner = size - edge - 2;
  paint(pen, palette, n, (query, key) => weight(layer, head, query, key), { x: edge, y: edge, size: inner });
  pen.strokeStyle = palette.rule;
  pen.strokeRect(edge, edge, inner, inner);
  const cell = inner / n;
  const every = cell >= TOKEN - 1 ? 1 : Math.ceil((TOKEN - 1) / cell);
  pen.font = `${TOKEN}px ${palette.face}`;
  pen.textBaseline = "middle";
  side.names.forEach((name, i) => {
    if (i % every) return;
    pen.fillStyle = side.places.includes(i) ? palette.ink : palette.quiet;
    pen.textAlign = "right";
    pen.fillText(name, edge - 5, edge + (i + 0.5) * cell);
    pen.save();
    pen.translate(edge + (i + 0.5) * cell, edge - 5);
    if (name.length > 1) pen.rotate(-Math.PI / 2);
    else pen.textBaseline = "alphabetic";
    pen.textAlign = name.length > 1 ? "left" : "center";
    pen.fillText(name, 0, 0);
    pen.restore();
  });
  side.large.cellAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const [query, key] = [event.clientY - box.top - edge, event.clientX - box.left - edge].map((p) => Math.floor(p / cell));
    return query >= 0 && key >= 0 && query < n && key < n ? [query, key] : null;
  };
}

function widestOf(view, side) {
  const pen = penOf(side.large.canvas);
  pen.font = `${TOKEN}px ${view.palette.face}`;
  return Math.max(...side.names.map((name) => pen.measureText(name).width), 12);
}

export const nameOfToken = (token) => (token.startsWith("[") && token.endsWith("]") && token.length > 2 ? "▢" : visible(token));

// What is given and what is answered so far, character by character: right, wrong, and how sure.
export function answerRow(view, side) {
  const row = make("div", "answer");
  const given = side.causal ? side.tokens.slice(0, side.places[0] + 1) : side.tokens.slice(0, side.places[0]);
  row.append(make("span", "given", given.map(nameOfToken).join("")));
  side.answers[side.moment].forEach((choices, k) => {
    const [piece, share] = choices[0];
    const right = piece === side.wanted[k];
    const one = make("span", right ? "right" : "wrong", nameOfToken(piece));
    one.title = `${choices.map(([other, p]) => `${nameOfToken(other)} ${Math.round(100 * p)} %`).join(", ")}; wanted: ${nameOfToken(side.wanted[k])}`;
    const tone = view.palette.difference[right ? 20 : view.palette.difference.length - 21];
    one.style.borderBottomColor = css(tone);
    one.style.opacity = String(0.45 + 0.55 * share);
    row.append(one);
  });
  return row;
}
