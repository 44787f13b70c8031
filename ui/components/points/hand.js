// Pointer and keys on a side: pointing, a click on a point, a loop drawn round several.

import { inside, nearestTo } from "./hit.js";
import { draw, drawAll, shorten, strengths } from "./draw.js";
import { make } from "../shared/dom.js";

const NEAR = 16; // pixels
const MOST_TOLD = 500; // points of a loop that are named to the page; their number is told whole
const HINT = "Point at a mark to read it; draw a loop round several to list them.";

export function handle(view, pane) {
  const { canvas } = pane;
  const where = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = where(event);
    if (pane.path) {
      pane.path.push([x, y]);
      draw(view, pane);
    } else point(view, pane, nearestTo(pane, x, y, NEAR));
  });
  canvas.addEventListener("pointerleave", () => !pane.path && point(view, pane, -1));
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    pane.path = [where(event)];
  });
  const end = (event, dropped) => {
    const path = pane.path;
    pane.path = null;
    if (!path) return;
    const length = path.reduce((sum, [x, y], i) => sum + (i ? Math.hypot(x - path[i - 1][0], y - path[i - 1][1]) : 0), 0);
    if (dropped) draw(view, pane);
    else if (length < 12) pick(view, pane, [nearestTo(pane, ...where(event), NEAR)].filter((i) => i >= 0));
    else pick(view, pane, indices(pane.side.count).filter((i) => inside(path, pane.at[2 * i], pane.at[2 * i + 1])));
  };
  canvas.addEventListener("pointerup", (event) => end(event, false));
  canvas.addEventListener("pointercancel", (event) => end(event, true));
  canvas.addEventListener("keydown", (event) => step(view, pane, event));
}

const indices = (count) => Array.from({ length: count }, (_, i) => i);

function step(view, pane, event) {
  const ways = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const now = view.pointed?.pane === pane ? view.pointed.index : -1;
  if (ways[event.key]) {
    event.preventDefault();
    point(view, pane, (now + ways[event.key] + pane.side.count) % pane.side.count);
  } else if (event.key === "Enter" && now >= 0) pick(view, pane, [now]);
  else if (event.key === "Escape") pick(view, pane, []);
}

function pick(view, pane, points) {
  const strong = strengths(view, pane.side);
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
    view.readout.replaceChildren(make("span", "quiet", HINT));
    return;
  }
  const { pane, index } = view.pointed;
  const { side, frame } = pane;
  const parts = [words("b", side.labels[index])];
  if (view.data.words) parts.push(words("span", shorten(side.texts[side.owners[index]], 90)));
  const groups = side.columns.map((column) => column.names[column.codes[index]]).join(", ");
  if (groups) parts.push(words("span", groups, "quiet"));
  if (frame && frame.each) {
    parts.push(words("span", "nearest in truth:", "quiet"));
    for (let k = 0; k < Math.min(3, frame.each); k += 1) {
      const at = index * frame.each + k;
      const other = frame.neighbours[at];
      const label = view.data.words ? `${side.labels[other]} (${side.owners[other] + 1})` : side.labels[other];
      parts.push(words("span", `${shorten(label, 40)} ${frame.cosines[at].toFixed(2)}`, "near"));
    }
  }
  view.readout.replaceChildren(...parts);
}

function words(tag, text, name = "") {
  const one = make(tag, name, text);
  one.dir = "auto";
  return one;
}
