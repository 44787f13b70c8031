// Which columns a side has and where they stand, from its data and the width that there is.

import { inLanguage } from "../shared/said.js";

const TOKEN = 124;
const GUESS = 128;
const LINES = 96; // least; lines take what is left
const GAP = 9;
const SPELT = 84; // pixels from which a title is written out
const NARROW = 34;
const WIDE = 92; // of a vector
export const LEAST = 860; // pixels under which the whole is scrolled sideways

// {name, stop, title, x, wide} of each column, from left to right. An arrow is a sum and a norm.
export function columnsOf(side, room, guessed) {
  const list = [{ name: "token", stop: "Tokens", title: "token", fixed: TOKEN }];
  const strip = (name, stop, title, sign = "", more = {}) => list.push({ name, stop, title, sign, strip: true, ...more });
  strip("vector", "Vectors", "vector");
  if (side.placed) strip("place", "Positions", "place", "+");
  strip("before", "Positions", "reads", side.normed ? "→" : "=", { opens: true });
  side.sublayers.forEach((name, part) => {
    if (name !== "feed-forward") {
      list.push({ name: name === "attention" ? "lines" : "crossLines", part, stop: stopOf(name), title: name, lines: true });
    }
    strip("adds", stopOf(name), name, "+", { part });
    strip("after", "Stream", "stream", side.preNorm ? "=" : "→", { part, last: part === side.sublayers.length - 1 });
  });
  if (guessed) list.push({ name: "guess", stop: "Guess", title: "guess", fixed: GUESS });
  return laid(list, room);
}

function laid(list, room) {
  const strips = list.filter((one) => one.strip).length;
  const lines = list.filter((one) => one.lines).length;
  const fixed = list.reduce((sum, one) => sum + (one.fixed || 0) + GAP, 0);
  const left = room - fixed - LINES * lines;
  const strip = Math.max(NARROW, Math.min(WIDE, Math.floor(left / (strips + 0.8 * lines))));
  const over = Math.max(0, room - fixed - strip * strips);
  let x = 0;
  return list.map((one) => {
    x += one.name === "token" ? 0 : GAP;
    const wide = one.fixed || (one.lines ? Math.max(LINES, Math.floor(over / lines)) : strip);
    const short = { attention: "adds", "cross-attention": "adds", "feed-forward": wide < SPELT ? "FFN" : "feed-forward" };
    const title = `${one.sign || ""} ${inLanguage((one.strip && short[one.title]) || one.title)}`.trim();
    const placed = { ...one, title, x, wide };
    x += wide;
    return placed;
  });
}

export const stopOf = (sublayer) => ({ attention: "Attention", "cross-attention": "Cross-attention" })[sublayer] || "Feed-forward";

// The stops in their order; a part of them where a model lacks one.
export function stopsOf(data) {
  const cross = data.sides.some((side) => side.read.length);
  return ["Characters", "Tokens", "Vectors", "Positions", "Attention", ...(cross ? ["Cross-attention"] : []),
    "Feed-forward", "Stream", ...(data.guesses.length ? ["Guess"] : [])];
}
