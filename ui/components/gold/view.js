// Two columns of words: one is chosen on each side, and the link between them turns from none to sure to possible.

import { asLists, linkName, linksFrom, putBack, turnLink } from "./links.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

const SIDES = ["source", "target"];
const SVG = "http://www.w3.org/2000/svg";

export default function show(component) {
  return live(component, {
    selector: ".gaze-gold",
    fresh: () => ({ turn: 0, place: -1, links: new Map(), done: [], chosen: [null, null] }),
    mount: (view) => view.root.addEventListener("keydown", (event) => press(view, event)),
    receive,
    build,
  });
}

function receive(view) {
  view.data = unpack(view.bytes).header;
  const { place, count, turn, source, target } = view.data;
  const words = JSON.stringify([source, target, place, count]);
  const same = words === view.words;
  // An answer to an older click must not undo a newer one.
  if (!same || !(turn < view.turn)) view.links = linksFrom(view.data.own);
  view.turn = Math.max(view.turn, turn);
  if (same) {
    draw(view); // the words stay as they are, and with them what a keyboard points at
    return;
  }
  Object.assign(view, { done: [], chosen: [null, null], latest: null, place, words });
  build(view);
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  view.buttons = SIDES.map((side, k) => data[side].map((word, at) => wordButton(view, k, word, at)));
  view.lines = document.createElementNS(SVG, "svg");
  view.lines.setAttribute("aria-hidden", "true");
  const columns = view.buttons.map((buttons, k) => make("div", `words ${SIDES[k]}`, { role: "group", "aria-label": k ? "Translation" : "Source" }, ...buttons));
  const sheet = make("div", "sheet", {}, columns[0], view.lines, columns[1]);
  const scroll = make("div", "scroll", {}, sheet);
  scroll.style.maxHeight = `${tall(data.height)}px`;
  const bar = make("div", "bar", {},
    act("‹ previous", () => tell(view, -1), data.place < 1, "Key P"),
    make("b", "", `Pair ${data.place + 1} of ${data.count}`),
    act("next ›", () => tell(view, 1), data.place + 1 >= data.count, "Key N"),
    make("span", "grow"),
    view.undo = act("undo", () => undo(view), false, "Key Z, or Ctrl+Z"),
    act("clear", () => clear(view), false, "Take all links of this pair away"));
  view.said = make("output", "said", { "aria-live": "polite" });
  root.replaceChildren(bar, scroll, view.said);
  draw(view);
}

function act(text, press, disabled, title) {
  const one = make("button", "act", { type: "button", textContent: text, disabled, title });
  one.addEventListener("click", press);
  return one;
}

function wordButton(view, side, word, at) {
  const one = make("button", "word", { type: "button", textContent: word, dir: "auto" });
  one.dataset.at = at;
  one.addEventListener("click", () => choose(view, side, at));
  one.addEventListener("focus", () => { view.focus = [side, at]; });
  return one;
}

// A word of each side: their link turns; the same word again lets it go.
function choose(view, side, at) {
  view.chosen[side] = view.chosen[side] === at ? null : at;
  const [i, j] = view.chosen;
  if (i !== null && j !== null) {
    const name = linkName(i, j);
    view.done.push({ name, before: turnLink(view.links, name) });
    view.latest = name;
    // The word that was chosen first stays, so that it can be linked to several.
    view.chosen[side] = null;
    tell(view);
  }
  draw(view);
}

function undo(view) {
  const last = view.done.pop();
  if (!last) return;
  putBack(view.links, last);
  tell(view);
  draw(view);
}

function clear(view) {
  [...view.links].forEach(([name, before]) => view.done.push({ name, before }));
  view.links.clear();
  tell(view);
  draw(view);
}

// The page hears the whole pair each time, also with a step to another one: of quick messages it may get the last alone.
function tell(view, step = 0) {
  view.turn += 1;
  view.send("linked", { place: view.place, turn: view.turn, step, ...asLists(view.links) });
}

function press(view, event) {
  const key = event.key.toLowerCase();
  const { source, target } = view.data;
  const counts = [source.length, target.length];
  const step = { arrowup: [0, -1], arrowdown: [0, 1], arrowleft: [-1, 0], arrowright: [1, 0] }[key];
  if (step) {
    const [side, at] = view.focus || [0, 0];
    const beside = Math.min(1, Math.max(0, side + step[0]));
    const next = Math.min(counts[beside] - 1, Math.max(0, at + step[1]));
    view.buttons[beside][next]?.focus();
  } else if (key === "z") undo(view);
  else if (key === "escape") {
    view.chosen = [null, null];
    draw(view);
  } else if (key === "n" && view.place + 1 < view.data.count) tell(view, 1);
  else if (key === "p" && view.place > 0) tell(view, -1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function draw(view) {
  const { data, links } = view;
  view.undo.disabled = !view.done.length;
  view.buttons.forEach((buttons, side) => buttons.forEach((one, at) => {
    const linked = [...links.keys()].some((name) => Number(name.split("-")[side]) === at);
    one.classList.toggle("chosen", view.chosen[side] === at);
    one.classList.toggle("linked", linked);
    one.setAttribute("aria-pressed", String(view.chosen[side] === at));
  }));
  drawLinks(view);
  const { sure, possible } = asLists(links);
  const latest = view.latest && links.get(view.latest);
  const [i, j] = view.latest ? view.latest.split("-").map(Number) : [];
  const last = view.latest && data.source[i] !== undefined && data.target[j] !== undefined
    ? `“${data.source[i]}” and “${data.target[j]}”: ${latest || "no link"}. ` : "";
  view.said.textContent = `${last}${sure.length} sure, ${possible.length} possible.`;
  view.root.dataset.links = JSON.stringify([sure, possible]);
}

function drawLinks(view) {
  const box = view.lines.getBoundingClientRect();
  view.lines.setAttribute("viewBox", `0 0 ${Math.max(1, box.width)} ${Math.max(1, box.height)}`);
  const middle = (side, at) => {
    const frame = view.buttons[side][at].getBoundingClientRect();
    return frame.top + frame.height / 2 - box.top;
  };
  const path = (name, kind) => {
    const [i, j] = name.split("-").map(Number);
    if (!view.buttons[0][i] || !view.buttons[1][j]) return null;
    const line = document.createElementNS(SVG, "path");
    const [y, z] = [middle(0, i), middle(1, j)];
    line.setAttribute("d", `M0,${y} C${box.width * 0.4},${y} ${box.width * 0.6},${z} ${box.width},${z}`);
    line.setAttribute("class", kind);
    return line;
  };
  const theirs = view.data.other ? [...linksFrom(view.data.other)].map(([name, kind]) => path(name, `other ${kind}`)) : [];
  view.lines.replaceChildren(...[...theirs, ...[...view.links].map(([name, kind]) => path(name, kind))].filter(Boolean));
}
