// What is said in words: the scores of a layer, what changed in it, and what stands behind the word that is pointed at.

import { goldOf, valuesOf } from "./read.js";

export const two = (value) => (Math.abs(value) < 0.005 ? "0" : value.toFixed(2).replace("-", "−"));
const percent = (value) => `${Math.round(100 * value)} %`;

export function saidOfLayer(view, part) {
  const { side } = part;
  const place = view.places[part.index];
  if (view.change) {
    if (place === 0) return "nothing comes before this layer";
    const [here, before] = [side.links[place], side.links[place - 1]];
    const gained = [...here].filter((link) => !before.has(link)).length;
    const lost = [...before].filter((link) => !here.has(link)).length;
    const since = side.layers[place - 1] === 0 ? "the input" : `layer ${side.layers[place - 1]}`;
    return `since ${since}: ${gained} gained (+), ${lost} lost (×)`;
  }
  const count = side.words[place].size;
  if (!side.scores) return `${count} ${count === 1 ? "link" : "links"}`;
  const [precision, recall, , error] = side.scores[place];
  return `AER ${two(error)} · precision ${percent(precision)} · recall ${percent(recall)}`;
}

// The mean over the pieces of two words.
function wordValue(view, part, source, target) {
  const { side } = part;
  const values = valuesOf(view, side, view.places[part.index]);
  let [sum, count] = [0, 0];
  side.rows.forEach((row, i) => side.columns.forEach((column, j) => {
    if (row.word !== source || column.word !== target) return;
    sum += values[i * side.columns.length + j];
    count += 1;
  }));
  return count ? sum / count : null;
}

// The words of the other side that are most like the one pointed at, best first.
function bestOf(view, part, at) {
  const { data } = view;
  const words = at.target === null ? data.target : data.source;
  return words
    .map((word, k) => ({ word, value: wordValue(view, part, at.source ?? k, at.target ?? k) }))
    .filter((one) => one.value !== null)
    .sort((one, other) => other.value - one.value)
    .slice(0, 3);
}

const GOLD_WORDS = { sure: "gold: sure", possible: "gold: possible", "": "not in gold" };

export function readout(view) {
  const at = view.hold || view.point;
  if (!at) return "";
  const { data } = view;
  const name = (part) => (view.parts.length > 1 ? `${"AB"[part.index]} ` : "");
  if (at.source !== null && at.target !== null) {
    const values = view.parts.map((part) => [part, wordValue(view, part, at.source, at.target)]);
    const numbers = values.map(([part, value]) => `${name(part)}${value === null ? "–" : two(value)}`).join(" · ");
    const gold = goldOf(data, `${at.source}-${at.target}`);
    const judged = gold === null ? "" : ` · ${GOLD_WORDS[gold]}`;
    return `${data.source[at.source]} – ${data.target[at.target]}: ${numbers}${judged}`;
  }
  const word = at.target === null ? data.source[at.source] : data.target[at.target];
  const lists = view.parts.map((part) => {
    const best = bestOf(view, part, at).map((one) => `${one.word} ${two(one.value)}`).join(", ");
    return `${name(part)}${best || "–"}`;
  });
  return `${word}: ${lists.join(" · ")}`;
}
