// What can be chosen in the picture: a layer of each model, moving together or apart, gold, and the change
// between layers.

import { draw } from "./draw.js";
import { DASHES } from "./marks.js";
import { writeLayers } from "./read.js";
import { make } from "../shared/dom.js";

export function sideHead(view, part) {
  const { side, index } = part;
  const head = make("div", "head");
  const title = make("div", "title");
  const letter = view.data.sides.length > 1 ? "AB"[index] : "";
  title.append(signOf(view, index), make("b", "", letter), make("span", "name", side.name));
  const row = make("label", "layer");
  const range = { type: "range", min: 0, max: side.layers.length - 1, step: 1, value: view.places[index] };
  part.slider = Object.assign(document.createElement("input"), range);
  part.slider.setAttribute("aria-label", `Layer of ${side.name}`);
  part.layer = make("span", "number");
  part.slider.addEventListener("input", () => choose(view, index, Number(part.slider.value)));
  row.append(part.slider, part.layer);
  part.said = make("div", "said");
  head.append(title, row, part.said);
  return head;
}

// Moves a model to a layer; bound together, the other goes to the one at the same depth.
function choose(view, index, place) {
  view.chosen = true;
  view.places[index] = place;
  if (view.together) {
    const share = place / Math.max(1, view.data.sides[index].layers.length - 1);
    view.data.sides.forEach((side, k) => {
      if (k === index) return;
      const same = side.layers.length === view.data.sides[index].layers.length;
      view.places[k] = same ? place : Math.round(share * (side.layers.length - 1));
    });
  }
  writeLayers(view);
  draw(view);
}

function tick(view, text, name, title) {
  const box = make("label", "tick");
  const input = Object.assign(document.createElement("input"), { type: "checkbox", checked: view[name] });
  input.addEventListener("change", () => {
    view[name] = input.checked;
    draw(view);
  });
  box.title = title;
  box.append(input, make("span", "", text));
  return box;
}

const PICTURE = "http://www.w3.org/2000/svg";

function drawn(tag, values) {
  const made = document.createElementNS(PICTURE, tag);
  Object.entries(values).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

// A short sample of a line, as it stands in the picture.
function signOf(view, who) {
  const picture = drawn("svg", { width: 24, height: 14, viewBox: "0 0 24 14", "aria-hidden": "true" });
  const colour = who === "both" ? view.colours.both : who === "gold" ? view.colours.gold : view.colours.sides[who];
  const line = { x1: 1, x2: 23, y1: 7, y2: 7, stroke: colour, "stroke-width": who === "gold" ? 11 : 2.8 };
  if (who === "gold") line["stroke-opacity"] = 0.4;
  if (who === 0 || who === 1) line["stroke-dasharray"] = DASHES[who].join(" ");
  if (who === 1) line["stroke-linecap"] = "round";
  picture.append(drawn("line", line));
  return picture;
}

export function legend(view) {
  const box = make("div", "legend");
  const entry = (who, text) => {
    const one = make("span", "entry");
    one.append(signOf(view, who), make("span", "", text));
    box.append(one);
  };
  if (view.data.sides.length > 1) {
    entry("both", "both");
    entry(0, "only A");
    entry(1, "only B");
  } else entry(0, "found");
  if (view.data.gold) entry("gold", "gold");
  return box;
}

export function ticks(view) {
  const box = make("div", "ticks");
  const several = view.data.sides.length > 1;
  if (several) box.append(tick(view, "same layer", "together", "Both models move to the same depth"));
  if (view.data.gold) box.append(tick(view, "gold", "gold", "Links that were made by hand"));
  box.append(tick(view, "change", "change", "Colours show what changed from the layer before"));
  return box;
}
