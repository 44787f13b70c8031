// Pointer and keys on a side: pointing, a click on a point, a loop drawn round several.

import { inside, nearestTo } from "./hit.js";
import { agreement } from "./agree.js";
import { draw, drawAll, strengths } from "./draw.js";
import { groupName, shorten } from "./names.js";
import { askText, textOf } from "./texts.js";
import { turnBy } from "./turn.js";
import { change, pinched, whole, zoomed } from "./zoom.js";
import { make } from "../shared/dom.js";

const NEAR = 16; // pixels
const MOST_TOLD = 10_000; // points of a loop that are named to the page; their number is told whole
const STRIDE = 1.5; // times nearer, by a key or a button
const PAN = 60; // pixels, by a key
const DEEP = "Hold Shift and drag, or press ✥ first, to turn the map; without it dragging draws a loop.";
const LONG = 400; // characters of a text that are read out; the list below the map has all
const HINT = "Point at a mark to read it; draw a loop round several to list them; turn the wheel to see it nearer.";

export function handle(view, pane) {
  const { canvas } = pane;
  const where = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  const fingers = new Map();
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = where(event);
    if (fingers.has(event.pointerId) && fingers.size === 2) pinch(view, pane, fingers, event.pointerId, [x, y]);
    else if (pane.drag) drag(view, pane, [x, y]);
    else if (pane.path) {
      pane.path.push([x, y]);
      draw(view, pane);
    } else point(view, pane, nearestTo(pane, x, y, NEAR));
  });
  canvas.addEventListener("pointerleave", () => !pane.path && point(view, pane, -1));
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") fingers.set(event.pointerId, where(event));
    if (fingers.size === 2) {
      pane.path = null;
      draw(view, pane);
    } else if (view.moves || event.shiftKey || event.button === 1) pane.drag = where(event);
    else pane.path = [where(event)];
  });
  const end = (event, dropped) => {
    fingers.delete(event.pointerId);
    pane.drag = null;
    const path = pane.path;
    pane.path = null;
    if (path) loopEnds(view, pane, path, where(event), dropped);
  };
  canvas.addEventListener("pointerup", (event) => end(event, false));
  canvas.addEventListener("pointercancel", (event) => end(event, true));
  canvas.addEventListener("keydown", (event) => step(view, pane, event));
  canvas.addEventListener("wheel", (event) => wheel(view, pane, event, where(event)), { passive: false });
}

function loopEnds(view, pane, path, last, dropped) {
  const length = path.reduce((sum, [x, y], i) => sum + (i ? Math.hypot(x - path[i - 1][0], y - path[i - 1][1]) : 0), 0);
  if (dropped) draw(view, pane);
  else if (length < 12) pick(view, pane, [nearestTo(pane, ...last, NEAR)].filter((i) => i >= 0));
  else pick(view, pane, indices(pane.side.count).filter((i) => inside(path, pane.at[2 * i], pane.at[2 * i + 1])));
}

// The page scrolls on where there is nothing farther away to be seen.
function wheel(view, pane, event, [x, y]) {
  if (pane.zoom.scale === 1 && event.deltaY > 0) return;
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 16 : 1;
  zoom(view, pane, zoomed(pane.zoom, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), x, y));
}

function drag(view, pane, [x, y]) {
  const [from, down] = pane.drag;
  pane.drag = [x, y];
  if (pane.frame?.deep) {
    turnBy(pane, x - from, down - y);
    again(view, pane);
    return;
  }
  zoom(view, pane, { ...pane.zoom, x: pane.zoom.x + x - from, y: pane.zoom.y + y - down });
}

function pinch(view, pane, fingers, id, place) {
  const before = [...fingers.values()];
  fingers.set(id, place);
  zoom(view, pane, pinched(pane.zoom, before, [...fingers.values()]));
}

// One drawing a frame, however often a wheel turns in it.
export function zoom(view, pane, wanted) {
  change(pane, wanted);
  pane.figure.dataset.zoom = pane.zoom.scale.toFixed(2);
  again(view, pane);
}

