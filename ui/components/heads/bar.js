// The elements around the pictures: switches, titles, sentences; built once, brought up to date by syncBar.

import { headKey } from "./exact.js";
import { orderTitle } from "./edge.js";
import { SHARES, headLine } from "./facts.js";
import { nameOf, shortName } from "./names.js";
import { samePlace } from "./overview.js";
import { measureTitle, stripNames } from "./strips.js";
import { make } from "../shared/dom.js";

const FORM_NAMES = { heatmap: "Heatmap", lines: "Lines", text: "Text" };

function segmented(label, choices, pick) {
  const group = make("div", "segments", { role: "radiogroup", "aria-label": label });
  choices.forEach(([value, text]) => {
    const button = make("button", "", { type: "button", role: "radio", textContent: text });
    button.dataset.value = value;
    button.addEventListener("click", () => pick(value));
    group.append(button);
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...group.children];
    const next = all[(all.findIndex((one) => one.getAttribute("aria-checked") === "true") + step + all.length) % all.length];
    next.focus();
    next.click();
  });
  return group;
}

function markSegment(group, value) {
  [...group.children].forEach((button) => {
    const on = button.dataset.value === value;
    button.setAttribute("aria-checked", on);
    button.tabIndex = on ? 0 : -1;
  });
}

function select(label, pick) {
  const list = make("select", "", { "aria-label": label });
  list.addEventListener("change", () => pick(list.value));
  return list;
}

function fillSelect(list, choices, value) {
  const text = JSON.stringify(choices);
  if (list.dataset.choices !== text) {
    list.replaceChildren(...choices.map(([one, name]) => make("option", "", { value: one, textContent: name })));
    list.dataset.choices = text;
  }
  list.value = value;
}

export function button(name, text, press, properties = {}) {
  const element = make("button", name, { type: "button", textContent: text, ...properties });
  element.addEventListener("click", press);
  return element;
}

function canvasPair(role, label) {
  const base = make("canvas", "base", { "aria-hidden": "true" });
  const top = make("canvas", "top", { tabIndex: 0, role, "aria-label": label });
  return [base, top];
}

export function buildParts(root, act) {
  const parts = { root };
  parts.kinds = make("div", "", { hidden: true });
  parts.forms = segmented("Form of the picture", Object.entries(FORM_NAMES), (value) => act.choose({ view: value }));
  parts.perRow = make("input", "", { type: "checkbox" });
  parts.perRow.addEventListener("change", () => act.contrast(parts.perRow.checked));
  parts.contrast = make("label", "option", { title: "Scale every row to its own greatest weight" }, parts.perRow, "contrast per row");
  parts.strongest = select("Lines for each query", (value) => act.strongest(value));
  parts.strong = make("label", "option", {}, "strongest ", parts.strongest);
  parts.pin = button("quiet", "Pin this head", () => act.pin(null), { title: "Keep its lines in a colour of their own (up to 12)" });
  parts.zoom = make("span", "zoom", {},
    button("quiet", "−", () => act.zoom("out"), { title: "Zoom out", "aria-label": "Zoom out" }),
    button("quiet", "+", () => act.zoom("in"), { title: "Zoom in", "aria-label": "Zoom in" }),
    button("quiet", "whole text", () => act.zoom(null)));
  parts.free = button("quiet", "let all go", () => act.hold([]), { title: "Hold nothing any more: Escape" });
  const bar = make("div", "bar", {}, parts.kinds, parts.forms, make("span", "grow"), parts.free, parts.zoom, parts.contrast, parts.strong, parts.pin);
  root.replaceChildren(bar, make("div", "main", {}, buildLeft(parts, act), buildRight(parts, act)));
  parts.bar = bar;
  parts.main = root.querySelector(".main");
  parts.tip = make("div", "tip", { hidden: true, role: "tooltip" });
  parts.live = make("div", "live", { "aria-live": "polite" });
  root.append(parts.tip, parts.live);
  return parts;
}

function buildLeft(parts, act) {
  [parts.overviewBase, parts.overviewTop] = canvasPair("grid", "All heads, one row a layer. Arrow keys choose a head.");
  parts.overviewBox = make("div", "layers", {}, parts.overviewBase, parts.overviewTop);
  parts.order = select("Order of the heads", (value) => act.choose({ order: value }));
  parts.leftHead = make("div", "row", {}, make("h3", "", { textContent: "All heads" }), make("span", "grow"), make("label", "option", {}, "order ", parts.order));
  parts.scale = make("canvas", "scale", { role: "img", "aria-label": "Colour scale of the weights, 0 to 100 percent" });
  parts.legend = make("div", "legend");
  parts.describe = make("div", "describe");
  parts.leftFoot = make("div", "foot", {}, parts.describe, parts.legend, parts.scale);
  parts.strips = make("canvas", "strips", { "aria-hidden": "true" });
  parts.left = make("section", "left", {}, parts.leftHead, parts.overviewBox, parts.leftFoot, parts.strips);
  return parts.left;
}

