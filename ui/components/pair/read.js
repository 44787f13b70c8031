// The message as the picture wants it, and the choice of layers in the address of the page.

import { unpack } from "../shared/message.js";
import { addressQuery, writeQuery } from "../shared/query.js";

export function decode(bytes) {
  const { header: data, arrays } = unpack(bytes);
  const key = ([i, j]) => `${i}-${j}`;
  data.gold = data.gold && { sure: new Set(data.gold.sure.map(key)), possible: new Set(data.gold.possible.map(key)) };
  for (const [place, side] of data.sides.entries()) {
    const label = ([text, word, hidden]) => ({ text, word, hidden: Boolean(hidden) });
    side.rows = side.rows.map(label);
    side.columns = side.columns.map(label);
    side.size = side.rows.length * side.columns.length;
    side.values = arrays[`side ${place}`].values;
    side.links = side.links.map((some) => new Set(some.map(key)));
    side.words = side.words.map((some) => new Set(some.map(key)));
  }
  return data;
}

const mapOf = (side, place) => side.values.subarray(place * side.size, (place + 1) * side.size);

// The numbers on show: those of the layer, or what changed from the one before it.
export function valuesOf(view, side, place) {
  if (!view.change || place === 0) return mapOf(side, place);
  const before = mapOf(side, place - 1);
  return mapOf(side, place).map((value, k) => value - before[k]);
}

// Whether a link of words is gold: "sure", "possible", "" (it is not) or null (nobody knows).
export function goldOf(data, link) {
  if (!data.gold) return null;
  return data.gold.sure.has(link) ? "sure" : data.gold.possible.has(link) ? "possible" : "";
}

export const LAYER_KEYS = ["layer_a", "layer_b"];

// Where each model's layer begins: what the address says, what was chosen before, else what the message says.
export function startingLayers(view, data) {
  const address = new URLSearchParams(addressQuery());
  return data.sides.map((side, k) => {
    const said = address.get(LAYER_KEYS[k]);
    const asked = /^\d{1,3}$/.test(said ?? "") ? side.layers.indexOf(Number(said)) : -1;
    if (asked >= 0) return asked;
    const kept = view.chosen && view.data.sides[k]?.name === side.name ? view.places[k] : side.start;
    return Math.min(kept, side.layers.length - 1);
  });
}

export function writeLayers(view) {
  clearTimeout(view.rest);
  // After a rest: browsers slow down pages that rewrite their address at every key.
  view.rest = setTimeout(() => {
    if (!view.chosen || location.pathname !== view.path) return;
    const layers = view.data.sides.map((side, k) => [LAYER_KEYS[k], side.layers[view.places[k]]]);
    writeQuery(Object.fromEntries(layers));
  }, 250);
}
