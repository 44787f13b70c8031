// One mounted map: lays the sides out, walks through the layers, and speaks with the page.

import { AGREEMENT } from "./agree.js";
import { CLUSTERS, decode, layerAt, quiet } from "./decode.js";
import { current, drawAll, fitted, mixed, strengths } from "./draw.js";
import { handle, pick, read, zoomBy } from "./hand.js";
import { fillLegend, finder, picker } from "./legend.js";
import { MANY, prepareMany } from "./many.js";
import { radiusFor, stamps } from "./marks.js";
import { make } from "../shared/dom.js";
import { START } from "./turn.js";
import { whole } from "./zoom.js";
import { live, sizeOf } from "../shared/life.js";
import { tall } from "../shared/room.js";

const NARROW = 340; // pixels of a side before the two stand one under the other
const STEP = 200; // milliseconds of a step by hand
const WALK = 700; // of a step of the walk through all layers, which was asked for
const REST = 250; // milliseconds until the page hears where the slider came to rest

export default function show(component) {
  return live(component, {
    selector: ".gaze-points",
    fresh: () => ({ pointed: null, chosen: new Set(), panes: [], looked: "", moves: false }),
    receive: (view) => receive(view, decode(view.bytes)),
    build,
    redraw: drawAll,
    leave(view) {
      cancelAnimationFrame(view.clock);
      [view.rest, view.wait, view.search].forEach(clearTimeout);
    },
  });
}

// What makes two messages show the same points, so that they travel from one to the other.
const identity = (data) => JSON.stringify(data.sides.map((side) => [side.title, side.labels]));

function receive(view, data) {
  for (const side of data.sides) if (side.sheet) side.image = imageOf(side.sheet, () => view.data === data && drawAll(view));
  const same = view.data && identity(view.data) === identity(data);
  // Who moved the slider meanwhile is not sent back by an answer to an older question.
  // Where steps are added while it runs, who stands at the last one goes on to the new last one.
  const last = same && data.steps !== view.data.steps && view.position === view.data.steps - 1;
  const position = same && !last ? Math.min(view.position, data.steps - 1) : data.position;
  const before = same ? view.panes : [];
  view.data = data;
  view.position = position;
  view.titles = data.sides[0].columns.map((column) => column.title);
  const [first] = view.titles; // another label was chosen: it is shown
  if (![...view.titles, AGREEMENT, CLUSTERS, "none"].includes(view.colour) || view.first !== first) view.colour = first || "none";
  view.first = first;
  if (!same || !view.shape) view.shape = view.titles[1] && data.sides[0].count <= 12000 ? view.titles[1] : view.colour;
  const grouped = data.sides.some((side) => [...side.frames.values()].some((frame) => frame.clusters));
  if (grouped !== Boolean(view.grouped)) view.colour = view.named = grouped ? CLUSTERS : first || "none";
  view.grouped = grouped;
  const many = data.sides[0].count >= MANY; // discs of one shape
  if (many) view.shape = "none";
  if (!same || view.named === undefined) view.named = view.colour;
  if (!same) {
    view.chosen.clear();
    view.looked = "";
  }
  view.pointed = null;
  build(view, before);
}

// The sheet of thumbnails, drawn as soon as the browser has read it.
function imageOf(sheet, then) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([sheet]));
  image.addEventListener("load", () => {
    URL.revokeObjectURL(address);
    then();
  });
  image.src = address;
  return image;
}

function build(view, before = view.panes) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const bar = make("div", "bar");
  const across = data.sides.length > 1 && root.clientWidth / data.sides.length >= NARROW ? data.sides.length : 1;
  view.legend = make("div", "legend");
  bar.append(walk(view));
  const pickers = make("div", "pickers");
  view.pickers = pickers;
  bar.append(pickers);
  const grid = make("div", "sides");
  grid.style.gridTemplateColumns = `repeat(${across}, minmax(0, 1fr))`;
  const width = Math.floor((root.clientWidth - 18 * (across - 1)) / across);
  const height = root.clientWidth < 500 ? Math.min(360, width) : tall(data.height);
  view.panes = data.sides.map((side, i) => pane(view, side, width, height, before[i]));
  grid.append(...view.panes.map((one) => one.figure));
  view.readout = make("output", "readout");
  root.classList.toggle("narrow", root.clientWidth < 500); // picture first, what explains it below
  root.replaceChildren(bar, view.legend, grid, view.readout);
  go(view, view.position, STEP);
  fillPickers(view);
  fillLegend(view);
  read(view);
}

function fillPickers(view) {
  const boxes = view.titles.length || view.panes.length > 1 ? [picker(view, "Colour", "colour", "none")] : [];
  if (view.titles.length && !view.panes.some((one) => one.many)) boxes.push(picker(view, "Shape", "shape", "none"));
  if (view.titles.length && !view.data.named) boxes.push(picker(view, "Names", "named", "none"));
  const take = (one) => pick(view, one, Array.from(strengths(view, one).keys()).filter((i) => one.strong[i]));
  view.pickers.replaceChildren(...boxes, finder(view, take));
}

// Nearer, farther, the whole; and whether a finger or the mouse draws a loop or moves the map.
function tools(view, one) {
  const button = (text, title, act) => {
    const made = make("button", "tool", { type: "button", title, ariaLabel: title, textContent: text });
    made.addEventListener("click", () => act(made));
    return made;
  };
  const move = button("✥", "Move the map by dragging; else dragging draws a loop (or hold Shift)", () => {
    view.moves = !view.moves;
    view.root.querySelectorAll(".move").forEach((other) => other.setAttribute("aria-pressed", String(view.moves)));
  });
  move.classList.add("move");
  move.setAttribute("aria-pressed", String(view.moves));
  return make("div", "tools", {}, move, button("+", "Nearer (+)", () => zoomBy(view, one, 1.5)),
    button("−", "Farther (-)", () => zoomBy(view, one, 1 / 1.5)), button("⤢", "The whole map (0)", () => zoomBy(view, one, 0)));
}

