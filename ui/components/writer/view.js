// A text in the making: its tokens, the candidates behind the chosen one, the attention row of that place, the tree.

import { drawHeads, rowAt } from "./heads.js";
import { percentOf, weightOf } from "./numbers.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";
import { directionOf, visible } from "../shared/text.js";

const WIDE = 860; // pixels from which the three parts stand side by side

export default function show(component) {
  return live(component, {
    selector: ".gaze-writer",
    fresh: () => ({ place: null, head: 0, over: null }),
    receive,
    build,
  });
}

function receive(view, palette) {
  const { header, arrays } = unpack(view.bytes);
  const before = view.data;
  view.data = { ...header, maps: arrays.maps };
  view.colours = palette;
  const grown = !before || before.tokens.map(String).join() !== header.tokens.map(String).join();
  if (grown || view.place === null) view.place = header.tokens.length - 1;
  view.head = Math.min(view.head, Math.max(0, header.heads.length - 1));
  build(view);
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  root.classList.toggle("wide", root.clientWidth >= WIDE);
  root.dataset.saved = ""; // its buttons are the picture
  root.style.setProperty("--high", `${tall(data.height)}px`);
  view.strip = make("div", "strip");
  view.strip.dir = directionOf(data.tokens.map(([text]) => text).join(""));
  view.tokens = data.tokens.map((token, place) => tokenElement(view, token, place));
  view.strip.append(...view.tokens);
  view.bars = make("div", "bars");
  view.canvas = make("canvas", "rows");
  view.headName = make("span", "name");
  const middle = make("div", "part heads");
  middle.append(make("h4", "", "The attention row behind it"), view.headName, scrolled(view.canvas));
  const left = make("div", "part expected");
  view.title = make("h4", "");
  left.append(view.title, view.bars);
  const right = make("div", "part tried");
  right.append(make("h4", "", "What was tried"), treeElement(view));
  const parts = make("div", "parts");
  parts.append(left);
  if (data.heads.length) parts.append(middle);
  parts.append(right);
  view.readout = make("output", "readout");
  root.replaceChildren(view.strip, parts, view.readout);
  hands(view);
  draw(view);
}

function scrolled(canvas) {
  const box = make("div", "scroll");
  box.append(canvas);
  return box;
}

function tokenElement(view, [text, id, special], place) {
  const { given, places } = view.data;
  const one = make("button", `token${special ? " special" : ""}${place < given ? " given" : ""}`);
  one.append(make("b", "", { textContent: visible(text), translate: false }), make("i", "level"));
  const before = place ? places[place - 1].followed : null;
  one.title = before
    ? `${text} · piece ${id} · it had ${percentOf(before[0])}, place ${before[1]} of what was expected`
    : `${text} · piece ${id}`;
  one.setAttribute("aria-label", `token ${place + 1}, ${text}: show what is expected behind it`);
  one.addEventListener("click", () => choosePlace(view, place));
  one.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && view.tokens[place + step];
    if (next) { next.focus(); choosePlace(view, place + step); }
  });
  return one;
}

function choosePlace(view, place) {
  view.place = place;
  draw(view);
}

function draw(view) {
  const { data, place, colours } = view;
  const row = rowAt(view, view.head, place);
  view.tokens.forEach((one, index) => {
    one.classList.toggle("here", index === place);
    one.setAttribute("aria-pressed", String(index === place));
    const weight = row ? weightOf(row[index + (data.sink ? 1 : 0)] || 0) : 0;
    one.lastChild.style.height = `${Math.max(2, 22 * weight)}px`;
    one.lastChild.style.background = index > place ? "transparent" : colours.scale[Math.round(60 + 190 * Math.sqrt(weight))];
    const before = index ? data.places[index - 1].followed : null;
    if (before && index >= data.given) one.style.background = `color-mix(in oklab, ${colours.primary} ${(34 * before[0]).toFixed(1)}%, var(--st-background-color))`;
  });
  const name = visible(data.tokens[place][0]);
  view.title.textContent = `Behind “${name}”: ${data.places[place].entropy.toFixed(2)} bits`;
  view.bars.replaceChildren(...candidates(view));
  if (data.heads.length) {
    view.headName.textContent = data.heads[view.head];
    drawHeads(view);
  }
  tell(view);
}

