// What the matrix costs in words and bars: the loss of each direction beside what nothing told apart would pay.

import { guess } from "./sums.js";
import { make } from "../shared/dom.js";

const LOSSES = {
  clip: [["rows", "text → picture, along rows"], ["columns", "picture → text, along columns"]],
  siglip: [["rows", "every pair by itself: SigLIP’s loss"]],
  simclr: [["rows", "each view seeks the other one"]],
};
const GUESSES = {
  clip: (n, told) => `ln ${n} = ${told}`,
  siglip: (n, told) => `${told}, where every pair is given 1/${n}`,
  simclr: (n, told) => `ln ${n - 1} = ${told}`,
};

export function lossBox(view) {
  const { data } = view;
  const box = make("div", "losses");
  const n = data.rows.length;
  const lines = LOSSES[data.kind];
  let sum = 0;
  for (const [name, title] of lines) {
    const one = view.judged[name];
    sum += one.loss / lines.length;
    box.append(lossLine(title, one.loss, guess(data)));
    box.append(make("div", "small", `right one first in ${one.right} of ${n} · it gets ${percent(one.probability)}`));
  }
  if (lines.length > 1) box.append(lossLine("both: CLIP’s loss", sum, guess(data), "whole"));
  const told = `The line stands at ${GUESSES[data.kind](n, guess(data).toFixed(2))}: nothing told apart.`;
  box.append(make("div", "small", told));
  if (data.kind === "siglip") box.append(make("div", "small", `sigmoid(scale × cosine ${signed(data.bias)})`));
  return box;
}

function lossLine(title, loss, chance, name = "") {
  const line = make("div", `loss ${name}`);
  const head = make("div", "head");
  head.append(make("span", "", title), make("b", "", `${loss.toFixed(loss < 0.1 ? 3 : 2)}`));
  const room = make("div", "room");
  const most = Math.max(1.5 * chance, 1e-6);
  const fill = make("i", "fill");
  fill.style.width = `${Math.min(100, (100 * loss) / most)}%`;
  const rule = make("i", "rule");
  rule.style.left = `${(100 * chance) / most}%`;
  room.append(fill, rule);
  line.append(head, room);
  return line;
}

const signed = (value) => `${value < 0 ? "−" : "+"} ${Math.abs(value).toPrecision(3)}`;

export const percent = (share) => (share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`);
