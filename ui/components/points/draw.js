// One side on its canvas: points on their way from one layer to the next, what is pointed at, and names where few are.

import { PLAIN, paintMark } from "./marks.js";
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
  const [width, height] = [pane.width, pane.height];
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const at = current(pane.travel);
  pane.at = at;
  const [colours, shapes] = [codesOf(view, side, view.colour), codesOf(view, side, view.shape)];
  const strong = strengths(view, side);
  // Below the marks: no name must hide one.
  if (side.count <= FEW) nameAll(view, pane, pen, at);
  else if (view.data.named) nameSome(view, pane, pen, at, strong);
  const half = pane.stamp(0, 0, false).width / (2 * ratio);
  // The faint ones below, so that they never hide a strong one.
  for (const faint of view.chosen.size ? [true, false] : [false]) {
    for (const i of pane.order) {
      if (strong && strong[i] === faint) continue;
      if (thumbnail(pane, pen, at, i, faint)) continue;
      const [colour, shape] = [colours ? colours[i] : PLAIN, shapes ? shapes[i] : 0];
      if (isNoted()) {
        paintMark(pen, view.palette, { colour, shape, faint, radius: pane.radius }, at[2 * i], at[2 * i + 1]);
        continue;
      }
      const stamp = pane.stamp(colour, shape, faint);
      pen.drawImage(stamp, at[2 * i] - half, at[2 * i + 1] - half, 2 * half, 2 * half);
    }
  }
  pen.globalAlpha = pane.picked.length > 20 ? 0.45 : 1;
  ring(view, pane, pen, at, pane.picked, 1.5);
  pen.globalAlpha = 1;
  pointed(view, pane, pen, at);
  loop(view, pane, pen);
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

function codesOf(view, side, title) {
  return side.columns.find((column) => column.title === title)?.codes;
}

// Which points the legend keeps strong: in one of the chosen groups of every column that has chosen ones.
export function strengths(view, side) {
  if (!view.chosen.size) return null;
  const wanted = new Map();
  for (const name of view.chosen) {
    const [title, value] = JSON.parse(name);
    wanted.set(title, [...(wanted.get(title) || []), value]);
  }
  const tests = [...wanted].flatMap(([title, values]) => {
    const column = side.columns.find((one) => one.title === title);
    return column ? [[column.codes, new Set(values.map((value) => column.names.indexOf(value)))]] : [];
  });
  return Array.from({ length: side.count }, (_, i) => tests.every(([codes, codesWanted]) => codesWanted.has(codes[i])));
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

export const shorten = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

// The part of a text round a word, both ends marked where they are cut.
function around(text, word, most) {
  const at = Math.max(0, text.indexOf(word));
  const start = Math.max(0, Math.min(at - Math.floor((most - word.length) / 2), text.length - most));
  return `${start ? "…" : ""}${text.slice(start, start + most)}${start + most < text.length ? "…" : ""}`;
}

function box(pen, palette, text, x, y) {
  const wide = pen.measureText(text).width;
  pen.globalAlpha = 0.88;
  pen.fillStyle = palette.ground;
  pen.fillRect(x - 4, y - 11, wide + 8, 22);
  pen.globalAlpha = 1;
  pen.fillStyle = palette.ink;
  pen.fillText(text, x, y);
}

function letters(pen, palette) {
  pen.font = `${palette.text}px ${palette.plain}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
}

function name(view, pane, pen, at, i) {
  letters(pen, view.palette);
  const text = shorten(pane.side.labels[i], Math.max(12, Math.floor(pane.width / 14)));
  const wide = pen.measureText(text).width;
  const x = Math.max(6, Math.min(at[2 * i] + pane.radius + 8, pane.width - wide - 6));
  box(pen, view.palette, text, x, Math.max(14, Math.min(at[2 * i + 1] - pane.radius - 12, pane.height - 14)));
}

// All names of a few points, those that would meet moved downwards, each tied to its point.
function nameAll(view, pane, pen, at) {
  letters(pen, view.palette);
  const order = Array.from({ length: pane.side.count }, (_, i) => i).sort((a, b) => at[2 * a + 1] - at[2 * b + 1]);
  const taken = [];
  const alike = new Set(pane.side.labels).size === 1; // one word in several texts: named by what stands round it
  const labels = order.map((i) => {
    const most = Math.max(16, Math.floor(pane.width / 15));
    const [label, whole] = [pane.side.labels[i], pane.side.texts[pane.side.owners[i]]];
    const text = alike ? around(whole, label, most) : shorten(label, most);
    const wide = pen.measureText(text).width;
    let x = at[2 * i] + pane.radius + 10;
    if (x + wide > pane.width - 4) x = Math.max(4, at[2 * i] - pane.radius - 10 - wide);
    let y = at[2 * i + 1];
    const meets = () => taken.find((t) => Math.abs(t.y - y) < 22 && x < t.x + t.wide + 8 && t.x < x + wide + 8);
    for (let other = meets(); other; other = meets()) y = other.y + 22;
    taken.push({ x, y, wide });
    return { i, text, x, y, wide };
  });
  const over = Math.max(0, ...labels.map((label) => label.y - (pane.height - 14)));
  for (const label of labels) {
    const y = label.y - over;
    pen.strokeStyle = view.palette.ink;
    pen.globalAlpha = 0.35;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(at[2 * label.i], at[2 * label.i + 1]);
    pen.lineTo(label.x > at[2 * label.i] ? label.x - 3 : label.x + label.wide + 3, y);
    pen.stroke();
    pen.globalAlpha = 1;
    box(pen, view.palette, label.text, label.x, y);
  }
}

// Names beside their points where they meet neither a mark nor another name, in an order that favours no group.
function nameSome(view, pane, pen, at, strong) {
  pen.font = `13px ${view.palette.plain}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.fillStyle = view.palette.ink;
  const off = pane.radius + 4;
  const taken = [];
  for (const i of pane.order) {
    if (strong && !strong[i]) continue;
    const text = shorten(pane.side.labels[i], 18);
    const wide = pen.measureText(text).width;
    const [x, y] = [at[2 * i], at[2 * i + 1]];
    const places = [[x + off, y], [x - off - wide, y], [x - wide / 2, y - off - 5], [x - wide / 2, y + off + 5]];
    const found = places.find(([left, middle]) => free(pane, at, taken, { left, middle, wide }));
    if (!found) continue;
    taken.push({ left: found[0], middle: found[1], wide });
    pen.fillText(text, ...found);
  }
}

function free(pane, at, taken, { left, middle, wide }) {
  if (left < 2 || left + wide > pane.width - 2 || middle < 9 || middle > pane.height - 9) return false;
  if (taken.some((t) => Math.abs(t.middle - middle) < 14 && left < t.left + t.wide + 4 && t.left < left + wide + 4)) return false;
  const [high, side] = [7 + pane.radius * 0.7, pane.radius * 0.7];
  for (let k = 0; k < at.length; k += 2) {
    if (Math.abs(at[k + 1] - middle) < high && at[k] > left - side && at[k] < left + wide + side) return false;
  }
  return true;
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
