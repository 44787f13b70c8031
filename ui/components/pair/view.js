// One mounted pair: reads the message, lays the three pictures out, and answers the pointer and the keys.

import { legend, sideHead, ticks } from "./bar.js";
import { draw } from "./draw.js";
import { HEAD, lineWordAt, planLines } from "./lines.js";
import { inks } from "./marks.js";
import { matrixAt, planMatrix } from "./matrix.js";
import { LAYER_KEYS, decode, startingLayers } from "./read.js";
import { css } from "../shared/colour.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { tall } from "../shared/room.js";

const WIDE = 880; // pixels from which the lines stand between the matrices
const MIDDLING = 560; // from which the matrices stand side by side
const GAP = 22;

export default function show(component) {
  return live(component, {
    selector: ".gaze-pair",
    fresh: () => ({
      together: null, gold: true, change: false, point: null, hold: null, path: location.pathname,
    }),
    receive,
    build,
    owns: LAYER_KEYS,
    stepped(view) {
      Object.assign(view, { chosen: false, places: startingLayers({ ...view, chosen: false }, view.data) });
      build(view);
    },
    leave: (view) => clearTimeout(view.rest),
  });
}

function receive(view, palette) {
  const data = decode(view.bytes);
  view.places = startingLayers(view, data);
  // Bound together as long as they stand at the same layer.
  view.together ??= new Set(data.sides.map((side, k) => side.layers[view.places[k]])).size === 1;
  const same = view.data && String(view.data.source) === String(data.source)
    && String(view.data.target) === String(data.target);
  if (!same) Object.assign(view, { point: null, hold: null });
  Object.assign(view, { data, colours: inks(palette), differences: palette.difference.map(css) });
  build(view);
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const width = root.clientWidth;
  const form = width >= WIDE ? "wide" : width >= MIDDLING ? "middling" : "narrow";
  root.dataset.form = form;
  view.parts = data.sides.map((side, index) => ({ side, index, canvas: make("canvas", "matrix") }));
  view.lines = make("canvas", "lines");
  const middle = make("div", "middle");
  const scroll = make("div", "scroll");
  scroll.append(view.lines);
  middle.append(ticks(view), scroll, legend(view));
  const boxes = view.parts.map((part) => sideBox(view, part));
  const order = form === "wide" ? [boxes[0], middle, ...boxes.slice(1)] : [middle, ...boxes];
  const main = make("div", "main");
  main.append(...order);
  view.readout = make("output", "readout");
  root.replaceChildren(main, view.readout);
  sizes(view, width, form, scroll);
  hands(view);
  draw(view);
}

function sideBox(view, part) {
  const box = make("figure", "side");
  part.ends = make("div", "ends");
  box.append(sideHead(view, part), part.canvas, part.ends);
  part.canvas.setAttribute("role", "img");
  const said = `${part.side.name}: ${part.side.measure}, source in rows, translation in columns`;
  part.canvas.setAttribute("aria-label", said);
  return box;
}

function sizes(view, width, form, scroll) {
  const count = view.parts.length;
  const middle = form === "wide" ? Math.max(300, Math.round(width * 0.3)) : width;
  const columns = form === "wide" ? count : form === "middling" ? count : 1;
  const room = form === "wide" ? width - middle - GAP * count : width - GAP * (columns - 1);
  const side = Math.floor(room / columns);
  const high = tall(view.data.height) - 34;
  const wide = form === "wide";
  const most = wide ? high - 118 : Math.min(side * 1.1, 460);
  for (const part of view.parts) part.plan = planMatrix(view, part, side, most);
  const longest = Math.max(view.data.source.length, view.data.target.length);
  view.plan = planLines(view, middle, wide ? high - 74 : 30 * longest + HEAD);
  scroll.style.maxHeight = form === "wide" ? `${high - 70}px` : "";
  const between = [`${side}px`, `${middle}px`, ...Array(count - 1).fill(`${side}px`)];
  const template = wide ? between : Array(columns).fill("minmax(0, 1fr)");
  view.root.querySelector(".main").style.gridTemplateColumns = template.join(" ");
}

// A pointer over any of the three pictures lights the same words up in all of them; a click holds them.
function hands(view) {
  const point = (found) => {
    if (JSON.stringify(found) === JSON.stringify(view.point)) return;
    view.point = found;
    if (!view.hold) draw(view);
  };
  const hold = (found) => {
    view.hold = found && JSON.stringify(found) !== JSON.stringify(view.hold) ? found : null;
    draw(view);
  };
  const surfaces = [
    [view.lines, (event) => lineWordAt(view, event)],
    ...view.parts.map((part) => [part.canvas, (event) => matrixAt(part, event)]),
  ];
  for (const [canvas, find] of surfaces) {
    canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && point(find(event)));
    canvas.addEventListener("pointerleave", () => point(null));
    canvas.addEventListener("click", (event) => hold(find(event)));
  }
  view.lines.tabIndex = 0;
  view.lines.setAttribute("role", "img");
  const said = "Links between the words of both sentences; arrow keys walk through the source words";
  view.lines.setAttribute("aria-label", said);
  view.lines.addEventListener("keydown", (event) => {
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") hold(null);
    if (!turn) return;
    event.preventDefault();
    const count = view.data.source.length;
    const next = ((view.hold?.source ?? (turn > 0 ? -1 : count)) + turn + count) % count;
    view.hold = { source: next, target: null };
    draw(view);
  });
}
