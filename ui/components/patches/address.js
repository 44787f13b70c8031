// The choice in the address of the page, beside the keys of others.

import { ALL, startOf } from "./decode.js";
import { addressQuery, writeQuery } from "../shared/query.js";

export const KEYS = ["of", "layer", "head", "token", "label", "fusion"];
const OFS = ["attention", "rollout", "relevance"];
export const FUSIONS = ["mean", "max", "min"];
const REST = 200; // milliseconds: browsers refuse pages that rewrite their address at every key

const whole = (text, least, most) => (/^-?\d{1,6}$/.test(text || "") && Number(text) >= least && Number(text) <= most ? Number(text) : null);

// What an address says, as far as it can be; the rest is as before, or begins in the last layer.
export function readChoice(header, before) {
  const given = new URLSearchParams(addressQuery());
  const asked = before || {
    of: given.get("of"),
    layer: whole(given.get("layer"), 0, 99),
    head: given.get("head") === "mean" ? "mean" : whole(given.get("head"), 0, 999),
    token: whole(given.get("token"), -1, 99999),
    label: whole(given.get("label"), 0, 1e7),
    fusion: given.get("fusion"),
  };
  const within = (value, low, high, usual) => (Number.isInteger(value) && value >= low && value <= high ? value : usual);
  const of = OFS.includes(asked.of) && !header.reading && (asked.of !== "relevance" || header.classes.length) ? asked.of : "attention";
  const named = header.classes.some(({ label }) => label === asked.label);
  return {
    of,
    layer: within(asked.layer, 0, header.layers - 1, header.layers - 1),
    head: asked.head === "mean" ? "mean" : within(asked.head, 0, header.heads - 1, "mean"),
    token: header.reading ? startOf(header) : within(asked.token, ALL, header.tokens - 1, startOf(header)),
    label: named || !header.classes.length ? asked.label : header.classes[0].label,
    fusion: FUSIONS.includes(asked.fusion) ? asked.fusion : "mean",
    discard: asked.discard ?? 0,
    residual: asked.residual ?? 0.5,
  };
}

function writeAddress(view) {
  if (!view.touched || location.pathname !== view.path || !view.root.isConnected) return;
  const { of, layer, head, token, label, fusion } = view.choice;
  if (view.data.header.reading) {
    writeQuery({ layer, head }); // which word asks, the page says
    return;
  }
  writeQuery({
    of, layer, head, token, label: of === "relevance" ? label : null, fusion: of === "rollout" ? fusion : null,
  });
}

export function noteAddress(view) {
  view.touched = true;
  clearTimeout(view.rest);
  view.rest = setTimeout(() => writeAddress(view), REST);
}

// Streamlit writes its own query string without ours: put ours back.
export function watchAddress(view) {
  if (!window.navigation) return;
  const put = (event) => event.navigationType !== "traverse" && writeAddress(view);
  window.navigation.addEventListener("currententrychange", put, { signal: view.closing.signal });
}
