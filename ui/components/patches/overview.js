// All heads on one canvas, each over the small picture; and how far each of them looks.

import { topOf } from "./colours.js";
import { attentionRow, onPatches, upTo } from "./decode.js";
import { outline, paintOver, paintPicture } from "./paint.js";
import { fitCanvas } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";

const EDGE = 22; // pixels for the numbers of layers and heads
const APART = 15; // between the heads and their mean

export function layoutTiles(view, width, height) {
  const { layers, heads, size } = view.data.header;
  const aspect = size[0] / size[1];
  const across = (width - EDGE - APART) / (heads + 1);
  const down = ((height - EDGE) / layers) * aspect;
  const pitch = Math.max(9, Math.min(across, down, 120));
  const gap = pitch > 40 ? 4 : pitch > 20 ? 2 : 1;
  const tiles = [];
  for (const layer of upTo(layers)) {
    for (const place of upTo(heads + 1)) {
      tiles.push({
        layer,
        head: place === heads ? "mean" : place,
        x: EDGE + place * pitch + (place === heads ? APART : 0),
        y: EDGE + (layer * pitch) / aspect,
        width: pitch - gap,
        height: pitch / aspect - gap,
      });
    }
  }
  return { tiles, pitch, columns: heads + 1, width: EDGE + APART + (heads + 1) * pitch, height: EDGE + (layers * pitch) / aspect };
}

export function drawOverview(view) {
  const { parts, layout, palette, choice, look } = view;
  const pen = fitCanvas(parts.overview, layout.width, layout.height);
  const rows = layout.tiles.map(({ layer, head }) => onPatches(view, attentionRow(view, layer, head, choice.token)));
  const shared = Math.max(1e-9, ...rows.map((row) => (row ? topOf(row, look.clip) : 0)));
  layout.tiles.forEach((tile, place) => {
    const values = rows[place];
    paintPicture(pen, view, tile, 0.7);
    if (!values) return;
    const top = look.own ? topOf(values, look.clip) : shared;
    paintOver(pen, view, tile, values, top, null, { ...look, opacity: Math.max(0.82, look.opacity), smooth: false });
  });
  numberTiles(pen, view);
  const chosen = layout.tiles.find((tile) => choice.of === "attention" && tile.layer === choice.layer && tile.head === choice.head);
  if (chosen) outline(pen, view, chosen, palette.primary, layout.pitch > 30 ? 3 : 2);
  if (view.overTile && view.overTile !== chosen) outline(pen, view, view.overTile, palette.quiet, 1);
}

function numberTiles(pen, view) {
  const { layout, palette } = view;
  const { heads, layers } = view.data.header;
  const size = layout.pitch < 24 ? 11 : 14;
  pen.font = `${size}px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  const every = Math.ceil((size * 1.3) / layout.pitch);
  for (let head = 0; head < heads; head += every) {
    const tile = layout.tiles[head];
    pen.fillText(head + 1, tile.x + tile.width / 2, EDGE / 2);
  }
  const mean = layout.tiles[heads];
  pen.textAlign = layout.pitch < 36 ? "right" : "center";
  pen.fillText(inLanguage("mean"), layout.pitch < 36 ? layout.width : mean.x + mean.width / 2, EDGE / 2);
  pen.textAlign = "right";
  for (let layer = 0; layer < layers; layer += 1) {
    const tile = layout.tiles[layer * layout.columns];
    pen.fillText(layer + 1, EDGE - 6, tile.y + tile.height / 2);
  }
}

export const tileAt = (layout, x, y) => layout.tiles.find((tile) => x >= tile.x && y >= tile.y && x < tile.x + layout.pitch && y < tile.y + tile.height + 3);

// The head that an arrow key leads to.
export function nextTile({ layout, choice }, key) {
  const here = layout.tiles.findIndex((tile) => tile.layer === choice.layer && tile.head === choice.head);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layout.columns, ArrowDown: layout.columns };
  return key in steps ? layout.tiles[here + steps[key]] || layout.tiles[here] : null;
}

// --- how far heads look ----------------------------------------------------------------------------------------------

const LEFT = 30;
const BELOW = 20;

function dotsOf(view, width, height) {
  const { layers, heads } = view.data.header;
  const most = Math.max(...view.far) * 1.06 || 1;
  return [...view.far].map((value, place) => ({
    layer: Math.floor(place / heads),
    head: place % heads,
    value,
    x: LEFT + ((Math.floor(place / heads) + 0.5) / layers) * (width - LEFT - 4),
    y: 6 + (1 - value / most) * (height - BELOW - 6),
    most,
  }));
}

export function drawFar(view) {
  const { parts, palette, choice } = view;
  const [width, height] = view.farSize;
  const pen = fitCanvas(parts.far, width, height);
  if (!view.far) return;
  view.dots = dotsOf(view, width, height);
  pen.font = `${palette.small}px ${palette.plain}`;
  pen.textBaseline = "middle";
  const { most } = view.dots[0];
  const step = [0.5, 1, 2, 5, 10, 20].find((one) => most / one <= 4) || 50;
  for (let value = 0; value <= most; value += step) {
    const y = 6 + (1 - value / most) * (height - BELOW - 6);
    pen.strokeStyle = palette.rule;
    pen.lineWidth = 1;
    pen.strokeRect(LEFT, Math.round(y) - 0.5, width - LEFT - 4, 0);
    pen.fillStyle = palette.quiet;
    pen.textAlign = "right";
    pen.fillText(value, LEFT - 6, y);
  }
  pen.textAlign = "center";
  const { layers } = view.data.header;
  for (const layer of upTo(layers)) pen.fillText(layer + 1, LEFT + ((layer + 0.5) / layers) * (width - LEFT - 4), height - 8);
  for (const dot of view.dots) {
    const on = choice.of === "attention" && dot.layer === choice.layer && (dot.head === choice.head || choice.head === "mean");
    pen.beginPath();
    pen.arc(dot.x, dot.y, on ? 6 : 4, 0, 7);
    pen.fillStyle = on ? palette.primary : palette.quiet;
    pen.globalAlpha = on ? 1 : 0.55;
    pen.fill();
    pen.globalAlpha = 1;
  }
}

export const dotAt = (view, x, y) => (view.dots || []).reduce((best, dot) => {
  const apart = Math.hypot(dot.x - x, dot.y - y);
  return apart < 14 && apart < best.apart ? { dot, apart } : best;
}, { dot: null, apart: Infinity }).dot;
