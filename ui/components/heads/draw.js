// What is drawn anew after which change: everything, one head, or only what is pointed at.

import { syncBar, syncChips, syncHead } from "./bar.js";
import { currentWeights } from "./exact.js";
import { edgeSentence } from "./edge.js";
import { headLine, headSentence } from "./facts.js";
import { drawHeatmap, drawPointed } from "./heatmap.js";
import { heldSentence } from "./held.js";
import { drawLines } from "./lines.js";
import { drawOverview, markTiles, samePlace } from "./overview.js";
import { drawScale } from "./scale.js";
import { STRIP, drawStrips, stripNames } from "./strips.js";
import { drawText, tintText } from "./text.js";
import { tall, tallness } from "../shared/room.js";
import { inLanguage } from "../shared/said.js";

const NARROW = 700;
const SMALL = 20; // pixels of a tile
const NARROW_PAIR = 440; // two views side by side keep both halves down to here
export const sizeOfBox = (root) => `${root.clientWidth}x${root.clientHeight}x${tallness()}x${window.devicePixelRatio}`;

export function drawAll(view) {
  const { parts } = view;
  const { root } = parts;
  const narrow = root.clientWidth > 0 && root.clientWidth < (view.data.header.link ? NARROW_PAIR : NARROW);
  view.paired = !narrow && Boolean(view.data.header.link) && root.clientWidth < NARROW;
  root.classList.toggle("narrow", narrow);
  root.classList.toggle("paired", view.paired);
  root.classList.toggle("dark", view.palette.dark);
  view.height = tall(view.data.height);
  root.style.height = narrow ? "" : `${view.height}px`;
  if (!root.clientWidth) return;
  syncBar(view, view.act);
  describe(view);
  splitSides(view, narrow);
  drawLeft(view, narrow);
  drawHeadAgain(view);
  view.size = sizeOfBox(root);
}

// The overview takes the width its tiles can use, the detail all the rest.
function splitSides(view, narrow) {
  const { parts, kind } = view;
  const width = parts.root.clientWidth;
  const tile = Math.min(tall(90), (view.height - 190) / kind.layers);
  // Tiles that small stand in several bands: these take what they can get.
  const wanted = tile < SMALL ? width : 60 + tile * (kind.heads + kind.extra.length);
  const left = view.paired ? Math.round(width * 0.36) : Math.round(Math.min(width * 0.44, Math.max(width * 0.3, wanted)));
  parts.main.style.gridTemplateColumns = narrow ? "" : `${left}px minmax(0, 1fr)`;
}

function drawLeft(view, narrow) {
  const { parts, palette } = view;
  const width = parts.left.clientWidth;
  drawScale(parts.scale, palette, Math.min(260, width));
  const room = parts.left.clientHeight - parts.leftHead.offsetHeight - parts.leftFoot.offsetHeight - 16;
  drawOverview(view, width, narrow ? 4000 : room);
  const rest = narrow ? 220 : room - view.overview.shown - 14;
  parts.strips.hidden = view.paired || rest < 2.5 * STRIP || !stripNames(view).length;
  view.stripRoom = parts.strips.hidden ? 0 : rest;
  if (view.stripRoom) drawStrips(view, width, rest);
}

// After a change of head: the frame moves, the detail is another.
export function drawHeadAgain(view) {
  syncHead(view);
  syncChips(view, view.act);
  view.parts.pin.textContent = view.pins.some((pin) => samePlace(pin, view.choice)) ? "Unpin this head" : "Pin this head";
  markTiles(view);
  describe(view);
  if (view.stripRoom) drawStrips(view, view.parts.left.clientWidth, view.stripRoom);
  drawDetail(view);
  publish(view);
}

export function drawDetail(view) {
  const { parts, choice, palette } = view;
  const narrow = parts.root.classList.contains("narrow");
  parts.heat.hidden = choice.view !== "heatmap";
  parts.scroller.hidden = choice.view !== "lines";
  parts.textBox.hidden = choice.view !== "text";
  syncSentences(view);
  drawScale(parts.detailScale, palette, 190, view.perRow && choice.view === "heatmap");
  parts.detailScale.style.display = choice.view === "lines" ? "none" : "";
  const width = parts.figure.clientWidth;
  // Two views side by side on a wide screen are narrow too, but must still fit into the height they were given.
  const most = window.innerWidth < NARROW ? 520 : Math.max(260, view.height - 210);
  parts.figure.style.height = narrow && choice.view !== "text" ? `${Math.round(Math.min(width * 1.05, most))}px` : "";
  const height = parts.figure.clientHeight;
  if (choice.view === "heatmap") drawHeatmap(view, width, height);
  else if (choice.view === "lines") drawLines(view, width, height);
  else drawText(view);
}

// Only what follows the pointer or what is held.
export function drawPointer(view) {
  const { choice, parts } = view;
  syncSentences(view);
  if (choice.view === "heatmap") drawPointed(view);
  else if (choice.view === "lines") drawLines(view, parts.figure.clientWidth, parts.figure.clientHeight);
  else tintText(view);
}

export function syncSentences(view) {
  const { parts, kind, choice } = view;
  const edges = view.locks.every(({ row, column }) => row !== null && column !== null); // cells that are held ask all heads
  const asked = view.locks.length && (edges || choice.order === "held");
  const sentence = asked ? edgeSentence(kind, view.locks) : view.locks.length > 1 ? heldSentence(kind, currentWeights(view), view.locks)
    : headSentence(kind, currentWeights(view), choice.layer, choice.head, view.locks[0]);
  parts.see.textContent = inLanguage(sentence); // its lines take their room from the picture
  parts.see.dir = document.documentElement.dir || "ltr";
  parts.note.textContent = view.said;
  parts.note.hidden = !view.said;
}

// One line under the overview: the head under the pointer, else the chosen one.
export function describe(view) {
  const { layer, head } = view.overTile || view.choice;
  const off = view.data.off.has([view.choice.kind, layer, head].join("."));
  view.parts.describe.textContent = headLine(view.kind, layer, head, off);
}

// What tests and benchmarks may wait for.
export function publish(view, more = {}) {
  const { kind, layer, head, view: form, order } = view.choice;
  const values = { kind, layer, head, view: form, order, exact: currentWeights(view).exact ? "1" : "0", ...more };
  [view.parts.root, view.place.host].forEach((element) => element && Object.assign(element.dataset, values));
}
