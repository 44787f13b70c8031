// A text on its way through a whole model: a row a token, from its piece through vectors and layers to what is guessed.

import { drawSide, stripOf } from "./draw.js";
import { LEAST, columnsOf, stopsOf } from "./plan.js";
import { partFor, saidOf } from "./say.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { addressQuery, writeQuery } from "../shared/query.js";
import { larger, tall } from "../shared/room.js";
import { inLanguage } from "../shared/said.js";
import { visible } from "../shared/text.js";

const HEADING = 54; // pixels of a side's two lines above its rows
const ROWS = [19, 46]; // pixels of a row, at least and, on a laptop, at most
const STEP = 900; // milliseconds of a layer, while it plays

export default function show(component) {
  return live(component, {
    selector: ".gaze-journey",
    fresh: () => ({ stop: "", head: 0, token: [], layers: [], looked: 0, begun: "" }),
    receive,
    build,
    owns: ["stop", "side", "token", "layer", "head"],
    stepped: follow,
    leave: (view) => clearInterval(view.playing),
  });
}

function receive(view, palette) {
  const { header, arrays } = unpack(view.bytes);
  view.data = { ...header, arrays };
  view.colours = palette;
  const now = JSON.stringify(header.sides.map((side) => [side.tokens, side.numbers]));
  if (view.begun !== now) {
    view.token = header.sides.map((side, index) => (index === header.sides.length - 1 ? header.asked : Math.floor(side.tokens.length / 2)));
    view.layers = header.sides.map((side) => Math.min(side.numbers.length - 1, Math.floor(side.numbers.length / 2)));
    view.looked = header.sides.length - 1;
    view.head = 0;
    readChoice(view);
  }
  view.begun = now;
  build(view);
}

// The choices in the address: a stop, and of the side that is looked at token, layer and head.
function readChoice(view) {
  const given = new URLSearchParams(addressQuery());
  const whole = (name, count) => {
    const text = given.get(name) || "";
    return /^\d{1,4}$/.test(text) && Number(text) < count ? Number(text) : null;
  };
  if (stopsOf(view.data).includes(given.get("stop"))) view.stop = given.get("stop");
  view.looked = whole("side", view.data.sides.length) ?? view.looked;
  const side = view.data.sides[view.looked];
  view.token[view.looked] = whole("token", side.tokens.length) ?? view.token[view.looked];
  view.layers[view.looked] = whole("layer", side.numbers.length) ?? view.layers[view.looked];
  view.head = whole("head", side.heads + 1) ?? view.head;
}

function follow(view) {
  view.stop = "";
  readChoice(view);
  build(view);
}

function note(view) {
  const { looked } = view;
  writeQuery({ stop: view.stop || null, side: looked, token: view.token[looked], layer: view.layers[looked], head: view.head });
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const room = Math.max(LEAST, root.clientWidth);
  const count = data.sides.reduce((sum, side) => sum + side.tokens.length, 0);
  const left = tall(data.height) - 96 - HEADING * data.sides.length;
  const high = Math.max(ROWS[0], Math.min(larger(ROWS[1]), Math.floor(left / count)));
  view.parts = data.sides.map((side, index) => sideElement(view, side, index, room, high));
  view.stops = make("div", "stops", { role: "radiogroup", ariaLabel: "Stops of the way" });
  const names = ["", ...stopsOf(data)];
  view.buttons = names.map((name, place) => stopButton(view, name, place));
  view.stops.append(...view.buttons);
  view.said = make("output", "sentence");
  view.shape = make("span", "shape");
  view.go = make("button", "go");
  view.go.addEventListener("click", () => {
    const part = partFor(view, view.stop);
    view.send("go", { stop: view.stop, layer: part.layer, head: view.head, side: part.side.side });
  });
  const line = make("div", "line");
  line.append(view.said, view.shape, view.go);
  const scroll = make("div", "scroll");
  scroll.append(...view.parts.map((part) => part.element));
  root.replaceChildren(view.stops, line, scroll);
  draw(view);
}

