// What colours and shapes mean: two choices, and a chip for every group that puts the others back when it is pressed.

import { AGREEMENT, agreement, comparable, levelOfShare } from "./agree.js";
import { CLUSTERS } from "./decode.js";
import { drawAll, strengths } from "./draw.js";
import { groupName } from "./names.js";
import { PLAIN, SHAPES, colourOf, trace } from "./marks.js";
import { askWord } from "./texts.js";
import { make } from "../shared/dom.js";
import { penOf } from "../shared/saving.js";

const MOST_CHIPS = 24;

export function picker(view, title, key, also) {
  const label = make("label", "pick", title);
  const select = make("select", "");
  const grouped = key !== "shape" && view.panes.some((pane) => pane.frame?.clusters) ? [CLUSTERS] : [];
  const more = [...grouped, ...(key === "colour" && comparable(view) ? [AGREEMENT] : [])];
  for (const name of [...view.titles, ...more, also]) select.append(make("option", "", name));
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
  const chips = view.colour === AGREEMENT && agreement(view) ? [scale(view)] : [];
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

// What the colours of the agreement mean, and its mean.
function scale(view) {
  const { each, mean } = view.agreed;
  const ramp = make("i", "ramp");
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => view.palette.scale[levelOfShare(share)]);
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  const told = `both sides agree on ${Math.round(100 * mean)} % of the ${each} nearest, on average; of one point: 0`;
  return make("span", "agreed", {}, make("span", "", told), ramp, make("span", "", "100 %"));
}

// Words that are looked for: what has them stays strong, the rest steps back.
export function finder(view, act) {
  const label = make("label", "pick", "Find");
  const input = make("input", "find", { type: "search", value: view.looked, placeholder: "a word" });
  const told = make("span", "found");
  label.append(input, told);
  const count = () => {
    const found = view.looked ? view.panes.map((pane) => strengths(view, pane).reduce((sum, one) => sum + one, 0)) : [];
    told.textContent = view.looked ? `${[...new Set(found)].map((one) => one.toLocaleString("en")).join(" and ")} found` : "";
  };
  input.addEventListener("input", () => {
    view.looked = input.value.trim();
    const show = () => {
      drawAll(view);
      count();
    };
    show();
    askWord(view, view.looked, show);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && view.looked) act(view.panes[0]);
  });
  view.count = count;
  return label;
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
  const name = make("span", "", groupName(view.data.sides[0], value));
  name.dir = "auto";
  one.append(mark, name);
  one.setAttribute("aria-pressed", String(view.chosen.has(key)));
  one.addEventListener("click", () => {
    view.chosen.has(key) ? view.chosen.delete(key) : view.chosen.add(key);
    fillLegend(view);
    view.count?.();
    drawAll(view);
  });
  return one;
}
