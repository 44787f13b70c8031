// The page as it is, so that it goes on without Gaze: its views with their last messages, the rest as drawings and words.

import { boxOf, shifted } from "./compose.js";
import { CHOICES, gatherer, pageName } from "./gather.js";
import { partsFor } from "./snapshot_file.js";
import { written } from "./svg.js";
import { asText, packed } from "../shared/bytes.js";
import { appRoot, postJson } from "../shared/routes.js";
import { tallness } from "../shared/room.js";

export const MOST_VIEW = 5_000_000; // bytes of one view in a file of its own
export const MOST_PINNED = 600_000; // of one view among many
const SCRIPTS = 400_000; // bytes that the scripts of a file take at most
const DRAWN = "canvas, svg, img, iframe, table, [style]:not(.gaze-badge)"; // what is more than words
const TINIEST = 4; // pixels: what is smaller is there for those who listen
const ALIKE = 0.5; // share of its height that an element has in common with others of its row

// caption: what the page says of its picture. Gives {view, drawing}: view is {title, page, caption, link, query, tall, rows,
// answers, brought, drawn: {component: the key of its script}}, drawing the scripts by their keys. most: bytes of all.
export async function viewOfPage(page, caption, most) {
  const places = placesOf();
  const { palette, take } = gatherer();
  const rows = [];
  for (const row of gatheredBy(places, isBeside, "top")) {
    const columns = [];
    for (const column of gatheredBy(row, isBelow, "left")) {
      const parts = [];
      for (const place of column) {
        const part = await partOf(place, palette, take);
        if (part) parts.push(part);
      }
      if (parts.length) columns.push({ share: widthOf(column), parts });
    }
    const whole = columns.reduce((sum, { share }) => sum + share, 0);
    if (columns.length) rows.push(columns.map(({ share, parts }) => ({ share: share / whole, parts })));
  }
  const views = places.filter((one) => one.shown).map((one) => one.shown);
  const used = rows.flat().flatMap(({ parts }) => parts).reduce((sum, part) => sum + (part.data || part.svg || "").length, 0);
  const { answers, brought } = await answersFor(views, most - SCRIPTS - used);
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
  if (element.closest(CHOICES)) return false;
  return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

// Places in groups, in which each is together with another one; the groups in the order in which they begin on this side.
function gatheredBy(places, together, side) {
  const groups = [];
  places.forEach((place) => {
    const near = groups.filter((group) => group.some((other) => together(other.box, place.box)));
    near.forEach((group) => groups.splice(groups.indexOf(group), 1));
    groups.push([...near.flat(), place]);
  });
  const first = (group) => Math.min(...group.map(({ box }) => box[side]));
  groups.forEach((group) => group.sort((one, other) => one.box.top - other.box.top));
  return groups.sort((one, other) => first(one) - first(other));
}

const overlap = (one, other, from, to) => Math.min(one[to], other[to]) - Math.max(one[from], other[from]);
const isBelow = (one, other) => overlap(one, other, "left", "right") > 1;
const isBeside = (one, other) => overlap(one, other, "top", "bottom") > ALIKE * Math.min(one.height, other.height);
const widthOf = (column) => Math.max(...column.map(({ box }) => box.right)) - Math.min(...column.map(({ box }) => box.left));

async function partOf({ element, box, shown }, palette, take) {
  if (shown) return { kind: "live", name: shown.name, data: asText(await packed(shown.view.bytes)) };
  const notes = [...element.querySelectorAll(".gaze-notes > *")].filter((one) => one.offsetParent);
  if (notes.length) return { kind: "words", words: notes.map(wordsOf) };
  if (element.querySelector(`${CHOICES}, .gaze-advice`)) return null;
  if (!element.querySelector(DRAWN)) {
    const text = saidIn(element);
    return text ? { kind: "words", words: [["", text]] } : null;
  }
  const items = (await take(element)).map((item) => shifted(item, -box.left, -box.top));
  if (!items.length) return null;
  // Some charts reach beyond their box.
  const ends = items.map((item) => boxOf(item)).filter(Boolean);
  const width = Math.ceil(Math.max(box.width, ...ends.map(([x, , wide]) => x + wide)));
  const height = Math.ceil(Math.max(box.height, ...ends.map(([, y, , high]) => y + high)));
  return { kind: "drawn", svg: written({ items, width, height, ground: palette.ground, title: "", caption: [] }), width, height };
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
    if (parentElement.localName === "style") continue;
    if (said && parentElement.matches(".gaze-badge")) said += " · ";
    said += /[^\s(]$/.test(said) && /^[\p{L}\p{N}]/u.test(data) ? ` ${data}` : data;
  }
  return said.replace(/\s+/g, " ").trim();
}

const TOGETHER = 6; // answers that are asked for at once

async function answerOf([route, body]) {
  const reply = await postJson(new URL(`gaze/${route}`, appRoot({})), body);
  return reply.ok ? packed(new Uint8Array(await reply.arrayBuffer())) : null;
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
    for (let at = 0; at < orders.length && kept === at; at += TOGETHER) {
      const some = orders.slice(at, at + TOGETHER);
      for (const [k, part] of (await Promise.all(some.map(answerOf))).entries()) {
        if (!part || (length + part.length) * (4 / 3) > room) break;
        index.push([JSON.stringify(some[k]), length, part.length]);
        parts.push(part);
        length += part.length;
        kept += 1;
      }
    }
    if (kept < orders.length) brought.push(`In this file: ${what}, ${kept} of ${orders.length}.`);
  }
  return { answers: { index, data: asText(new Uint8Array(await new Blob(parts).arrayBuffer())) }, brought };
}