function stopButton(view, name, place) {
  const one = make("button", "stop", { role: "radio", textContent: name ? `${place} ${inLanguage(name)}` : "All" });
  one.addEventListener("click", () => chooseStop(view, name));
  one.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && view.buttons[place + step];
    if (!next) return;
    event.preventDefault();
    chooseStop(view, ["", ...stopsOf(view.data)][place + step]);
    next.focus();
  });
  return one;
}

function chooseStop(view, name) {
  view.stop = name;
  note(view);
  draw(view);
}

function sideElement(view, side, index, room, high) {
  const arrays = Object.fromEntries(
    Object.entries(view.data.arrays).filter(([name]) => name.endsWith(String(index))).map(([name, array]) => [name.slice(0, -1), array]),
  );
  const last = index === view.data.sides.length - 1;
  const columns = columnsOf(side, room - 6, last && view.data.guesses.length > 0);
  const part = { side, index, arrays, columns, high, rows: side.tokens.length, layer: view.layers[index] };
  part.canvas = make("canvas", "way", { role: "img", ariaLabel: `The way through the ${side.side}: a row a token` });
  part.canvas.addEventListener("pointermove", (event) => point(view, part, event));
  part.canvas.addEventListener("pointerleave", () => say(view));
  part.canvas.addEventListener("click", (event) => chooseToken(view, part, Math.floor(event.offsetY / high)));
  part.tokens = side.tokens.map((token, row) => tokenButton(view, part, token, row));
  part.guesses = side.tokens.map((_, row) => {
    const one = make("div", "guess");
    one.style.top = `${row * high}px`;
    return one;
  });
  const body = make("div", "body", { "data-saved": "" });
  body.style.height = `${side.tokens.length * high}px`;
  body.style.setProperty("--row", `${high}px`);
  body.append(part.canvas, ...part.tokens, ...(columns.at(-1).name === "guess" ? part.guesses : []));
  part.guesses.forEach((one) => Object.assign(one.style, { left: `${columns.at(-1).x}px`, width: `${columns.at(-1).wide}px` }));
  part.titles = columns.map((column) => {
    const one = make("span", "title", column.title);
    Object.assign(one.style, { left: `${column.x}px`, width: `${column.wide}px` });
    return one;
  });
  part.frame = make("div", "layer");
  const titles = make("div", "titles");
  titles.append(...part.titles);
  part.element = make("div", "side");
  part.element.style.width = `${room - 6}px`;
  part.element.append(heading(view, part), titles, body);
  return part;
}

function tokenButton(view, part, [text, id, special], row) {
  const one = make("button", `token${special ? " special" : ""}`, { dir: "auto", title: `${text} · piece ${id}` });
  one.append(make("b", "", { textContent: visible(text), translate: false }), make("small", "", String(id)));
  Object.assign(one.style, { top: `${row * part.high}px`, width: `${part.columns[0].wide}px` });
  one.addEventListener("click", () => chooseToken(view, part, row));
  one.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && part.tokens[row + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    chooseToken(view, part, row + step);
  });
  return one;
}

function chooseToken(view, part, row) {
  if (row < 0 || row >= part.rows) return;
  view.looked = part.index;
  view.token[part.index] = row;
  note(view);
  draw(view);
}

// The map of the model: its layers as buttons, the one that is shown marked.
function heading(view, part) {
  const { side } = part;
  const box = make("div", "heading");
  const row = make("div", "layers", { role: "radiogroup", ariaLabel: `Layer of the ${side.side}` });
  part.boxes = side.numbers.map((number, layer) => {
    const one = make("button", "box", { role: "radio", textContent: String(number + 1), title: `layer ${number + 1}` });
    one.addEventListener("click", () => chooseLayer(view, part, layer));
    one.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || !part.boxes[layer + step]) return;
      event.preventDefault();
      chooseLayer(view, part, layer + step);
      part.boxes[layer + step].focus();
    });
    return one;
  });
  row.append(make("span", "end", "vectors"), ...part.boxes, make("span", "end", part.index === view.data.sides.length - 1 ? "guess" : "decoder"));
  box.append(make("b", "", `${side.side[0].toUpperCase()}${side.side.slice(1)}`), row, playButton(view, part));
  if (part.arrays.maps.shape[1] > 1) box.append(headChoice(view, part));
  return box;
}

