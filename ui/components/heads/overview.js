// All heads on one canvas: the maps are painted once, frames and marks lie on a second canvas above.

import { CODE_TO_LEVEL, isFine, mapNumber, pool } from "./decode.js";
import { headsByEdge } from "./edge.js";
import { rankedHeads } from "./facts.js";
import { layoutOverview, tileAt } from "./layout.js";
import { layerName } from "./names.js";
import { markerOf } from "./scale.js";
import { fitCanvas } from "../shared/dom.js";
import { tall } from "../shared/room.js";
import { inLanguage } from "../shared/said.js";
import { everyFor } from "../shared/text.js";

function overviewRanks(view) {
  if (view.choice.order === "held") return view.locks.length ? headsByEdge(view.kind, view.locks) : null;
  return ["number", "flags"].includes(view.choice.order) ? null : rankedHeads(view.kind, view.choice.order);
}

// Paints every tile into one picture at the pixels of this screen.
function paintTiles(view, canvas, layout, width, height) {
  const { kind, palette, data } = view;
  const pen = fitCanvas(canvas, width, height);
  const ratio = canvas.width / width;
  const side = Math.max(1, Math.round(layout.side * ratio));
  const levels = new Uint16Array(side * side);
  const image = pen.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const [rows, columns] = kind.cells;
  const wide = isFine(kind.codes);
  layout.tiles.forEach((tile) => {
    pool(kind.codes, mapNumber(kind, tile.layer, tile.head) * kind.size, columns, rows, columns, side, side, levels);
    for (let k = 0; k < levels.length; k += 1) pixels[k] = palette.levels[wide ? CODE_TO_LEVEL[levels[k]] : levels[k]];
    pen.putImageData(image, Math.round(tile.x * ratio), Math.round(tile.y * ratio));
  });
  layout.tiles.forEach((tile) => {
    pen.strokeStyle = palette.rule;
    pen.lineWidth = 1;
    pen.strokeRect(tile.x - 0.5, tile.y - 0.5, layout.side + 1, layout.side + 1);
    if (data.off.has([kind.kind, tile.layer, tile.head].join("."))) crossOut(pen, palette, tile, layout.side);
  });
  if (layout.ranked) nameRanked(pen, palette, layout);
  else nameTable(pen, view, layout);
}

function crossOut(pen, palette, tile, side) {
  pen.save();
  pen.globalAlpha = 0.82;
  pen.fillStyle = palette.ground;
  pen.fillRect(tile.x, tile.y, side, side);
  pen.restore();
  pen.strokeStyle = palette.quiet;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(tile.x + 3, tile.y + 3);
  pen.lineTo(tile.x + side - 3, tile.y + side - 3);
  pen.moveTo(tile.x + side - 3, tile.y + 3);
  pen.lineTo(tile.x + 3, tile.y + side - 3);
  pen.stroke();
}