function again(view, pane) {
  cancelAnimationFrame(pane.clock);
  pane.clock = requestAnimationFrame(() => draw(view, pane));
}

export function zoomBy(view, pane, times) {
  zoom(view, pane, times ? zoomed(pane.zoom, times, pane.width / 2, pane.height / 2) : whole());
}

const indices = (count) => Array.from({ length: count }, (_, i) => i);

function step(view, pane, event) {
  const times = { "+": STRIDE, "=": STRIDE, "-": 1 / STRIDE, 0: 0 }[event.key];
  if (times !== undefined && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    zoomBy(view, pane, times);
    return;
  }
  const shift = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (shift && event.shiftKey) {
    event.preventDefault();
    if (pane.frame?.deep) {
      turnBy(pane, -shift[0] * PAN, shift[1] * PAN);
      again(view, pane);
    } else zoom(view, pane, { ...pane.zoom, x: pane.zoom.x + shift[0] * PAN, y: pane.zoom.y + shift[1] * PAN });
    return;
  }
  const ways = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const now = view.pointed?.pane === pane ? view.pointed.index : -1;
  if (ways[event.key]) {
    event.preventDefault();
    point(view, pane, (now + ways[event.key] + pane.side.count) % pane.side.count);
  } else if (event.key === "Enter" && now >= 0) pick(view, pane, [now]);
  else if (event.key === "Escape") pick(view, pane, []);
}

export function pick(view, pane, points) {
  const strong = strengths(view, pane);
  const kept = strong ? points.filter((i) => strong[i]) : points;
  for (const other of view.panes) other.picked = other === pane || other.side.count === pane.side.count ? kept : [];
  drawAll(view);
  const side = view.panes.indexOf(pane);
  view.send("picked", { side, layer: pane.layer, points: kept.slice(0, MOST_TOLD), count: kept.length });
}

function point(view, pane, index) {
  const before = view.pointed;
  if (index < 0 ? !before : before && before.pane === pane && before.index === index) return;
  view.pointed = index < 0 ? null : { pane, index };
  drawAll(view);
  read(view);
}

// What is pointed at, in words: the text, its groups, and its true neighbours with their cosines.
export function read(view) {
  if (!view.pointed) {
    const deep = view.panes.some((one) => one.frame?.deep);
    view.readout.replaceChildren(make("span", "quiet", deep ? DEEP : HINT));
    return;
  }
  const { pane, index } = view.pointed;
  const { side, frame } = pane;
  const [label, text] = textOf(side, index);
  askText(view, side, index, () => view.pointed?.index === index && (drawAll(view), read(view)));
  const parts = [words("b", shorten(label, LONG))];
  if (view.data.words) parts.push(words("span", shorten(text, 90)));
  const groups = side.columns.map((column) => groupName(side, column.names[column.codes[index]])).join(", ");
  if (groups) parts.push(words("span", groups, "quiet"));
  const cluster = frame?.clusters?.names[frame.clusters.codes[index]];
  if (cluster) parts.push(words("span", `cluster: ${cluster}`, "quiet"));
  const shares = agreement(view);
  if (shares) parts.push(words("span", `of its ${view.agreed.each} nearest both sides have ${Math.round(shares[index] * view.agreed.each)}`, "quiet"));
  if (frame && frame.each) {
    parts.push(words("span", "nearest in truth:", "quiet"));
    for (let k = 0; k < Math.min(3, frame.each); k += 1) {
      const at = index * frame.each + k;
      const other = frame.neighbours[at];
      const near = view.data.words ? `${side.labels[other]} (${side.owners[other] + 1})` : side.labels[other];
      parts.push(words("span", `${shorten(near, 40)} ${frame.cosines[at].toFixed(2)}`, "near"));
    }
  }
  view.readout.replaceChildren(...parts);
}

function words(tag, text, name = "") {
  const one = make(tag, name, text);
  one.dir = "auto";
  return one;
}
