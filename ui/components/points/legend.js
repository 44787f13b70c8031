// What colours and shapes mean: two choices, and a chip for every group that puts the others back when it is pressed.

import { drawAll } from "./draw.js";
import { PLAIN, SHAPES, colourOf, trace } from "./marks.js";
import { make } from "../shared/dom.js";
import { penOf } from "../shared/saving.js";

const MOST_CHIPS = 24;

export function picker(view, title, key, also) {
  const label = make("label", "pick", title);
  const select = make("select", "");
  for (const name of [...view.titles, also]) select.append(make("option", "", name));
  select.value = view[key];
  select.setAttribute("aria-label", title);
  select.addEventListener("change", () => {
    view[key] = select.value;
    view.chosen.clear();
    fillLegend(view);
    drawAll(view);
  });
  label.append(select);
  return label;
}

export function fillLegend(view) {
  const sets = [["colour", view.colour]];
  if (view.shape !== view.colour) sets.push(["shape", view.shape]);
  const chips = [];
  for (const [what, title] of sets) {
    const column = view.data.sides[0].columns.find((one) => one.title === title);
    if (!column) continue;
    column.names.slice(0, MOST_CHIPS).forEach((value, code) => chips.push(chip(view, title, value, what, code)));
    const left = column.names.length - MOST_CHIPS;
    if (left > 0) chips.push(make("span", "more", `and ${left} more`));
  }
  view.legend.replaceChildren(...chips);
  view.legend.dataset.saved = "";
}

function chip(view, title, value, what, code) {
  const one = make("button", "chip");
  const key = JSON.stringify([title, value]);
  const ratio = window.devicePixelRatio || 1;
  const mark = make("canvas", "");
  Object.assign(mark, { width: 16 * ratio, height: 16 * ratio });
  const pen = penOf(mark);
  const both = view.shape === view.colour;
  trace(pen, SHAPES[(what === "shape" || both ? code : 0) % SHAPES.length], 8 * ratio, 8 * ratio, 5 * ratio);
  pen.fillStyle = colourOf(view.palette, what === "colour" ? code : PLAIN);
  pen.fill();
  const name = make("span", "", value);
  name.dir = "auto";
  one.append(mark, name);
  one.setAttribute("aria-pressed", String(view.chosen.has(key)));
  one.addEventListener("click", () => {
    view.chosen.has(key) ? view.chosen.delete(key) : view.chosen.add(key);
    fillLegend(view);
    drawAll(view);
  });
  return one;
}