function nameTable(pen, view, layout) {
  const { kind, palette } = view;
  pen.textBaseline = "middle";
  pen.fillStyle = palette.quiet;
  pen.font = `${palette.small}px ${palette.plain}`;
  const middle = layout.side / 2;
  const everyLayer = everyFor(layout.pitch, 14);
  for (let layer = 0; layer < kind.layers; layer += 1) {
    pen.textAlign = "right";
    const [left, down] = [layout.lefts[Math.floor(layer / layout.down)], layer % layout.down];
    if (down % everyLayer === 0) pen.fillText(inLanguage(layerName(kind, layer)), left - 6, layout.top + down * layout.pitch + middle);
  }
  layout.lefts.forEach((left) => nameHeads(pen, view, layout, left));
  pen.fillStyle = palette.faint;
  pen.font = `${palette.small - 1}px ${palette.plain}`;
  pen.textAlign = "right";
  pen.fillText(inLanguage("head"), layout.lefts[0] - 6, layout.top - 11);
  pen.save();
  pen.translate(8, layout.top + (layout.down * layout.pitch) / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(inLanguage("layer"), 0, 0);
  pen.restore();
}

function nameHeads(pen, { kind, palette }, layout, left) {
  const middle = layout.side / 2;
  const every = everyFor(layout.pitch, 18);
  pen.fillStyle = palette.quiet;
  pen.font = `${palette.small}px ${palette.plain}`;
  for (let head = 0; head < kind.heads; head += 1) {
    pen.textAlign = "center";
    if (head % every === 0) pen.fillText(head + 1, left + head * layout.pitch + middle, layout.top - 11);
  }
  kind.extra.forEach((name, place) => {
    const x = left + layout.apart + (kind.heads + place) * layout.pitch + middle;
    pen.save();
    pen.translate(x, layout.top - (layout.slanted ? 5 : 11));
    if (layout.slanted) pen.rotate(-Math.PI / 2);
    pen.textAlign = layout.slanted ? "left" : "center";
    pen.fillText(inLanguage(name), 0, 0);
    pen.restore();
  });
}

function nameRanked(pen, palette, layout) {
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillStyle = palette.quiet;
  pen.font = `${layout.side < 30 ? 11 : palette.small}px ${palette.plain}`;
  layout.tiles.forEach((tile) => pen.fillText(tile.label, tile.x, tile.y - 3));
}

// Frames of the chosen, hovered and pinned heads, and the marks of known patterns.
export function markTiles(view) {
  const { overview: layout, palette, kind, choice } = view;
  if (!layout) return;
  const pen = fitCanvas(view.parts.overviewTop, layout.width, layout.height);
  const frame = (tile, colour, out, thick) => {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.strokeRect(tile.x - out, tile.y - out, layout.side + 2 * out, layout.side + 2 * out);
  };
  layout.tiles.forEach((tile) => {
    if (choice.order === "flags") drawFlags(pen, tile, layout, markerOf(kind, tile.layer, tile.head, palette), palette);
    const pin = view.pins.findIndex((one) => samePlace(one, { kind: kind.kind, ...tile }));
    if (pin >= 0 && choice.view === "lines") {
      pen.fillStyle = palette.categories[view.pins[pin].colour];
      pen.fillRect(tile.x, tile.y + layout.side - 4, layout.side, 4);
    }
    if (view.overTile && samePlace({ kind: kind.kind, ...view.overTile }, { kind: kind.kind, ...tile })) {
      frame(tile, palette.quiet, 1, 1.5);
    }
  });
  const chosen = layout.tiles.find((tile) => tile.layer === choice.layer && tile.head === choice.head);
  if (chosen) {
    frame(chosen, palette.ground, 0.5, 2);
    frame(chosen, palette.primary, 1.5, layout.side > 30 ? 3 : 2.5);
  }
}

export const samePlace = (one, other) => one.kind === other.kind && one.layer === other.layer && one.head === other.head;

function drawFlags(pen, tile, layout, colours, palette) {
  const size = Math.max(6, Math.min(12, layout.side * 0.24));
  colours.forEach((colour, place) => {
    const right = tile.x + layout.side - place * (size + 1);
    pen.beginPath();
    pen.moveTo(right - size, tile.y);
    pen.lineTo(right, tile.y);
    pen.lineTo(right, tile.y + size);
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = palette.ground;
    pen.stroke();
  });
}

export function drawOverview(view, width, height) {
  const layout = layoutOverview(view.kind, width, height, overviewRanks(view), tall(110));
  const shown = Math.min(height, layout.bottom + 6);
  const [wide, high] = [Math.max(width, layout.right || 0), layout.bottom + 6];
  view.overview = { ...layout, width: wide, height: high, shown };
  view.parts.overviewBox.style.height = `${shown}px`;
  // What does not fit at a size that can be seen scrolls.
  view.parts.overviewBox.style.overflow = high > shown || wide > width ? "auto" : "";
  paintTiles(view, view.parts.overviewBase, layout, wide, high);
  markTiles(view);
  reveal(view);
}

// The chosen head comes into sight where the overview scrolls.
function reveal({ overview, choice, parts: { overviewBox: box } }) {
  const tile = overview.tiles.find(({ layer, head }) => layer === choice.layer && head === choice.head);
  if (!tile || !box.style.overflow) return;
  const inside = (at, from, room) => (at < from + 20 || at + overview.side > from + room ? Math.max(0, at - room / 2) : from);
  box.scrollTo(inside(tile.x, box.scrollLeft, box.clientWidth), inside(tile.y, box.scrollTop, box.clientHeight));
}

// The head reached from the chosen one by an arrow key, as the tiles lie.
function neighbour(view, key) {
  const { tiles, columns } = view.overview;
  const here = tiles.findIndex((tile) => tile.layer === view.choice.layer && tile.head === view.choice.head);
  if (here < 0) return tiles[0];
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -here, End: tiles.length - 1 - here };
  if (!(key in steps)) return null;
  return tiles[here + steps[key]] || tiles[here];
}

export function handleOverview(view, act) {
  const canvas = view.parts.overviewTop;
  const find = (event) => {
    const frame = canvas.getBoundingClientRect();
    return tileAt(view.overview, event.clientX - frame.left, event.clientY - frame.top);
  };
  const over = (tile) => {
    if (tile === view.overTile) return;
    view.overTile = tile || null;
    markTiles(view);
    act.describe();
  };
  canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && over(find(event)));
  canvas.addEventListener("pointerleave", () => over(null));
  canvas.addEventListener("click", (event) => {
    const tile = find(event);
    if (!tile) return;
    if (event.shiftKey || event.metaKey) act.pin({ kind: view.choice.kind, layer: tile.layer, head: tile.head });
    else act.choose({ layer: tile.layer, head: tile.head });
  });
  canvas.addEventListener("keydown", (event) => {
    const tile = neighbour(view, event.key);
    if (!tile) return;
    event.preventDefault();
    event.stopPropagation();
    act.choose({ layer: tile.layer, head: tile.head });
  });
}
