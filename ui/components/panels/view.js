// One mounted set of panels: reads the message, lays the panels out, and answers the pointer and the arrow keys.

import { placeIn } from "./linked.js";
import { cellAt, drawPanel, imageOf, layout } from "./draw.js";
import { format, nameOf } from "./labels.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { TOP } from "../shared/palette.js";
import { tall } from "../shared/room.js";

const NARROWEST = 200; // pixels of a panel before fewer stand side by side
const GAP = 18;

export default function show(component) {
  return live(component, {
    selector: ".gaze-panels",
    fresh: () => ({ pointed: null }),
    receive(view) {
      view.data = decode(view.bytes);
      build(view);
    },
    build,
  });
}

function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  header.panels.forEach((panel, place) => Object.assign(panel, arrays[`panel ${place}`]));
  return header;
}

function build(view) {
  const { root, data, palette } = view;
  view.size = sizeOf(root);
  let across = data.across;
  while (across > 1 && (root.clientWidth - GAP * (across - 1)) / across < NARROWEST) across = Math.ceil(across / 2);
  const width = Math.floor((root.clientWidth - GAP * (across - 1)) / across);
  const alone = across === 1 && data.panels.length > 1;
  const planned = tall(data.height) / Math.ceil(data.panels.length / data.across);
  const height = alone ? Math.min(tall(340), width) : Math.max(150, planned);
  const grid = make("div", "grid");
  grid.style.gridTemplateColumns = `repeat(${across}, minmax(0, 1fr))`;
  for (const panel of data.panels) grid.append(panelElement(view, panel, width, height));
  view.readout = make("output", "readout");
  const foot = make("div", "foot");
  Object.entries(data.scales).forEach(([name, scale]) => foot.append(legend(name, scale, palette)));
  foot.append(view.readout);
  root.replaceChildren(grid, foot);
  point(view, null);
}

function panelElement(view, panel, width, height) {
  const box = make("figure", "panel");
  const title = make("figcaption", "title", panel.title);
  panel.canvas = make("canvas", "");
  panel.image = imageOf(panel, view.data.scales[panel.group], view.palette);
  panel.place = layout(panel, view.palette, width, height);
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [panel.place.left + panel.place.across + 2, panel.place.top + panel.place.down + 2];
  Object.assign(panel.canvas, { width: Math.ceil(w * ratio), height: Math.ceil(h * ratio), tabIndex: 0 });
  Object.assign(panel.canvas.style, { width: `${w}px`, height: `${h}px`, cursor: panel.pick ? "pointer" : "default" });
  panel.canvas.setAttribute("role", "img");
  panel.canvas.setAttribute("aria-label", `${panel.title}. ${panel.axes[0]} by ${panel.axes[1]}. ${panel.note}`);
  panel.canvas.addEventListener("pointermove", (event) => point(view, panel, cellAt(panel, event)));
  panel.canvas.addEventListener("pointerdown", (event) => point(view, panel, cellAt(panel, event)));
  panel.canvas.addEventListener("pointerleave", () => point(view, null));
  panel.canvas.addEventListener("click", (event) => pick(view, panel, cellAt(panel, event)));
  panel.canvas.addEventListener("keydown", (event) => step(view, panel, event));
  box.append(title, panel.canvas);
  box.append(make("p", "note", panel.note));
  return box;
}

function legend(name, scale, palette) {
  const box = make("span", "legend", name);
  const bar = make("i", "ramp");
  const stops = Array.from({ length: 9 }, (_, k) => `rgb(${palette[scale.kind][Math.round((k / 8) * TOP)].join(" ")})`);
  bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  box.append(make("span", "", format(scale.low)), bar, make("span", "", format(scale.high)));
  return box;
}

// Shows a cell in every panel of its group, and reads their values out.
function point(view, panel, cell = null) {
  view.pointed = cell;
  const places = view.data.panels.map((one) => (panel && cell ? placeIn(one, panel, cell) : null));
  view.data.panels.forEach((one, k) => drawPanel(one, view.palette, places[k]));
  if (!cell || panel.scale === "picture") {
    view.readout.textContent = "";
    return;
  }
  const named = (names, at) => nameOf(names, at) + (names.length && names[at] !== String(at + 1) ? ` (${at + 1})` : "");
  const [row, column] = [named(panel.rows, cell.row), named(panel.columns, cell.column)];
  const where = `${panel.axes[0]} ${row} · ${panel.axes[1]} ${column}: `;
  const values = view.data.panels.flatMap((one, k) => {
    const found = places[k];
    return found && found.row !== null ? [format(one.values[found.row * one.shape[1] + found.column])] : [];
  });
  view.readout.textContent = where + values.join(" | ");
}

function pick(view, panel, cell) {
  if (panel.pick && cell) view.send("cell", { panel: view.data.panels.indexOf(panel), ...cell });
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function step(view, panel, event) {
  if (event.key === "Enter") pick(view, panel, view.pointed);
  if (!STEPS[event.key]) return;
  event.preventDefault();
  const [down, right] = STEPS[event.key];
  const { row, column } = view.pointed || { row: 0, column: 0 };
  const kept = (value, most) => Math.max(0, Math.min(most - 1, value));
  point(view, panel, { row: kept(row + down, panel.shape[0]), column: kept(column + right, panel.shape[1]) });
}
