// The colour bar of the weights, the tooltip, and tokens written into a picture.

import { SHARES, flagsOf } from "./facts.js";
import { fitCanvas, make } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";
import { directionOf, elide } from "../shared/text.js";

const TICKS = [0, 0.05, 0.25, 0.5, 1];

// Root scale: small weights stay visible; the ticks say where they are.
export function drawScale(canvas, palette, width, perRow = false) {
  const pen = fitCanvas(canvas, width, 30);
  const bar = width - 34;
  for (let x = 0; x < bar; x += 1) {
    pen.fillStyle = palette.scale[Math.round((x / (bar - 1)) * 255)];
    pen.fillRect(x + 2, 1, 1.5, 9);
  }
  pen.strokeStyle = palette.rule;
  pen.strokeRect(1.5, 0.5, bar + 1, 10);
  pen.font = `${palette.small - 1}px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.textBaseline = "top";
  const ticks = perRow ? [[0, "0"], [1, inLanguage("row’s greatest")]] : TICKS.map((weight) => [weight, `${weight * 100}`]);
  ticks.forEach(([weight, text], place) => {
    const x = 2 + Math.sqrt(weight) * bar;
    const last = place === ticks.length - 1;
    pen.textAlign = place === 0 ? "left" : perRow && last ? "right" : "center";
    pen.fillText(last && !perRow ? "100 %" : text, x + (last && !perRow ? 4 : 0), 15);
    pen.fillRect(x - 0.5, 11, 1, 3);
  });
}

// One tooltip for each view, beside the pointer and always inside the view.
export function showTip(view, lines, x, y) {
  const { tip, root } = view.parts;
  if (!lines) {
    tip.hidden = true;
    return;
  }
  view.tipAt = [x, y];
  tip.replaceChildren(...lines.map((line) => make("div", "", { textContent: line })));
  tip.hidden = false;
  const frame = root.getBoundingClientRect();
  const [across, down] = [x - frame.left, y - frame.top];
  const right = across + 18 + tip.offsetWidth > frame.width;
  const left = right ? Math.max(0, across - tip.offsetWidth - 14) : across + 16;
  tip.style.left = `${Math.min(left, Math.max(0, frame.width - tip.offsetWidth))}px`;
  tip.style.top = `${Math.max(0, down + 20 + tip.offsetHeight > frame.height ? down - tip.offsetHeight - 12 : down + 16)}px`;
}

// Weights of a token, or of a cell, written into a picture.
export function writeToken(pen, palette, token, x, y, align, room, options = {}) {
  const weight = options.strong ? 650 : 400;
  const text = elide(pen, token.text, room);
  pen.font = `${token.special ? "italic " : ""}${weight} ${options.size || palette.size}px ${palette.face}`;
  pen.direction = directionOf(token.text);
  pen.textBaseline = "middle";
  pen.fillStyle = options.strong ? palette.primary : token.special ? palette.faint : palette.ink;
  const number = `${token.index}`;
  const small = `${Math.round((options.size || palette.size) * 0.72)}px ${palette.plain}`;
  const face = pen.font;
  pen.font = small;
  const wide = pen.measureText(number).width + 5;
  pen.font = face;
  // The index stands on the side of the picture: right of a token that ends there, left of one that begins there.
  const inner = align === "right" ? x - wide : x + wide;
  pen.textAlign = align;
  pen.fillText(text, inner, y + 0.5);
  pen.font = small;
  pen.direction = "ltr";
  pen.fillStyle = options.strong ? palette.primary : palette.faint;
  pen.fillText(number, x, y + 1);
  pen.font = `${palette.size}px ${palette.face}`;
  return wide;
}

export function markerOf(kind, layer, head, palette) {
  return flagsOf(kind, layer, head).map((name) => palette.categories[Object.keys(SHARES).indexOf(name)]);
}
