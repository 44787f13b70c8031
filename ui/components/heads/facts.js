// What the numbers of a head say: shares, ranks, names, and the sentences that tell them.

import { columnOf, rowOf, weightAt } from "./decode.js";
import { clusters, visible } from "../shared/text.js";
import { layerName, nameOf, shortName } from "./names.js";

export const SHARES = {
  diagonal: "to the same token",
  previous: "to the previous token",
  next: "to the next token",
  first: "to the first token",
  separator: "to separators",
};

function significant(number, digits) {
  if (number === 0) return "0";
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(number))));
  return number.toFixed(Math.min(places, 4));
}

// 0.123 -> "12.3 %"; the space never breaks.
export function percent(weight, digits = 3) {
  const number = weight * 100;
  if (number > 0 && number < 0.01) return "< 0.01\u00a0%";
  return `${number >= 99.95 ? "100" : significant(number, Math.min(digits, number < 1 ? 2 : digits))}\u00a0%`;
}

// Isolated, so that a right-to-left word does not turn the sentence round.
const isolated = (text) => `\u2068${text}\u2069`;
export const quoted = (token) => `“${isolated(clip(visible(token.text)))}” (${token.index})`;
export const clip = (text, most = 24) => (clusters(text).length > most ? `${clusters(text).slice(0, most).join("")}…` : text);

export function measureOf(kind, name, layer, head) {
  const table = kind.measures && kind.measures[name];
  const value = typeof head === "number" && table && table[layer] ? table[layer][head] : undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function measureText(name, value) {
  if (name === "entropy") return `${significant(value, 2)} bits`;
  if (name === "distance") return `${significant(value, 2)} tokens`;
  return percent(value, 2);
}

// The pattern with the greatest share, when the measures know one.
function strongestShare(kind, layer, head) {
  let best = null;
  for (const [name, words] of Object.entries(SHARES)) {
    const share = measureOf(kind, name, layer, head);
    if (share !== undefined && (!best || share > best.share)) best = { name, share, words };
  }
  return best;
}

export const flagsOf = (kind, layer, head) =>
  Object.keys(SHARES).filter((name) => (measureOf(kind, name, layer, head) || 0) >= 0.5);

// "Layer 3 · head 5 — entropy 1.2 bits, 71 % to the previous token"
export function headLine(kind, layer, head, off) {
  const parts = [];
  const entropy = measureOf(kind, "entropy", layer, head);
  if (entropy !== undefined) parts.push(`entropy ${measureText("entropy", entropy)}`);
  const best = strongestShare(kind, layer, head);
  const distance = measureOf(kind, "distance", layer, head);
  if (best && best.share >= 0.15) parts.push(`${percent(best.share, 2)} ${best.words}`);
  else if (distance !== undefined) parts.push(`on average ${measureText("distance", distance)} away`);
  if (off) parts.unshift("switched off");
  return nameOf(kind, layer, head) + (parts.length ? ` — ${parts.join(", ")}` : "");
}

// Heads from one end of a measure to the other; of entropy the sharpest come first.
export function rankedHeads(kind, measure) {
  if (!kind.measures || !kind.measures[measure]) return null;
  const heads = [];
  for (let layer = 0; layer < kind.layers; layer += 1) {
    for (let head = 0; head < kind.heads; head += 1) {
      heads.push({ layer, head, value: measureOf(kind, measure, layer, head) ?? -1 });
    }
  }
  const sign = measure === "entropy" ? 1 : -1;
  return heads.sort((one, other) => sign * (one.value - other.value));
}

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

// Mean over the rows of the entropy in bits.
function meanEntropy(weights) {
  let total = 0;
  for (let row = 0; row < weights.rows; row += 1) {
    const line = weights.values.subarray(row * weights.columns, (row + 1) * weights.columns);
    const sum = sumOf(line) || 1;
    for (const value of line) if (value > 0) total -= (value / sum) * Math.log2(value / sum);
  }
  return total / weights.rows;
}

// What each key receives from all queries on average, a number for each cell column.
export function columnMeans(weights) {
  const means = new Float32Array(weights.columns);
  weights.values.forEach((value, cell) => { means[cell % weights.columns] += value / weights.rows; });
  return means;
}

function order(values) {
  return Array.from(values.keys()).sort((one, other) => values[other] - values[one]);
}

const ordinal = (n) => n + (n % 100 > 10 && n % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] || "th");

// The tooltip of one cell: value first, then its place in the row.
export function cellLines(kind, weights, row, column) {
  const about = weights.exact ? "" : "≈\u00a0";
  const value = weightAt(weights, row, column);
  const line = rowOf(weights, row, kind.columns.length);
  const rank = 1 + line.filter((other) => other > value).length;
  const from = kind.rows[row];
  const to = kind.columns[column];
  return [
    `${isolated(clip(visible(from.text)))} (${from.index}) → ${isolated(clip(visible(to.text)))} (${to.index}): ${about}${percent(value)}`,
    `${rank === 1 ? "greatest" : `${ordinal(rank)} greatest`} of ${kind.columns.length} in its row`,
  ];
}

// "What you see", from the numbers of this head.
export function headSentence(kind, weights, layer, head, locked) {
  const about = weights.exact ? "" : "about ";
  if (locked && locked.row !== null) {
    const line = rowOf(weights, locked.row, kind.columns.length);
    const [first, second] = order(line);
    const rest = second === undefined ? "" : `, then ${percent(line[second], 2)} to ${quoted(kind.columns[second])}`;
    const start = `${quoted(kind.rows[locked.row])} gives ${about}${percent(line[first], 2)}`;
    return `${start} to ${quoted(kind.columns[first])}${rest}.`;
  }
  if (locked && locked.column !== null) {
    const line = columnOf(weights, locked.column, kind.rows.length);
    const [first] = order(line);
    const from = `most from ${quoted(kind.rows[first])}: ${percent(line[first], 2)}`;
    const mean = percent(sumOf(line) / line.length, 2);
    return `${quoted(kind.columns[locked.column])} receives ${about}${mean} of a row on average, ${from}.`;
  }
  return wholeSentence(kind, weights, layer, head, about);
}

function wholeSentence(kind, weights, layer, head, about) {
  const share = strongestShare(kind, layer, head);
  const entropy = measureOf(kind, "entropy", layer, head) ?? meanEntropy(weights);
  const subject = typeof head === "number" ? `Head ${shortName(kind, layer, head)}`
    : head === "mean" ? `The mean of layer ${layerName(kind, layer)}` : nameOf(kind, layer, head);
  const spread = `its rows spread over about ${significant(2 ** entropy, 2)} tokens`;
  if (share && share.share >= 0.3) return `${subject} gives ${percent(share.share, 2)} ${share.words}; ${spread}.`;
  const means = columnMeans(weights);
  const [top] = order(means);
  const token = kind.columns[Math.min(kind.columns.length - 1, top * weights.block[1])];
  if (weights.block[1] > 1) return `${subject} looks most at the words from ${quoted(token)} on; ${spread}.`;
  return `${subject} gives most to ${quoted(token)}: ${about}${percent(means[top], 2)} of a row on average; ${spread}.`;
}
