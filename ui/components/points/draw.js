// One side on its canvas: points on their way from one layer to the next, what is pointed at, and names where few are.

import { AGREEMENT, agreementCodes } from "./agree.js";
import { paintMany } from "./many.js";
import { CLUSTERS } from "./decode.js";
import { PLAIN, paintMark } from "./marks.js";
import { name, nameAll, nameGroups, nameSome } from "./names.js";
import { hasWord } from "./texts.js";
import { axes, farFirst } from "./turn.js";
import { placed } from "./zoom.js";
import { isNoted, penOf } from "../shared/saving.js";

const FEW = 40; // points up to which all are named
const ROOM = 26; // pixels left free round the points

// Where a frame's points stand on the canvas: its box fills the room, PCA's axes with one unit, the others' (which mean
// nothing by themselves) stretched up to 1.7 times.
export function fitted(frame, width, height) {
  const { places } = frame;
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (let i = 0; i < places.length; i += 1) {
    if (places[i] < low[i % 2]) low[i % 2] = places[i];
    if (places[i] > high[i % 2]) high[i % 2] = places[i];
  }
  const rooms = [width, height].map((room, k) => (room - 2 * ROOM) / Math.max(high[k] - low[k], 1e-6));
  const scales = rooms.map((room) => Math.min(room, Math.min(...rooms) * (frame.method === "PCA" ? 1 : 1.7)));
  const found = new Float32Array(places.length);
  if (frame.depths) frame.deep = frame.depths.map((depth) => depth * scales[0]);
  for (let i = 0; i < places.length; i += 1) {
    const value = (places[i] - (low[i % 2] + high[i % 2]) / 2) * scales[i % 2];
    found[i] = i % 2 ? height / 2 - value : width / 2 + value;
  }
  return found;
}

// An order in which no group lies always on top: steps so long that each is met once.
export function mixed(count) {
  const gcd = (a, b) => (b ? gcd(b, a % b) : a);
  let stride = Math.max(1, Math.round(count * 0.382));
  while (gcd(stride, count) > 1) stride += 1;
  return Uint32Array.from({ length: count }, (_, i) => (i * stride) % count);
}

// Where the points stand now, on their way from one layer to another.
export function current({ from, to, share }) {
  if (share >= 1) return to;
  const ease = share * share * (3 - 2 * share);
  return to.map((value, i) => from[i] + (value - from[i]) * ease);
}

export function drawAll(view) {
  for (const one of view.panes) draw(view, one);
}

export function draw(view, pane) {
  const { canvas, side } = pane;
  const ratio = window.devicePixelRatio || 1;
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, pane.width, pane.height);
  pane.now = current(pane.travel);
  pane.far = pane.frame?.deep ? farFirst(pane, pane.now) : null;
  const at = placed(pane, pane.now);
  pane.at = at;
  const strong = strengths(view, pane);
  const shown = strong ? strong.reduce((sum, one) => sum + one, 0) : side.count;
  // Below the marks: no name must hide one.
  if (side.count <= FEW) nameAll(view, pane, pen, at);
  else if (view.data.named || (strong && shown <= FEW)) nameSome(view, pane, pen, at, strong);
  if (pane.far) axes(view, pane, pen);
  if (pane.many) paintMany(view, pane, at, strong, codesOf(view, pane, view.colour));
  else marks(view, pane, pen, at, strong);
  if (side.count > FEW && !view.data.named) nameGroups(view, pane, pen, at, strong);
  pen.globalAlpha = pane.picked.length > 20 ? 0.45 : 1;
  ring(view, pane, pen, at, pane.picked, 1.5);
  pen.globalAlpha = 1;
  pointed(view, pane, pen, at);
  loop(view, pane, pen);
}

function marks(view, pane, pen, at, strong) {
  const [colours, shapes] = [codesOf(view, pane, view.colour), codesOf(view, pane, view.shape)];
  const half = pane.stamp(0, 0, false).width / (2 * (window.devicePixelRatio || 1));
  // The faint ones below, so that they never hide a strong one.
  for (const faint of strong ? [true, false] : [false]) {
    for (const i of pane.far || pane.order) {
      if (strong && Boolean(strong[i]) === faint) continue;
      if (thumbnail(pane, pen, at, i, faint)) continue;
      const [colour, shape] = [colours ? colours[i] : PLAIN, shapes ? shapes[i] : 0];
      if (isNoted()) paintMark(pen, view.palette, { colour, shape, faint, radius: pane.radius }, at[2 * i], at[2 * i + 1]);
      else pen.drawImage(pane.stamp(colour, shape, faint), at[2 * i] - half, at[2 * i + 1] - half, 2 * half, 2 * half);
    }
  }
}

