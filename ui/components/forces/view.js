// Points under a contrastive loss: drag one, and see who pulls, who pushes, and how much is left to pay.

import { drawPlane, pointUnder } from "./draw.js";
import { candidatesOf, kept, lossAt, REACH, stepped } from "./sums.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { addressQuery, writeQuery } from "../shared/query.js";
import { tall } from "../shared/room.js";

const RATES = { "skip-gram": 0.25, clip: 0.6, simclr: 1.2 };
const TURN = 40; // milliseconds between two steps
const MOST_STEPS = 400;
const STILL = 1e-4; // a gradient under which nothing moves
const NUDGE = 0.08; // of an arrow key

export default function show(component) {
  return live(component, {
    selector: ".gaze-forces",
    fresh: () => ({ places: [], anchor: 0, temperature: 1, begun: "", over: -1, dragged: -1 }),
    receive,
    build,
    leave: (view) => clearInterval(view.playing),
  });
}

function receive(view, palette) {
  const { header } = unpack(view.bytes);
  view.data = header;
  view.colours = palette;
  const now = JSON.stringify([header.mode, header.points]);
  if (view.begun !== now) {
    clearInterval(view.playing);
    Object.assign(view, { anchor: 0, temperature: header.temperature, places: header.points.map(([, , x, y]) => [x, y]) });
    readPlaces(view, view.begun === "");
  }
  view.begun = now;
  build(view);
}

// Where somebody left the points, if the address says so on arrival.
function readPlaces(view, arriving) {
  const given = arriving ? new URLSearchParams(addressQuery()) : new URLSearchParams();
  const said = (given.get("at") || "").split(",").map(Number);
  if (said.length === 2 * view.places.length && said.every((one) => Number.isFinite(one) && Math.abs(one) <= 100 * REACH)) {
    view.places = view.places.map((_, k) => kept(view.data.mode, [said[2 * k] / 100, said[2 * k + 1] / 100]));
  }
  const temperature = Number(given.get("temperature"));
  if (temperature >= 0.05 && temperature <= 2) view.temperature = temperature;
}

function note(view) {
  const at = view.places.flat().map((one) => Math.round(100 * one)).join(",");
  writeQuery({ at, temperature: view.temperature });
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  view.canvas = make("canvas", "plane", { tabIndex: 0, role: "application" });
  view.canvas.setAttribute("aria-label", "Points in a plane. Tab chooses the next point, arrow keys move it.");
  view.room = Math.min(tall(data.height), root.clientWidth >= 900 ? Math.floor(root.clientWidth * 0.55) : root.clientWidth - 4);
  const left = make("div", "left");
  left.append(view.canvas);
  view.table = make("div", "table");
  view.said = make("output", "said");
  view.total = make("div", "total");
  const right = make("div", "right");
  right.append(controls(view), view.total, view.table, view.said);
  root.replaceChildren(left, right);
  hands(view);
  draw(view);
}

function controls(view) {
  const row = make("div", "controls");
  const slider = make("input", "", { type: "range", min: -3, max: 0.7, step: 0.01, value: Math.log(view.temperature), ariaLabel: "Temperature" });
  view.heat = make("b", "");
  slider.addEventListener("input", () => {
    view.temperature = Number(Math.exp(Number(slider.value)).toFixed(2));
    note(view);
    draw(view);
  });
  const label = make("label", "heat");
  label.append(make("span", "", "temperature"), slider, view.heat);
  const press = (text, what) => {
    const one = make("button", "", text);
    one.addEventListener("click", what);
    return one;
  };
  const one = press("Step", () => { clearInterval(view.playing); step(view); });
  one.dataset.next = "";
  row.append(label, one, press("Play", () => play(view)), press("Back", () => back(view)));
  return row;
}

// One step of gradient descent; false when nothing moves any more.
function step(view) {
  const { mode } = view.data;
  const { gradient } = lossAt(mode, view.places, view.temperature);
  view.places = stepped(mode, view.places, gradient, RATES[mode]);
  note(view);
  draw(view);
  return Math.max(...gradient.flat().map(Math.abs)) > STILL;
}