function walk(view) {
  const box = make("div", "walk");
  box.hidden = view.data.steps < 2;
  const play = make("button", "play", "▶");
  play.setAttribute("aria-label", `Walk through the ${view.data.step}s`);
  play.title = `Walk through the ${view.data.step}s`;
  const slider = Object.assign(make("input", ""), { type: "range", min: 0, max: view.data.steps - 1, step: 1 });
  slider.value = view.position;
  slider.setAttribute("aria-label", view.data.step);
  view.slider = slider;
  view.told = make("output", "layer");
  slider.addEventListener("input", () => {
    view.walking = false;
    go(view, Number(slider.value), STEP);
    settle(view);
  });
  play.addEventListener("click", () => {
    view.walking = !view.walking;
    if (view.walking) go(view, view.position === view.data.steps - 1 ? 0 : view.position + 1, WALK);
  });
  view.play = play;
  box.append(play, slider, view.told);
  return box;
}

// The page hears where the slider rests: it keeps the address, and computes what is not there yet.
function settle(view) {
  clearTimeout(view.rest);
  view.rest = setTimeout(() => view.send("moved", view.position), REST);
}

function pane(view, side, width, height, before) {
  for (const frame of side.frames.values()) frame.fitted = null; // of another size perhaps
  const figure = make("figure", "side");
  const title = make("figcaption", "title", side.title);
  const canvas = make("canvas", "points");
  const ratio = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.ceil(width * ratio), height: Math.ceil(height * ratio), tabIndex: 0 });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  canvas.setAttribute("role", "img");
  const radius = radiusFor(side.count, width);
  const kept = before && before.side.count === side.count ? before : null;
  const one = {
    figure, canvas, side, width, height, radius,
    title, scores: make("div", "scores"),
    stamp: stamps(view.palette, radius, ratio),
    picked: kept ? kept.picked : [],
    travel: kept && kept.width === width && kept.height === height ? kept.travel : null,
    order: kept ? kept.order : mixed(side.count),
    turn: kept ? kept.turn : START,
    zoom: kept && kept.width === width && kept.height === height ? kept.zoom : whole(),
  };
  const under = side.count >= MANY && !side.pictures ? make("canvas", "many", { "aria-hidden": "true" }) : null;
  if (under) {
    Object.assign(under, { width: canvas.width, height: canvas.height });
    Object.assign(under.style, { width: `${width}px`, height: `${height}px` });
    one.many = prepareMany(under);
  }
  figure.append(title, make("div", "map", {}, ...(one.many ? [under] : []), canvas, tools(view, one)), one.scores);
  handle(view, one);
  return one;
}

// Goes to a position of the slider: every side to its layer there, points travelling from where they stand.
function go(view, position, milliseconds) {
  view.position = position;
  view.slider.value = position;
  view.play.textContent = view.walking ? "❚❚" : "▶";
  for (const one of view.panes) {
    one.layer = layerAt(position, view.data.steps, one.side.names.length);
    const frame = one.side.frames.get(one.layer);
    const from = one.travel ? current(one.travel) : null;
    one.frame = frame;
    if (frame && !frame.fitted) frame.fitted = fitted(frame, one.width, one.height);
    const to = frame ? frame.fitted : from || fitted([...one.side.frames.values()][0], one.width, one.height);
    one.travel = { from: from && from.length === to.length ? from : to, to, share: 0 };
    caption(view, one);
  }
  const first = view.panes[0];
  if (view.colour === AGREEMENT && view.pickers.firstChild) fillLegend(view);
  view.told.textContent = `${view.data.step} ${first.side.names[first.layer]}`;
  animate(view, quiet() ? 0 : milliseconds);
}

function animate(view, milliseconds) {
  cancelAnimationFrame(view.clock);
  clearTimeout(view.pause);
  const start = performance.now();
  const tick = (now) => {
    const share = milliseconds ? Math.max(0, Math.min(1, (now - start) / milliseconds)) : 1;
    for (const one of view.panes) one.travel.share = share;
    drawAll(view);
    if (share < 1) view.clock = requestAnimationFrame(tick);
    else arrive(view);
  };
  if (milliseconds) view.clock = requestAnimationFrame(tick);
  else tick(start);
}

function arrive(view) {
  if (!view.walking) return;
  if (view.position < view.data.steps - 1) view.pause = setTimeout(() => view.walking && go(view, view.position + 1, WALK), 350);
  else {
    view.walking = false;
    view.play.textContent = "▶";
    settle(view);
  }
}

function caption(view, pane) {
  const { frame, side, layer } = pane;
  const method = frame ? frame.method : "not there yet";
  pane.title.replaceChildren(make("b", "", side.title), make("span", "quiet", side.names.length > 1 ? `${view.data.step} ${side.names[layer]} · ${method}` : method),
    ...(side.note ? [make("span", "quiet note", side.note)] : []));
  pane.canvas.setAttribute("aria-label", `${side.count} points of ${side.title}, ${view.data.step} ${side.names[layer]}, ${method}`);
  pane.scores.replaceChildren(
    ...(frame ? frame.scores : []).map(([name, value, meaning]) => {
      const one = make("span", "score");
      one.title = meaning;
      one.append(make("span", "quiet", name), make("b", "", value));
      return one;
    }),
  );
}