function candidates(view) {
  const { data, place } = view;
  const { candidates: some } = data.places[place];
  const follows = data.tokens[place + 1] && data.tokens[place + 1][1];
  const open = place >= data.given - 1 && !data.still;
  const most = Math.max(...some.map(([, , share]) => share));
  let sum = 0;
  const head = make("div", "line names");
  head.append(make("span", "", ""), make("span", "", ""), make("span", "", "share"), make("span", "", "so far"));
  return [head, ...some.map(([text, id, share, left]) => {
    sum += share;
    const one = make("button", `line${left > 0 || !data.cuts ? "" : " cut"}${id === follows ? " follows" : ""}`);
    if (place === data.tokens.length - 1 && id === data.next) one.classList.add("next");
    const bar = make("span", "bar");
    const full = make("i", "");
    full.style.width = `${(100 * share) / most}%`;
    bar.append(full);
    one.append(make("code", "", visible(text)), bar, make("span", "", percentOf(share)), make("span", "", percentOf(sum)));
    one.disabled = !open;
    one.title = open ? `Go on with “${text}”` : "This was typed: change it in the box above.";
    one.addEventListener("click", () => view.send("choose", { place, id }));
    return one;
  })];
}

function treeElement(view) {
  const { branches } = view.data;
  const box = make("div", "tree");
  if (!branches.length) {
    box.append(make("p", "", "Press Step or Play, or click a candidate: each way that you try becomes a branch here."));
    return box;
  }
  let before = [];
  branches.forEach(([ids, words, here]) => {
    const line = make("div", `branch${here ? " here" : ""}`);
    let same = 0;
    while (same < before.length && before[same] === ids[same]) same += 1;
    // What the branch above has too is said once.
    if (same) line.append(make("span", "same", `└ ${words.slice(Math.max(0, same - 1), same).map(visible).join("")} `));
    words.slice(same).forEach((word, offset) => {
      const one = make("button", "", visible(word));
      one.title = "Go back to here";
      one.addEventListener("click", () => view.send("branch", { ids: ids.slice(0, same + offset + 1) }));
      one.disabled = view.data.still;
      line.append(one);
    });
    line.style.paddingLeft = `${Math.min(same, 12) * 7}px`;
    before = ids;
    box.append(line);
  });
  return box;
}

function hands(view) {
  const find = (event) => {
    const bounds = view.canvas.getBoundingClientRect();
    const { plan } = view;
    if (!plan) return null;
    const head = Math.floor((event.clientY - bounds.top) / plan.high);
    const column = Math.floor((event.clientX - bounds.left - plan.edge) / plan.wide);
    return head >= 0 && head < view.data.heads.length && column >= 0 && column <= view.place ? { head, column } : null;
  };
  view.canvas.addEventListener("pointermove", (event) => { view.over = find(event); tell(view); });
  view.canvas.addEventListener("pointerleave", () => { view.over = null; tell(view); });
  view.canvas.addEventListener("click", (event) => {
    const found = find(event);
    if (found) { view.head = found.head; draw(view); }
  });
  view.canvas.tabIndex = 0;
  view.canvas.setAttribute("role", "img");
  view.canvas.setAttribute("aria-label", "Rows are heads, columns are tokens: arrow keys choose a head");
  view.canvas.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    view.head = Math.min(view.data.heads.length - 1, Math.max(0, view.head + step));
    draw(view);
  });
}

function tell(view) {
  const { data, place, over } = view;
  view.tokens.forEach((one, index) => one.classList.toggle("lit", over?.column === index));
  if (over) {
    const weight = weightOf(rowAt(view, over.head, place)[over.column + (data.sink ? 1 : 0)]);
    view.readout.textContent = `${data.heads[over.head]}: “${visible(data.tokens[place][0])}” gives ${percentOf(weight)} to “${visible(data.tokens[over.column][0])}”`;
    return;
  }
  const { allowed, followed } = data.places[place];
  const next = data.tokens[place + 1];
  const kept = !data.cuts ? "greedy takes the likeliest" : `${allowed.toLocaleString("en")} ${allowed === 1 ? "piece is" : "pieces are"} left by the settings`;
  view.readout.textContent = followed ? `“${visible(next[0])}” follows: ${percentOf(followed[0])}, place ${followed[1].toLocaleString("en")}; ${kept}` : kept;
}
