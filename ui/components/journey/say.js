// What is said at each stop, of the chosen token and layer, with this text's numbers.

import { stripOf, weightAt } from "./draw.js";
import { visible } from "../shared/text.js";

const percentSaid = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const lengthSaid = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const quoted = (text) => `“${visible(text)}”`;
const thousands = (count) => count.toLocaleString("en");

// [sentence, shape] of a stop.
export function saidOf(view, stop) {
  const { data } = view;
  const part = partFor(view, stop);
  const { side, rows } = part;
  const place = view.token[part.index];
  const word = quoted(side.tokens[place][0]);
  const layer = side.numbers[part.layer] + 1;
  const whose = data.sides.length > 1 ? `the ${side.side}` : "the model";
  const sayings = {
    "": () => [`From ${thousands(data.characters)} characters to a guess, through all ${side.numbers.length} layers. Choose a token; step through the stops.`, ""],
    Characters: () => [
      `A model reads no letters: ${thousands(data.characters)} characters (${thousands(data.bytes)} bytes in UTF-8) are cut into pieces that it knows.`,
      `${thousands(data.characters)} characters → ${rows} tokens`],
    Tokens: () => [`${word} is piece ${thousands(side.tokens[place][1])} of the ${thousands(data.vocabulary)} in the vocabulary. From here on the model knows the number alone.`, `[${rows}]`],
    Vectors: () => [vectorSaid(part, place, word, data), `[${rows}, ${side.tableWidth}]`],
    Positions: () => [positionSaid(part, place, word), `[${rows}, ${side.width}]`],
    Attention: () => [attentionSaid(view, part, place, word, layer, "maps"), `[${rows}, ${rows}] a head, then [${rows}, ${side.width}]`],
    "Cross-attention": () => [attentionSaid(view, part, place, word, layer, "cross"), `[${rows}, ${side.read.length}] a head, then [${rows}, ${side.width}]`],
    "Feed-forward": () => [addedSaid(part, place, word, layer, side.sublayers.length - 1, "Each token by itself, no other one is seen: the feed-forward network"), `[${rows}, ${side.width}]`],
    Stream: () => [streamSaid(part, place, word, layer), `[${rows}, ${side.width}]`],
    Guess: () => [guessSaid(data, part, place, word, layer, whose), `[${rows}, ${thousands(data.vocabulary)}]`],
  };
  return sayings[stop]();
}

// Guesses are the last side's; what is asked of cross-attention, too.
export function partFor(view, stop) {
  const last = view.parts[view.parts.length - 1];
  if (stop === "Guess" || stop === "Cross-attention") return last;
  return view.parts[Math.min(view.looked, view.parts.length - 1)];
}

function vectorSaid(part, place, word, data) {
  const size = lengthSaid(part.arrays.vectorLengths.values[place] / part.side.factor);
  const times = part.side.factor > 1.001 ? ` It is multiplied by ${part.side.factor.toFixed(1)}.` : "";
  return `Its number picks a row of a table of ${thousands(data.vocabulary)} rows: the vector of ${word} is ${size} long, and the same in every text.${times}`;
}

function positionSaid(part, place, word) {
  const { side } = part;
  if (!side.placed) return `Nothing is added here: this model brings the order in inside attention. ${word} at another place would begin the same.`;
  const size = lengthSaid(part.arrays.vectorLengths.values[part.rows + place]);
  const norm = side.normed ? " and the sum is brought to one size by a norm" : "";
  return `A vector of place ${place + 1}, ${size} long, is added${norm}: ${word} at another place would begin elsewhere.`;
}

function attentionSaid(view, part, place, word, layer, name) {
  const array = part.arrays[name];
  const skipped = name === "maps" && part.side.sink ? 1 : 0;
  const names = name === "cross" ? part.side.read : part.side.tokens.map(([text]) => text);
  let best = skipped;
  for (let key = skipped; key < array.shape[3]; key += 1) {
    if (weightAt(array, part.layer, view.head, place, key) > weightAt(array, part.layer, view.head, place, best)) best = key;
  }
  const share = percentSaid(weightAt(array, part.layer, view.head, place, best));
  const head = view.head ? `In head ${layer}.${view.head}` : `In layer ${layer}, on average over its heads,`;
  const sublayer = name === "cross" ? 1 : 0;
  const added = lengthSaid(stripOf(part, { name: "adds", part: sublayer }).lengths[place]);
  return `${head} ${word} takes most from ${quoted(names[best - skipped])} (${share}). What all heads bring is ${added} long and is added to its stream.`;
}

function addedSaid(part, place, word, layer, sublayer, lead) {
  const added = lengthSaid(stripOf(part, { name: "adds", part: sublayer }).lengths[place]);
  const after = lengthSaid(stripOf(part, { name: "after", part: sublayer }).lengths[place]);
  return `${lead} of layer ${layer} adds ${added} to ${word}, whose stream is then ${after} long.`;
}

function streamSaid(part, place, word, layer) {
  const { side } = part;
  const kept = part.arrays.kept.values[part.layer * part.rows + place].toFixed(2);
  const norm = side.preNorm ? "norms stand before each sublayer, so the stream itself is never cut" : "a norm behind each sum brings it back to one size";
  return `Nothing is overwritten: each sublayer adds (${norm}). After layer ${layer} the stream of ${word} has a cosine of ${kept} with where it began.`;
}

function guessSaid(data, part, place, word, layer, whose) {
  const [now, share] = data.guesses[part.layer + 1][place];
  const [end, sure] = data.guesses[data.guesses.length - 1][place];
  const where = data.says === "this token" ? `In place of ${word}` : `Behind ${word}`;
  if (part.layer === part.side.numbers.length - 1) return `${where} ${whose} says ${quoted(end)}, ${percentSaid(sure)}: the last stream of that place, against every vector of the vocabulary.`;
  return `${where}, if ${whose} ended after layer ${layer}: ${quoted(now)}, ${percentSaid(share)}. At the end it says ${quoted(end)}, ${percentSaid(sure)}.`;
}
