// The words of both sentences with the links of both models and gold between them.

import { strokeGold, strokeLink } from "./marks.js";
import { fitCanvas } from "../shared/dom.js";
import { larger } from "../shared/room.js";
import { inLanguage } from "../shared/said.js";
import { shortened } from "../shared/text.js";

export const HEAD = 24; // pixels for the names of the sides

export function planLines(view, width, height) {
  const { data, palette } = view;
  const pen = view.lines.getContext("2d");
  pen.font = `${palette.size + 1}px ${palette.face}`;
  const count = Math.max(data.source.length, data.target.length);
  const pitch = Math.max(23, Math.min(larger(38), (height - HEAD - 4) / count));
  const most = width * 0.34;
  const wide = (words) => Math.min(most, Math.max(...words.map((word) => pen.measureText(word).width)) + 14);
  return { width, pitch, left: wide(data.source), right: width - wide(data.target),
    height: Math.ceil(HEAD + pitch * count + 4), most };
}

// The shorter sentence stands in the middle of the longer one's height.
function wordY(view, words, k) {
  const { pitch } = view.plan;
  const most = Math.max(view.data.source.length, view.data.target.length);
  return HEAD + pitch * (k + 0.5 + (most - words.length) / 2);
}

function linksOnShow(view) {
  const some = view.parts.map((part) => part.side.words[view.places[part.index]]);
  const all = new Set(some.flatMap((one) => [...one]));
  return [...all].map((link) => {
    const who = some.length > 1 && some.every((one) => one.has(link)) ? "both" : some[0].has(link) ? 0 : 1;
    return { link, places: link.split("-").map(Number), who };
  });
}

function touches(at, [i, j]) {
  if (!at) return true;
  if (at.source !== null && at.target !== null) return at.source === i || at.target === j;
  return at.source === null ? at.target === j : at.source === i;
}

export function drawLines(view) {
  const { data, plan, palette, colours } = view;
  const pen = fitCanvas(view.lines, plan.width, plan.height);
  const at = view.hold || view.point;
  const from = (i) => [plan.left + 4, wordY(view, data.source, i)];
  const to = (j) => [plan.right - 4, wordY(view, data.target, j)];
  const ends = ([i, j]) => [from(i), to(j)];
  const strength = (places) => (touches(at, places) ? 1 : 0.12);
  if (view.gold && data.gold) {
    for (const [sure, links] of [[false, data.gold.possible], [true, data.gold.sure]]) {
      for (const link of links) {
        const places = link.split("-").map(Number);
        strokeGold(pen, colours, sure, ...ends(places), strength(places));
      }
    }
  }
  const some = linksOnShow(view);
  for (const { places, who } of some) strokeLink(pen, colours, who, ...ends(places), strength(places));
  pen.font = `${palette.small}px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.textBaseline = "middle";
  [["right", plan.left, 0], ["left", plan.right, 1]].forEach(([align, x, k]) => {
    pen.textAlign = align;
    const room = k ? plan.width - x : x;
    const name = shortened(pen, inLanguage(data.names[k]), Math.max(room, 80));
    // A name longer than its words begins at the edge of the picture.
    const over = pen.measureText(name).width > room;
    pen.textAlign = over ? (k ? "right" : "left") : align;
    pen.fillText(name, over ? (k ? plan.width : 0) : x, 10);
  });
  const alone = (k, side) => !some.some(({ places }) => places[side] === k);
  data.source.forEach((word, k) => writeWord(view, pen, word, plan.left, wordY(view, data.source, k), "right",
    at?.source === k, alone(k, 0)));
  data.target.forEach((word, k) => writeWord(view, pen, word, plan.right, wordY(view, data.target, k), "left",
    at?.target === k, alone(k, 1)));
}

// A word without a link is written quieter.
function writeWord(view, pen, word, x, y, align, on, alone) {
  const { palette } = view;
  pen.font = `${on ? 700 : 400} ${palette.size + 1}px ${palette.face}`;
  const text = shortened(pen, word, view.plan.most - 8);
  const wide = pen.measureText(text).width;
  if (on) {
    pen.fillStyle = palette.tint;
    pen.fillRect(align === "right" ? x - wide - 6 : x - 2, y - palette.size * 0.8, wide + 8, palette.size * 1.6);
  }
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillStyle = alone && !on ? palette.faint : palette.ink;
  pen.fillText(text, align === "right" ? x - 2 : x + 2, y + 1);
}

export function lineWordAt(view, event) {
  const { plan, data } = view;
  const box = view.lines.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const near = (words) => words.findIndex((_, k) => Math.abs(wordY(view, words, k) - y) < plan.pitch / 2);
  if (x <= plan.left + 8) {
    const source = near(data.source);
    return source < 0 ? null : { source, target: null };
  }
  if (x >= plan.right - 8) {
    const target = near(data.target);
    return target < 0 ? null : { source: null, target };
  }
  return null;
}