// A point's picture in the place of its mark; false where it has none.
function thumbnail(pane, pen, at, i, faint) {
  const { pictures, image, across, down } = pane.side;
  if (!pictures || pictures[i] < 0 || !image.complete || !image.naturalWidth) return false;
  const [wide, high] = [image.naturalWidth / across, image.naturalHeight / down];
  const half = halfOf(pane, i);
  pen.globalAlpha = faint ? 0.15 : 1;
  const [column, row] = [pictures[i] % across, Math.floor(pictures[i] / across)];
  pen.drawImage(image, column * wide, row * high, wide, high, at[2 * i] - half, at[2 * i + 1] - half, 2 * half, 2 * half);
  pen.globalAlpha = 1;
  return true;
}

// Half of what a point takes on the canvas.
function halfOf(pane, i) {
  if (!pane.side.pictures || pane.side.pictures[i] < 0) return pane.radius;
  return pane.side.count < 400 ? 13 : pane.side.count < 1500 ? 9 : 6;
}

export function codesOf(view, pane, title) {
  if (title === AGREEMENT) return agreementCodes(view, pane);
  if (title === CLUSTERS) return pane.frame?.clusters?.codes;
  return pane.side.columns.find((column) => column.title === title)?.codes;
}

// Which points stay strong, 1 or 0 each: those in one of the chosen groups of every column that has chosen ones, and
// in which the words stand that are looked for; null: all of them.
export function strengths(view, pane) {
  const key = JSON.stringify([[...view.chosen], view.looked, pane.side.having?.word]);
  if (pane.strongKey !== key) Object.assign(pane, { strongKey: key, strong: foundIn(view, pane.side) });
  return pane.strong;
}

function foundIn(view, side) {
  if (!view.chosen.size && !view.looked) return null;
  const wanted = new Map();
  for (const one of view.chosen) {
    const [title, value] = JSON.parse(one);
    wanted.set(title, [...(wanted.get(title) || []), value]);
  }
  const tests = [...wanted].flatMap(([title, values]) => {
    const column = side.columns.find((one) => one.title === title);
    return column ? [[column.codes, new Set(values.map((value) => column.names.indexOf(value)))]] : [];
  });
  const word = view.looked.toLowerCase();
  const told = side.having?.word === view.looked ? side.having : null; // of whole texts, where only beginnings are here
  const has = (i) => !word || (told && hasWord(told, i)) || side.labels[i].toLowerCase().includes(word) || side.texts[side.owners[i]].toLowerCase().includes(word);
  return Uint8Array.from({ length: side.count }, (_, i) => (tests.every(([codes, some]) => some.has(codes[i])) && has(i) ? 1 : 0));
}

function ring(view, pane, pen, at, points, wide) {
  pen.strokeStyle = view.palette.ink;
  pen.lineWidth = wide;
  for (const i of points) {
    pen.beginPath();
    pen.arc(at[2 * i], at[2 * i + 1], halfOf(pane, i) + 3, 0, 2 * Math.PI);
    pen.stroke();
  }
}

// The point under the pointer with lines to its true neighbours; on the other side the same text.
function pointed(view, pane, pen, at) {
  const mine = view.pointed && view.pointed.pane === pane ? [view.pointed.index] : linked(view, pane);
  if (!mine.length) return;
  const frame = pane.frame;
  if (mine.length === 1 && frame && frame.each) {
    const i = mine[0];
    pen.strokeStyle = view.palette.ink;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1.2;
    for (let k = 0; k < frame.each; k += 1) {
      const j = frame.neighbours[i * frame.each + k];
      pen.beginPath();
      pen.moveTo(at[2 * i], at[2 * i + 1]);
      pen.lineTo(at[2 * j], at[2 * j + 1]);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }
  ring(view, pane, pen, at, mine, 2.2);
  if (pane.side.count > FEW) name(view, pane, pen, at, mine[0]);
}

// The points of this pane that belong to what is pointed at in the other: the same one, else those of the same text.
function linked(view, pane) {
  if (!view.pointed || view.pointed.pane === pane) return [];
  const { pane: other, index } = view.pointed;
  if (other.side.count === pane.side.count) return [index];
  const owner = other.side.owners[index];
  return Array.from(pane.side.owners.keys()).filter((i) => pane.side.owners[i] === owner);
}

function loop(view, pane, pen) {
  const path = pane.path;
  if (!path || path.length < 2) return;
  pen.beginPath();
  path.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.fillStyle = view.palette.ink;
  pen.globalAlpha = 0.08;
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = view.palette.ink;
  pen.setLineDash([5, 4]);
  pen.lineWidth = 1.3;
  pen.stroke();
  pen.setLineDash([]);
}
