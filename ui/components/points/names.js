// Names on the map: of a few points, of as many as there is room for, and of groups where their points are densest.

import { CLUSTERS } from "./decode.js";
import { SHAPES, colourOf, trace } from "./marks.js";
import { textOf } from "./texts.js";
import { inLanguage } from "../shared/said.js";

const CELL = 26; // pixels of the squares in which a group's points are counted
const TOOLS = 134; // pixels in the corner that the buttons take
const MOST_GROUPS = 24;
const MOST_COUNTED = 5000; // points; of more every second, every third ...

export const shorten = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

// What a group is called: a name that Gaze gave in the reader's language, one of somebody's own file as it stands there.
export const groupName = (side, name) => (side.given ? inLanguage(name) : name);

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

export function name(view, pane, pen, at, i) {
  letters(pen, view.palette);
  const text = shorten(textOf(pane.side, i)[0], Math.max(12, Math.floor(pane.width / 14)));
  const wide = pen.measureText(text).width;
  const x = Math.max(6, Math.min(at[2 * i] + pane.radius + 8, pane.width - wide - 6));
  box(pen, view.palette, text, x, Math.max(14, Math.min(at[2 * i + 1] - pane.radius - 12, pane.height - 14)));
}

// All names of a few points, those that would meet moved downwards, each tied to its point.
export function nameAll(view, pane, pen, at) {
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
export function nameSome(view, pane, pen, at, strong) {
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


// Each group's name where most of its points lie, moved until it meets no other.
export function nameGroups(view, pane, pen, at, strong) {
  const column = view.named === CLUSTERS ? pane.frame?.clusters : pane.side.columns.find((one) => one.title === view.named);
  if (!column || (column.names.length > MOST_GROUPS && column.title !== CLUSTERS)) return;
  const places = densest(column, at, strong, pane);
  pen.font = `600 ${view.palette.small + 1}px ${view.palette.plain}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  const taken = [8, 20].map((top) => ({ left: pane.width - TOOLS, top, wide: TOOLS })); // buttons lie there
  places.forEach((place, code) => {
    if (!place) return;
    const text = shorten(groupName(pane.side, column.names[code]), 22);
    const wide = pen.measureText(text).width + 22;
    const [left, top] = room([place[0], place[1] - CELL], wide, pane, taken);
    taken.push({ left, top, wide });
    tag(view, pen, { text, left, top, wide, code });
  });
}

// For every group the middle of its points in and round the square that holds most of them.
function densest(column, at, strong, pane) {
  const counts = column.names.map(() => new Map());
  const across = Math.ceil(pane.width / CELL) + 2;
  const cellOf = (i) => Math.floor(at[2 * i + 1] / CELL) * across + Math.floor(at[2 * i] / CELL);
  const seen = (i) => (!strong || strong[i]) && at[2 * i] >= 0 && at[2 * i] <= pane.width && at[2 * i + 1] >= 0 && at[2 * i + 1] <= pane.height;
  const step = Math.ceil(column.codes.length / MOST_COUNTED);
  const each = (act) => { for (let i = 0; i < column.codes.length; i += step) act(column.codes[i], i); };
  each((code, i) => {
    if (code >= 0 && seen(i)) counts[code].set(cellOf(i), (counts[code].get(cellOf(i)) || 0) + 1);
  });
  const best = counts.map((some) => [...some].reduce((top, one) => (!top || one[1] > top[1] ? one : top), null)?.[0]);
  const sums = column.names.map(() => [0, 0, 0]);
  each((code, i) => {
    if (code < 0 || best[code] === undefined || !seen(i)) return;
    const apart = cellOf(i) - best[code];
    if (![-across - 1, -across, 1 - across, -1, 0, 1, across - 1, across, across + 1].includes(apart)) return;
    const sum = sums[code];
    [sum[0], sum[1], sum[2]] = [sum[0] + at[2 * i], sum[1] + at[2 * i + 1], sum[2] + 1];
  });
  return sums.map(([x, y, count]) => (count ? [x / count, y / count] : null));
}

const HIGH = 21;

// The free place nearest to where a name belongs.
function room([x, y], wide, pane, taken) {
  const inside = (left, top) => [Math.max(3, Math.min(left, pane.width - wide - 3)), Math.max(3, Math.min(top, pane.height - HIGH - 3))];
  for (let far = 0; far < 14; far += 1) {
    for (const [dx, dy] of [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, 1]]) {
      const [left, top] = inside(x - wide / 2 + dx * far * 16, y - HIGH / 2 + dy * far * 11);
      if (!taken.some((t) => left < t.left + t.wide + 3 && t.left < left + wide + 3 && Math.abs(t.top - top) < HIGH + 2)) return [left, top];
    }
  }
  return inside(x - wide / 2, y - HIGH / 2);
}

// A name with the mark of its group, on a piece of ground.
function tag(view, pen, { text, left, top, wide, code }) {
  const { palette } = view;
  pen.globalAlpha = 0.86;
  pen.fillStyle = palette.ground;
  pen.beginPath();
  pen.roundRect(left, top, wide, HIGH, 4);
  pen.fill();
  pen.globalAlpha = 1;
  trace(pen, SHAPES[(view.named === view.shape ? code : 0) % SHAPES.length], left + 10, top + HIGH / 2, 4.6);
  pen.fillStyle = view.named === view.colour ? colourOf(palette, code) : palette.ink;
  pen.fill();
  pen.fillStyle = palette.ink;
  pen.fillText(text, left + 19, top + HIGH / 2 + 0.5);
}
