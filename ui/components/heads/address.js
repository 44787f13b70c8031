// The choice in the address of the page: read and checked once, then written beside the keys of others.

import { layerName } from "./names.js";
import { hasMap } from "./decode.js";
import { clip } from "./facts.js";
import { MOST_HELD, range } from "./held.js";
import { writeQuery } from "../shared/query.js";
import { visible } from "../shared/text.js";

const FORMS = ["heatmap", "lines", "text"];
export const KEYS = ["kind", "layer", "head", "view", "order", "row", "column", "block"];
const whole = (text) => (/^\d{1,6}$/.test(text) ? Number(text) : null);

// All views of the page in the order they came; the first keeps the address, so that no two write against each other.
export const MOUNTED = [];

function ordersOf(data) {
  const known = new Set(["number", "flags", "held"]);
  data.kinds.forEach((kind) => Object.keys(kind.measures || {}).forEach((name) => known.add(name)));
  return [...known];
}

// The nearest choice that exists in this data; layer and head fall back to the start of the page.
export function validChoice(data, wanted) {
  const start = data.header.start || {};
  const kind = data.kinds.find((one) => one.kind === wanted.kind)
    || data.kinds.find((one) => one.kind === start.kind) || data.kinds[0];
  const own = kind.kind === start.kind ? start : { layer: 0, head: 0 };
  const layer = wanted.layer >= 0 && wanted.layer < kind.layers ? wanted.layer : Math.min(own.layer || 0, kind.layers - 1);
  const head = hasMap(kind, layer, wanted.head) ? wanted.head : hasMap(kind, layer, own.head) ? own.head : 0;
  return {
    kind: kind.kind,
    layer,
    head,
    view: FORMS.includes(wanted.view) ? wanted.view : FORMS.includes(start.view) ? start.view : "heatmap",
    order: ordersOf(data).includes(wanted.order) ? wanted.order : "number",
  };
}

// Reads the address; every part that cannot be is answered by the default and one sentence.
export function readAddress(data, search) {
  const given = new URLSearchParams(search);
  const text = (key) => given.get(key);
  const head = text("head");
  const wanted = {
    ...data.header.start,
    ...(text("kind") === null ? {} : { kind: text("kind") }),
    ...(text("layer") === null ? {} : { layer: whole(text("layer")) ?? -1 }),
    ...(head === null ? {} : { head: whole(head) ?? head }),
    ...(text("view") === null ? {} : { view: text("view") }),
    ...(text("order") === null ? {} : { order: text("order") }),
  };
  const choice = validChoice(data, wanted);
  const kind = data.kinds.find((one) => one.kind === choice.kind);
  const locks = heldIn(text, kind);
  if (!locks.length && choice.order === "held") choice.order = "number";
  return { choice, locks, note: complaint(text, choice, kind, locks), present: KEYS.some((key) => given.has(key)) };
}

// What is held: "row=2" alone, or several with "_" between them and "-" where one has no such side: "row=2_5_-&column=-_-_0".
function heldIn(text, kind) {
  const [rows, columns, blocks] = ["row", "column", "block"].map((key) => (text(key) ?? "").split("_"));
  const inside = (said, tokens) => {
    const place = whole(said ?? "");
    return place !== null && place < tokens.length ? place : null;
  };
  return range(0, Math.min(MOST_HELD, Math.max(rows.length, columns.length))).map((at) => {
    const [row, column] = [inside(rows[at], kind.rows), inside(columns[at], kind.columns)];
    return { row, column, ...blockIn(blocks[at], row, column, kind) };
  }).filter(({ row, column }) => row !== null || column !== null);
}

function heldSaid(locks) {
  const several = (said) => (said.every((one) => one === null) ? null : said.map((one) => one ?? "-").join("_"));
  return {
    row: several(locks.map(({ row }) => row)),
    column: several(locks.map(({ column }) => column)),
    block: several(locks.map(({ endRow, endColumn }) => (endRow === undefined ? null : `${endRow - 1}.${endColumn - 1}`))),
  };
}

// The ends of a block of cells from the address, "5.4": the last row and the last column; nothing where they do not fit.
function blockIn(said, row, column, kind) {
  const [endRow, endColumn] = (/^\d{1,6}\.\d{1,6}$/.test(said ?? "") ? said.split(".") : []).map((last) => Number(last) + 1);
  const fits = row !== null && column !== null && endRow > row && endRow <= kind.rows.length && endColumn > column && endColumn <= kind.columns.length;
  return fits && kind.block[0] === 1 && kind.block[1] === 1 ? { endRow, endColumn } : {};
}

function complaint(text, choice, kind, locks) {
  const strange = (key) => `“${clip(visible(text(key)))}”`;
  const differs = (key) => text(key) !== null && text(key) !== String(choice[key]);
  const shownLayer = `showing layer ${layerName(kind, choice.layer)}.`;
  const shownHead = `showing ${typeof choice.head === "number" ? `head ${choice.head + 1}` : choice.head}.`;
  if (differs("kind")) return `${strange("kind")} is not a kind of attention of this model: showing ${titleOf(kind)}.`;
  if (differs("layer") && whole(text("layer")) !== choice.layer) {
    if (whole(text("layer")) === null) return `${strange("layer")} is not a layer: ${shownLayer}`;
    return `Layer ${whole(text("layer")) + 1} does not exist in this model (it has ${kind.layers}): ${shownLayer}`;
  }
  if (differs("head") && whole(text("head")) !== choice.head) {
    if (whole(text("head")) === null) return `${strange("head")} is not a head: ${shownHead}`;
    return `Head ${whole(text("head")) + 1} does not exist in this model (it has ${kind.heads} a layer): ${shownHead}`;
  }
  if (differs("view")) return `${strange("view")} is not a form of this picture: showing the ${choice.view}.`;
  if (differs("order")) return `${strange("order")} is not an order of heads: they stand by number.`;
  const rows = locks.filter(({ row }) => row !== null).length;
  if (text("row") !== null && rows < text("row").split("_").filter((one) => one !== "-").length) {
    return rows ? `Not every token of ${strange("row")} is in this text: the others are held.`
      : `Token ${strange("row")} is not in this text: no row is held.`;
  }
  return "";
}

const titleOf = (kind) => kind.title.charAt(0).toLowerCase() + kind.title.slice(1);

export function writeAddress(view) {
  if (!view.touched || view.led || MOUNTED[0] !== view || location.pathname !== view.path) return;
  const { kind, layer, head, view: form, order } = view.choice;
  writeQuery({ kind, layer, head, view: form, order, ...heldSaid(view.locks) });
}

// After a rest: browsers slow down or refuse pages that rewrite their address at every key.
const REST = 200;

export function noteAddress(view) {
  clearTimeout(view.rest);
  view.rest = setTimeout(() => writeAddress(view), REST);
}

// Streamlit writes its own query string without ours: put ours back. A step in the history is the user's, and is followed.
export function watchAddress(view, signal) {
  const put = (event) => event?.navigationType !== "traverse" && location.pathname === view.path && writeAddress(view);
  if (window.navigation) {
    window.navigation.addEventListener("currententrychange", put, { signal });
    return;
  }
  // Older browsers do not tell of rewrites: look once a second.
  const look = setInterval(put, 1000);
  signal.addEventListener("abort", () => clearInterval(look));
}