function headChoice(view, part) {
  const select = make("select", "heads", { ariaLabel: "Head" });
  [...Array(part.side.heads + 1).keys()].forEach((head) => {
    select.append(make("option", "", { value: head, textContent: head ? `head ${head}` : `mean of ${part.side.heads} heads` }));
  });
  select.value = String(view.head);
  select.addEventListener("change", () => {
    view.head = Number(select.value);
    view.looked = part.index;
    note(view);
    build(view);
  });
  return select;
}

function playButton(view, part) {
  const one = make("button", "play", { title: "Walk through the layers", textContent: "▶" });
  one.setAttribute("aria-label", `Walk through the layers of the ${part.side.side}`);
  one.addEventListener("click", () => {
    clearInterval(view.playing);
    chooseLayer(view, part, 0);
    view.playing = setInterval(() => {
      const now = view.parts[part.index];
      if (now.layer + 1 >= now.side.numbers.length) clearInterval(view.playing);
      else chooseLayer(view, now, now.layer + 1);
    }, STEP);
  });
  return one;
}

function chooseLayer(view, part, layer) {
  view.looked = part.index;
  view.layers[part.index] = layer;
  part.layer = layer;
  note(view);
  draw(view);
}

function draw(view) {
  view.parts.forEach((part) => {
    drawSide(view, part);
    const chosen = view.token[part.index];
    const faded = (column) => Boolean(view.stop) && column.stop !== view.stop;
    part.tokens.forEach((one, row) => {
      one.classList.toggle("here", row === chosen);
      one.setAttribute("aria-pressed", String(row === chosen));
      one.classList.toggle("faded", Boolean(view.stop) && !["Tokens", "Characters", "Guess"].includes(view.stop) && row !== chosen);
    });
    part.titles.forEach((one, place) => one.classList.toggle("faded", faded(part.columns[place])));
    part.boxes.forEach((one, layer) => {
      one.classList.toggle("here", layer === part.layer);
      one.setAttribute("aria-checked", String(layer === part.layer));
    });
    if (part.columns.at(-1).name === "guess") guessed(view, part, chosen);
  });
  view.buttons.forEach((one, place) => {
    const on = ["", ...stopsOf(view.data)][place] === view.stop;
    one.classList.toggle("here", on);
    one.setAttribute("aria-checked", String(on));
    one.tabIndex = on ? 0 : -1;
  });
  say(view);
}

function guessed(view, part, chosen) {
  const { guesses } = view.data;
  part.guesses.forEach((one, row) => {
    const [word, share] = guesses[part.layer + 1][row];
    const settled = word === guesses[guesses.length - 1][row][0];
    one.replaceChildren(make(settled ? "b" : "span", "", { dir: "auto", textContent: visible(word) }), make("small", "", `${Math.round(100 * share)} %`));
    one.title = settled ? `${word}: what the last layer says too` : `${word}: the last layer says ${guesses[guesses.length - 1][row][0]}`;
    one.style.background = `color-mix(in oklab, ${view.colours.primary} ${(6 + 44 * share).toFixed(0)}%, transparent)`;
    one.classList.toggle("here", row === chosen);
    one.classList.toggle("faded", Boolean(view.stop) && view.stop !== "Guess");
  });
}

function say(view) {
  const [sentence, shape] = saidOf(view, view.stop);
  view.said.textContent = sentence;
  view.shape.textContent = shape;
  const page = view.data.pages[view.stop];
  view.go.hidden = !page;
  view.go.textContent = page ? `${page} →` : "";
}

const NAMED = { vector: "vector of the token", place: "vector of the place", before: "what the layer reads", after: "stream" };

function point(view, part, event) {
  const row = Math.floor(event.offsetY / part.high);
  const column = part.columns.find((one) => one.strip && event.offsetX >= one.x && event.offsetX < one.x + one.wide);
  if (!column || row < 0 || row >= part.rows) { say(view); return; }
  const name = NAMED[column.name] || `what ${part.side.sublayers[column.part]} adds`;
  const { lengths } = stripOf(part, column);
  view.said.textContent = `${name}, “${visible(part.side.tokens[row][0])}”: ${lengths[row].toFixed(2)} long. Blue is below 0, orange above; ${view.data.shown} of its numbers are drawn.`;
}
