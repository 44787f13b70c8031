// The page as it is, so that it goes on without Gaze: its views with their last messages, the rest as drawings and words.

import { shifted } from "./compose.js";
import { LEFT_OUT, gatherer, pageName } from "./gather.js";
import { partsFor } from "./snapshot_file.js";
import { written } from "./svg.js";
import { asText, packed } from "../shared/bytes.js";
import { appRoot, postJson } from "../shared/routes.js";
import { tallness } from "../shared/room.js";

export const MOST_VIEW = 5_000_000; // bytes of one view in a file
const SCRIPTS = 400_000; // bytes that the scripts of a file take at most
const TINIEST = 4; // pixels: what is smaller is there for those who listen
const ALIKE = 0.5; // share of its height that an element has in common with others of its row

// caption: what the page says of its picture. Gives {view, drawing}: view is {title, page, caption, link, query, tall, rows,
// answers, brought, drawn: {component: the key of its script}}, drawing the scripts by their keys.
export async function viewOfPage(page, caption) {
  const places = placesOf();
  const { palette, take } = gatherer();
  const rows = [];
  for (const row of inRows(places)) {
    const whole = row.reduce((sum, { box }) => sum + box.width, 0);
    const parts = [];
    for (const place of row) {
      const part = await partOf(place, palette, take);
      if (part) parts.push({ ...part, share: place.box.width / whole });
    }
    if (parts.length) rows.push(parts);
  }
  const views = places.filter((one) => one.shown).map((one) => one.shown);
  const used = rows.flat().reduce((sum, part) => sum + (part.data || part.svg || "").length, 0);
  const { answers, brought } = await answersFor(views, MOST_VIEW - SCRIPTS - used);
  const { drawn, drawing } = await scriptsOf([...new Set(views.map(({ name }) => name))]);
  const said = { title: pageName(), page, caption, link: location.href, query: location.search, tall: tallness() };
  return { view: { ...said, rows, answers, brought, drawn }, drawing };
}

// The scripts that draw these components, as they are now: a later version may not read these messages.
async function scriptsOf(names) {
  const { parts } = await partsFor(names);
  const key = (name) => `${name} ${parts[name].version}`;
  return {
    drawn: Object.fromEntries(names.map((name) => [name, key(name)])),
    drawing: Object.fromEntries(names.map((name) => [key(name), parts[name]])),
  };
}

// What stands on the page, from above, with the view that draws it where there is one.
function placesOf() {
  const shown = new Map();
  for (const one of globalThis.gazeShown?.values() ?? []) {
    const { host } = one.view.root.getRootNode();
    const element = host?.closest("[data-testid='stElementContainer']");
    if (element && one.view.bytes && !("unsaved" in one.view.root.dataset)) shown.set(element, one);
  }
  return [...document.querySelectorAll("[data-testid='stMainBlockContainer'] [data-testid='stElementContainer']")]
    .map((element) => ({ element, box: element.getBoundingClientRect(), shown: shown.get(element) }))
    .filter(({ element, box }) => box.width > TINIEST && box.height > TINIEST && !element.closest('[class*="st-key-gaze-"], .st-key-along'))
    .filter(({ element, shown: view }) => view || isSeen(element));
}

function isSeen(element) {
  if (element.closest(LEFT_OUT) && !element.querySelector(".gaze-notes")) return false;
  return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

function inRows(places) {
  const rows = [];
  [...places].sort((one, other) => one.box.top - other.box.top).forEach((place) => {
    const row = rows.find((some) => some.some(({ box }) => together(box, place.box)));
    if (row) row.push(place);
    else rows.push([place]);
  });
  rows.forEach((row) => row.sort((one, other) => one.box.left - other.box.left));
  return rows;
}

function together(one, other) {
  const common = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  const apart = one.right <= other.left + 1 || other.right <= one.left + 1;
  return apart && common > ALIKE * Math.min(one.height, other.height);
}

async function partOf({ element, box, shown }, palette, take) {
  if (shown) return { kind: "live", name: shown.name, data: asText(await packed(shown.view.bytes)) };
  const notes = [...element.querySelectorAll(".gaze-notes > *")].filter((one) => one.offsetParent);
  if (notes.length) return { kind: "words", words: notes.map(wordsOf) };
  if (element.querySelector(LEFT_OUT)) return null; // a choice
  if (!element.querySelector("canvas, svg, img, iframe, table")) {
    const text = saidIn(element);
    return text ? { kind: "words", words: [["", text]] } : null;
  }
  const items = (await take(element)).map((item) => shifted(item, -box.left, -box.top));
  if (!items.length) return null;
  const svg = written({ items, width: Math.ceil(box.width), height: Math.ceil(box.height), ground: palette.ground, title: "", caption: [] });
  return { kind: "drawn", svg, width: Math.ceil(box.width), height: Math.ceil(box.height) };
}

// A note as [its heading, its text].
function wordsOf(note) {
  const head = note.querySelector("b")?.textContent.trim() ?? "";
  return [head, saidIn(note).replace(head, "").trim()];
}

// Its words; what stands apart on the screen has a space between.
function saidIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let said = "";
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (parentElement.localName !== "style") said += /[^\s(]$/.test(said) && /^[\p{L}\p{N}]/u.test(data) ? ` ${data}` : data;
  }
  return said.replace(/\s+/g, " ").trim();
}

// What the views would ask the app for later, as far as there is room: {index: [[order, start, length]], data}.
async function answersFor(views, room) {
  const index = [];
  const parts = [];
  const brought = [];
  let length = 0;
  for (const { view, asks } of views) {
    const { what, orders } = asks?.(view) ?? { orders: [] };
    let kept = 0;
    for (const [route, body] of orders) {
      const reply = await postJson(new URL(`gaze/${route}`, appRoot({})), body);
      if (!reply.ok) break;
      const part = await packed(new Uint8Array(await reply.arrayBuffer()));
      if ((length + part.length) * (4 / 3) > room) break;
      index.push([JSON.stringify([route, body]), length, part.length]);
      parts.push(part);
      length += part.length;
      kept += 1;
    }
    if (kept < orders.length) brought.push(`In this file: ${what}, ${kept} of ${orders.length}.`);
  }
  return { answers: { index, data: asText(new Uint8Array(await new Blob(parts).arrayBuffer())) }, brought };
}
