// The plane: the circle of directions, points, lines from the anchor to its candidates, and where each point is driven.

import { REACH } from "./sums.js";
import { fitCanvas } from "../shared/dom.js";

const MARK = 9; // pixels of a point's half
const NEAR = 22; // pixels within which a finger means a point
const LONGEST = 0.42; // of the plane's half, the longest arrow

export function drawPlane(view, found, candidates, anchor) {
  const { data, places, room, colours } = view;
  const reach = data.mode === "skip-gram" ? REACH * 1.1 : 1.32;
  const half = room / 2;
  const unit = half / reach;
  const at = ([x, y]) => [half + x * unit, half - y * unit];
  view.plan = { at, back: (x, y) => [(x - half) / unit, (half - y) / unit] };
  const pen = fitCanvas(view.canvas, room, room);
  axes(pen, view, half, unit);
  candidates.forEach(({ place, share, wanted }) => {
    const force = Math.abs(share - wanted);
    pen.strokeStyle = wanted ? colours.primary : colours.orange;
    pen.globalAlpha = 0.12 + 0.88 * Math.min(1, force * 1.6);
    pen.lineWidth = 1 + 6 * force;
    pen.setLineDash(wanted ? [] : [7, 5]);
    segment(pen, at(places[anchor]), at(places[place]));
  });
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  const longest = Math.max(...found.gradient.map(([x, y]) => Math.hypot(x, y)), 1e-9);
  const scale = Math.min(1, longest * 8) * (LONGEST * half) / longest;
  data.points.forEach((point, k) => {
    const from = at(places[k]);
    arrow(pen, colours, from, [from[0] - found.gradient[k][0] * scale, from[1] + found.gradient[k][1] * scale]);
    mark(pen, colours, point, from, k === anchor);
  });
  labels(pen, view, places.map(at));
}

function axes(pen, view, half, unit) {
  const { colours, data, room } = view;
  pen.strokeStyle = colours.rule;
  pen.lineWidth = 1;
  segment(pen, [0, half], [room, half]);
  segment(pen, [half, 0], [half, room]);
  if (data.mode === "skip-gram") return;
  pen.beginPath();
  pen.arc(half, half, unit, 0, 2 * Math.PI);
  pen.stroke();
}

function segment(pen, [x1, y1], [x2, y2]) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

function arrow(pen, colours, from, to) {
  const long = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (long < MARK + 3) return;
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  pen.strokeStyle = colours.ink;
  pen.fillStyle = colours.ink;
  pen.lineWidth = 2;
  segment(pen, from, [to[0] - 7 * Math.cos(angle), to[1] - 7 * Math.sin(angle)]);
  pen.beginPath();
  pen.moveTo(...to);
  [2.6, -2.6].forEach((turned) => pen.lineTo(to[0] + 11 * Math.cos(angle + turned), to[1] + 11 * Math.sin(angle + turned)));
  pen.fill();
}

function mark(pen, colours, [, pair, , , square], [x, y], chosen) {
  pen.fillStyle = pair < 0 ? colours.quiet : colours.categories[pair % colours.categories.length];
  pen.beginPath();
  if (square) pen.rect(x - MARK, y - MARK, 2 * MARK, 2 * MARK);
  else pen.arc(x, y, MARK, 0, 2 * Math.PI);
  pen.fill();
  pen.lineWidth = chosen ? 3 : 1.5;
  pen.strokeStyle = chosen ? colours.ink : colours.ground;
  pen.stroke();
}

// Names stand where they cover no mark and no other name, outwards of their point if they can.
function labels(pen, view, spots) {
  const { colours, data, room, places } = view;
  pen.font = `600 ${colours.text}px ${colours.plain}`;
  pen.textBaseline = "middle";
  pen.lineWidth = 4;
  const taken = spots.map(([x, y]) => [x - MARK - 2, y - MARK - 2, 2 * MARK + 4, 2 * MARK + 4]);
  data.points.forEach(([name], k) => {
    const box = roomFor(name, spots[k], places[k], { pen, taken, room, high: colours.text + 4 });
    taken.push(box);
    const [left, middle] = [box[0], box[1] + box[3] / 2];
    pen.strokeStyle = colours.ground;
    pen.strokeText(name, left, middle);
    pen.fillStyle = colours.ink;
    pen.fillText(name, left, middle);
  });
}

// The box [x, y, width, height] round a point in which a name covers least.
function roomFor(name, [x, y], [dx, dy], { pen, taken, room, high }) {
  const wide = pen.measureText(name).width;
  const off = MARK + 5;
  const beside = (way) => [way > 0 ? x + off : x - off - wide, y - high / 2];
  const over = (way, shift) => [x - wide / 2 + (shift * wide) / 2, way > 0 ? y - off - high : y + off];
  const [right, up] = [dx >= 0 ? 1 : -1, dy >= 0 ? 1 : -1];
  const steep = Math.abs(dx) < 0.35;
  const tried = [beside(right), over(up, 0), beside(-right), over(-up, 0), over(up, right), over(up, -right), over(-up, right), over(-up, -right)];
  if (steep) tried.unshift(over(up, right));
  const within = ([left, top]) => [Math.max(2, Math.min(room - wide - 2, left)), Math.max(2, Math.min(room - high - 2, top)), wide, high];
  const boxes = tried.map(within);
  const covered = boxes.map((box) => taken.reduce((sum, other) => sum + shared(box, other), 0));
  return boxes[covered.indexOf(Math.min(...covered))];
}

// The area that two boxes have in common.
function shared([x, y, wide, high], [x2, y2, wide2, high2]) {
  const across = Math.min(x + wide, x2 + wide2) - Math.max(x, x2);
  const down = Math.min(y + high, y2 + high2) - Math.max(y, y2);
  return Math.max(0, across) * Math.max(0, down);
}

// The point under a pointer, -1 where there is none.
export function pointUnder(view, event) {
  const far = view.places.map((place) => {
    const [x, y] = view.plan.at(place);
    return Math.hypot(event.offsetX - x, event.offsetY - y);
  });
  const best = far.indexOf(Math.min(...far));
  return far[best] <= NEAR ? best : -1;
}