function buildRight(parts, act) {
  parts.title = make("h2");
  parts.direction = make("span", "direction");
  parts.toggle = button("quiet", "", () => act.toggle());
  parts.card = button("quiet", "its card", () => act.card(), { title: "What this head does in many sentences" });
  parts.which = button("quiet which", "", () => act.which());
  [parts.base, parts.top] = canvasPair("grid", "Weights of the chosen head. Arrow keys walk through the cells, Enter holds one more or lets it go, Escape lets all go.");
  parts.heat = make("div", "layers", {}, parts.base, parts.top);
  parts.linesCanvas = make("canvas", "lines", { tabIndex: 0, role: "img", "aria-label": "Lines from queries to keys. Arrow keys choose a word, Enter holds one more or lets it go, Escape lets all go." });
  parts.spacer = make("div", "spacer");
  parts.scroller = make("div", "scroller", {}, parts.linesCanvas, parts.spacer);
  parts.textBox = make("div", "text", { tabIndex: 0, role: "group", "aria-label": "The text, tinted by attention. Arrow keys choose a word, Enter holds one more or lets it go, Escape lets all go." });
  parts.figure = make("div", "figure", {}, parts.heat, parts.scroller, parts.textBox);
  parts.chips = make("div", "chips", { "data-saved": "" });
  parts.see = make("p", "see");
  parts.note = make("p", "note", { role: "status" });
  parts.detailScale = make("canvas", "scale", { role: "img", "aria-label": "Colour scale of this head" });
  parts.rightFoot = make("div", "row foot-row", {}, make("div", "sentences", {}, parts.see, parts.note), parts.detailScale);
  parts.rightHead = make("div", "row", {}, parts.title, parts.direction, make("span", "grow"), parts.which, parts.card, parts.toggle);
  parts.right = make("section", "right", {}, parts.rightHead, parts.chips, parts.figure, parts.rightFoot);
  return parts.right;
}

export function directionText(view) {
  if (view.choice.view === "text") return "stronger colour: more attention";
  if (view.choice.view === "lines") return "query (left) attends to key (right)";
  return view.kind.kind === "cross" ? "query (row) attends to key (column)" : "row attends to column";
}

function orderChoices(view) {
  const measures = stripNames(view).map((name) => {
    const title = measureTitle(view, name)[0].toLowerCase();
    return [name, name === "entropy" ? "by entropy, sharpest first" : name in SHARES ? `most ${SHARES[name]}` : `by ${title}`];
  });
  const held = view.locks.length ? [["held", orderTitle(view.locks)]] : [];
  return [["number", "by number"], ...held, ...(measures.length ? [["flags", "by number, marked"]] : []), ...measures];
}

export function syncBar(view, act) {
  const { parts, choice, kind, data } = view;
  const kinds = data.kinds.map((one) => [one.kind, one.title.replace(/ self-attention$/i, "")]);
  const names = JSON.stringify(kinds);
  if (parts.kinds.dataset.names !== names) {
    const group = kinds.length > 1 ? segmented("Kind of attention", kinds, (value) => act.choose({ kind: value })) : make("div", "", { hidden: true });
    group.dataset.names = names;
    parts.kinds.replaceWith(group);
    parts.kinds = group;
  }
  markSegment(parts.kinds, choice.kind);
  markSegment(parts.forms, choice.view);
  syncHeld(view);
  fillSelect(parts.strongest, [1, 2, 3, 5, "all"].map((one) => [String(one), String(one)]), String(view.strongest));
  parts.contrast.hidden = choice.view !== "heatmap";
  parts.strong.hidden = parts.pin.hidden = choice.view !== "lines";
  parts.zoom.hidden = choice.view !== "heatmap" || !kind.long;
  parts.perRow.checked = view.perRow;
  parts.direction.textContent = directionText(view);
  const pinned = view.pins.some((pin) => samePlace(pin, choice));
  parts.pin.textContent = pinned ? "Unpin this head" : "Pin this head";
  syncLegend(view);
  syncChips(view, act);
}

// What the heads can be asked for a place that is held.
export function syncHeld(view) {
  const { parts, choice, locks } = view;
  fillSelect(parts.order, orderChoices(view), choice.order);
  parts.which.hidden = parts.free.hidden = !locks.length;
  parts.which.textContent = choice.order === "held" ? "by number" : "which heads?";
}

export function syncHead(view) {
  const { parts, choice, data } = view;
  const off = data.off.has(headKey(choice));
  parts.title.textContent = nameOf(view.kind, choice.layer, choice.head) + (off ? " (off)" : "");
  parts.toggle.disabled = false;
  parts.toggle.hidden = typeof choice.head !== "number";
  parts.card.hidden = parts.toggle.hidden || data.header.start.turn === undefined; // a page with cards counts its turns
  parts.toggle.textContent = off ? "switch on again" : "switch this head off";
  parts.live.textContent = headLine(view.kind, choice.layer, choice.head, off);
}

function syncLegend(view) {
  const { parts, kind, palette, choice } = view;
  parts.legend.hidden = choice.order !== "flags";
  if (parts.legend.hidden) return;
  const present = Object.keys(SHARES).filter((name) => kind.measures && kind.measures[name]);
  parts.legend.replaceChildren(make("span", "", { textContent: "half or more" }), ...present.map((name) => {
    const mark = make("i");
    mark.style.background = palette.categories[Object.keys(SHARES).indexOf(name)];
    return make("span", "", {}, mark, SHARES[name]);
  }));
}

export function syncChips(view, act) {
  const { parts, palette, choice } = view;
  const pins = view.pins.filter((pin) => pin.kind === choice.kind);
  parts.chips.hidden = choice.view !== "lines" || !pins.length;
  parts.chips.replaceChildren(...pins.map((pin) => {
    const mark = make("i");
    mark.style.background = palette.categories[pin.colour];
    const chip = button("chip", "", () => act.pin(pin), { title: "Remove these lines" });
    chip.append(mark, shortName(view.kind, pin.layer, pin.head), make("b", "", { textContent: "×" }));
    return chip;
  }));
}
