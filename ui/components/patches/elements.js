// The elements round the pictures, built once for each message and brought up to date by sync.

import { FUSIONS } from "./address.js";
import { ALL } from "./decode.js";
import { make } from "../shared/dom.js";

function segments(label, choices, pick) {
  const group = make("div", "segments", { role: "radiogroup", ariaLabel: label });
  for (const [value, text, why] of choices) {
    const one = make("button", "", { type: "button", role: "radio", textContent: text, disabled: Boolean(why), title: why || "" });
    one.dataset.value = value;
    one.addEventListener("click", () => pick(value));
    group.append(one);
  }
  return group;
}

export function mark(group, value) {
  for (const one of group.children) one.ariaChecked = String(one.dataset.value === value);
}

// A slider with its title and value in one line; said(value) is what is written of it.
function slider(title, why, [low, high, step], value, said, hear) {
  const told = make("output", "", { textContent: said(value) });
  const input = make("input", "", { type: "range", min: low, max: high, step, ariaLabel: title });
  input.value = value;
  input.addEventListener("input", () => {
    told.textContent = said(Number(input.value));
    hear(Number(input.value));
  });
  return make("label", "slider", { title: why }, make("span", "", {}, title), told, input);
}

function select(title, choices, value, hear) {
  const list = make("select", "", { ariaLabel: title });
  list.append(...choices.map(([one, text]) => make("option", "", { value: one, textContent: text })));
  list.value = value;
  list.addEventListener("change", () => hear(list.value));
  return list;
}

function tick(title, why, on, hear) {
  const box = make("input", "", { type: "checkbox", checked: on });
  box.addEventListener("change", () => hear(box.checked));
  return make("label", "tick", { title: why }, box, title);
}

export const percent = (share) => (share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`);

export function buildParts(view, act) {
  const { header } = view.data;
  const parts = { overview: make("canvas", "", { tabIndex: 0 }), far: make("canvas"), stage: make("canvas", "", { tabIndex: 0 }) };
  parts.overview.setAttribute("role", "grid");
  parts.overview.ariaLabel = "All heads, a row each layer, the mean of a layer last. Arrow keys choose a head.";
  parts.stage.setAttribute("role", "img");
  parts.who = make("h3");
  const own = tick("own scales", "Each head on its own scale; else the brightest of all heads is the scale of all", view.look.own, (on) => act.look({ own: on }));
  const far = [make("h4", "", { textContent: "How far each head looks, in patches, layer by layer" }), parts.far];
  parts.left = make("section", "left", {}, make("div", "row", {}, parts.who, own), parts.overview, ...(header.reading ? [] : far));
  const no = header.classes.length ? "" : "This model names no classes";
  parts.of = segments("What is shown", [["attention", "Attention"], ["rollout", "Rollout"], ["relevance", "Relevance", no]], (of) => act.choose({ of }));
  parts.further = make("div", "further");
  parts.title = make("h2");
  parts.direction = make("p", "direction");
  parts.chips = make("div", "chips");
  parts.readout = make("output", "readout");
  parts.legend = make("div", "legend");
  parts.bar = make("div", "bar", { hidden: true }, make("i"));
  parts.middle = make("section", "middle", {},
    ...(header.reading ? [] : [make("div", "row", {}, parts.of, parts.further)]),
    parts.title, parts.direction,
    ...(header.reading ? [parts.chips] : []),
    make("div", "holder", {}, parts.stage, parts.bar),
    ...(header.reading ? [] : [parts.chips]), parts.readout, parts.legend);
  parts.chips.classList.toggle("words", Boolean(header.reading));
  parts.classes = make("div", "classes");
  parts.right = make("section", "right", {}, make("h3", "", { textContent: header.reading ? "Where its attention goes" : "It takes this for" }), parts.classes, looks(view, act));
  return parts;
}

// How the overlay is drawn: nothing here asks the model again.
function looks(view, act) {
  const { look } = view;
  const share = (value) => `${value} %`;
  const scales = [["fire", "dark to bright"], ["page", "one hue"], ["spotlight", "spotlight"]];
  return make("div", "looks", {},
    slider(
      "Opacity", "How much the overlay covers the picture", [0, 100, 5], 100 * look.opacity, share,
      (value) => act.look({ opacity: value / 100 }),
    ),
    slider(
      "Brightest at", "Outliers above this percentile count as brightest", [80, 100, 1], look.clip,
      (value) => (value === 100 ? "greatest" : `${value}th percentile`), (value) => act.look({ clip: value }),
    ),
    slider(
      "Keep", "Only the fewest patches that together hold this share", [5, 100, 5], 100 * look.mass,
      (value) => (value === 100 ? "all" : `${value} % of the weight`), (value) => act.look({ mass: value / 100 }),
    ),
    make("div", "row", {},
      select("Colours", scales, look.scale, (scale) => act.look({ scale })),
      tick("smooth", "Blend neighbouring patches", look.smooth, (on) => act.look({ smooth: on }))));
}

export function fillFurther(view, act) {
  const { choice, parts } = view;
  if (parts.further.dataset.of === choice.of) return;
  parts.further.dataset.of = choice.of;
  const share = (value) => `${Math.round(100 * value)} %`;
  parts.further.replaceChildren(...(choice.of !== "rollout" ? [] : [
    select("Heads are fused by their", FUSIONS.map((one) => [one, `${one} of heads`]), choice.fusion,
      (fusion) => act.choose({ fusion })),
    slider("Discard", "This share of each layer's smallest weights is set to 0; the first token's are kept",
      [0, 0.95, 0.05], choice.discard, share, (discard) => act.choose({ discard })),
    slider("Residual", "How much of each layer passes by the attention", [0, 0.9, 0.1], choice.residual, share,
      (residual) => act.choose({ residual })),
  ]));
}

export function fillClasses(view, act) {
  const { parts, choice, data } = view;
  parts.classes.dataset.saved = "";
  const { classes } = data.header;
  if (!classes.length) {
    parts.classes.replaceChildren(make("p", "quiet", { textContent: "It names no classes: it was trained without any." }));
    return;
  }
  const group = classes[0].group ? [make("p", "quiet", { textContent: `Group: ${classes[0].group}` })] : [];
  parts.classes.replaceChildren(...group, ...classes.slice(0, view.narrow ? 5 : 8).map(({ name, share, label, group }) => {
    const on = choice.of === "relevance" && choice.label === label;
    const fill = make("i");
    fill.style.width = `${100 * share}%`;
    const told = make("span", "name", { textContent: name });
    const title = `What does “${name}” rest on?${group ? ` (${group})` : ""}`;
    const one = make("button", "class", { type: "button", title }, fill, told);
    one.append(make("b", "", { textContent: percent(share) }));
    one.ariaPressed = String(on);
    one.addEventListener("click", () => act.choose({ of: "relevance", label }));
    return one;
  }));
}

export function fillChips(view, act) {
  const { parts, choice, data, row } = view;
  const { first } = data.header;
  const asks = choice.of !== "relevance";
  parts.chips.replaceChildren(...[...first, "all patches"].map((name, place) => {
    const token = place < first.length ? place : ALL;
    const gets = row && token !== ALL ? ` gets ${percent(row[place])}` : "";
    const chip = make("button", "chip", { type: "button", title: token === ALL ? "Where do the patches look on average?" : `Where does ${name} look?`, disabled: !asks }, name);
    if (gets && asks) chip.append(make("b", "", { textContent: gets }));
    chip.ariaPressed = String(asks && choice.token === token);
    chip.addEventListener("click", () => act.choose({ token }));
    return chip;
  }));
}