function play(view) {
  clearInterval(view.playing);
  let left = MOST_STEPS;
  view.playing = setInterval(() => {
    left -= 1;
    if (!step(view) || left <= 0) clearInterval(view.playing);
  }, TURN);
}

function back(view) {
  clearInterval(view.playing);
  view.places = view.data.points.map(([, , x, y]) => [x, y]);
  note(view);
  draw(view);
}

function hands(view) {
  const { canvas } = view;
  canvas.addEventListener("pointerdown", (event) => {
    const place = pointUnder(view, event);
    if (place < 0) return;
    clearInterval(view.playing);
    view.dragged = place;
    choose(view, place);
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (view.dragged < 0) {
      canvas.style.cursor = pointUnder(view, event) < 0 ? "default" : "grab";
      return;
    }
    move(view, view.dragged, view.plan.back(event.offsetX, event.offsetY));
  });
  const stop = () => { view.dragged = -1; };
  canvas.addEventListener("pointerup", stop);
  canvas.addEventListener("pointercancel", stop);
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const next = { "+": 1, "-": -1, n: 1, p: -1 }[event.key];
    if (way) move(view, view.anchor, view.places[view.anchor].map((one, k) => one + NUDGE * way[k]));
    else if (next) choose(view, (view.anchor + next + view.places.length) % view.places.length);
    else return;
    event.preventDefault();
  });
}

function move(view, place, to) {
  view.places[place] = kept(view.data.mode, to);
  note(view);
  draw(view);
}

// In skip-gram the centre alone is compared.
function choose(view, place) {
  view.anchor = place;
  draw(view);
}

const asShare = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

function draw(view) {
  const { mode, points } = view.data;
  const found = lossAt(mode, view.places, view.temperature);
  const anchor = mode === "skip-gram" ? 0 : view.anchor;
  const candidates = candidatesOf(mode, found, points.length, anchor);
  drawPlane(view, found, candidates, anchor);
  view.heat.textContent = view.temperature.toFixed(2);
  const whole = make("b", "", found.loss.toFixed(3));
  view.total.replaceChildren(make("span", "", ({ "skip-gram": "loss ", simclr: "loss, the mean over all views ", clip: "loss, the mean over all pairs " })[mode]), whole, make("span", "", " nats"));
  view.table.replaceChildren(...rowsOf(view, candidates, anchor));
  view.said.textContent = told(view, candidates, anchor);
}

function rowsOf(view, candidates, anchor) {
  const { points, mode } = view.data;
  const head = make("div", "row head");
  const names = [`“${points[anchor][0]}” with`, mode === "skip-gram" ? "u·v / τ" : "cos / τ", mode === "skip-gram" ? "sigmoid" : "softmax", "pull or push"];
  head.append(...names.map((one) => make("span", "", one)));
  const most = Math.max(0.02, ...candidates.map(({ share, wanted }) => Math.abs(share - wanted)));
  const ordered = [...candidates].sort((a, b) => b.wanted - a.wanted || b.share - a.share);
  return [head, ...ordered.map(({ place, score, share, wanted }) => {
    const row = make("div", `row${wanted ? " own" : ""}`);
    const bar = make("span", "bar");
    const full = make("i", wanted ? "pull" : "push");
    full.style.width = `${(100 * Math.abs(share - wanted)) / most}%`;
    bar.append(full);
    bar.title = `${wanted ? "pull" : "push"} ${Math.abs(share - wanted).toFixed(3)}`;
    row.append(make("span", "", { textContent: points[place][0], translate: false }), make("span", "number", score.toFixed(2)), make("span", "number", asShare(share)), bar);
    return row;
  })];
}

function told(view, candidates, anchor) {
  const { points } = view.data;
  const own = candidates.find(({ wanted }) => wanted);
  const negatives = candidates.filter(({ wanted }) => !wanted);
  const push = negatives.reduce((sum, { share }) => sum + share, 0);
  const hardest = negatives.reduce((best, one) => (one.share > best.share ? one : best));
  const part = push > 0 ? hardest.share / push : 0;
  return `“${points[anchor][0]}” gives its partner ${asShare(own.share)}: it is pulled by ${(1 - own.share).toFixed(2)}. `
    + `Of all that pushes, ${asShare(part)} comes from “${points[hardest.place][0]}”, the hardest negative.`;
}
