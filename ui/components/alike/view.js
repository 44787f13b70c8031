// Two pictures: the patch that is clicked or walked to, and over each patch how alike it is, or how much it is given.

import { blockOf, outline, paintPicture, patchAt } from "../patches/paint.js";
import { fitCanvas, make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { TOP } from "../shared/palette.js";
import { tall } from "../shared/room.js";

const STEPS = 255;
const [FAINT, COVER] = [0.12, 0.78]; // of the colours over a picture, from the least value to the greatest
const LEAST_WIDTH = 230; // pixels of a picture before they stand one under the other

export default function show(component) {
  return live(component, { selector: ".gaze-alike", fresh: () => ({ patch: null, pointed: null }), receive, build });
}

function receive(view) {
  const { header, arrays } = unpack(view.bytes);
  const first = !view.data || JSON.stringify(view.data.sides) !== JSON.stringify(header.sides);
  view.data = header;
  const [one, other] = header.sides;
  const count = one.grid[0] * one.grid[1];
  if (first || view.patch === null || view.patch >= count) view.patch = middleOf(one.grid);
  view.panels = [
    { side: one, picture: 0, values: arrays.own.values, title: "Alike in this picture", kind: "own" },
    { side: other, picture: 1, values: arrays.other.values, title: "Alike in the second one", kind: "other" },
    { side: one, picture: 0, values: arrays.attention.values, title: "Where it attends", kind: "attention" },
  ];
  build(view);
  const { bytes } = view;
  [0, 1].forEach((place) => {
    const file = new Blob([arrays[`picture ${place}`].values], { type: "image/jpeg" });
    createImageBitmap(file).then((image) => {
      if (view.bytes !== bytes) return;
      view.panels.filter((panel) => panel.picture === place).forEach((panel) => { panel.image = image; });
      draw(view);
    });
  });
}

const middleOf = ([rows, columns]) => Math.floor(rows / 2) * columns + Math.floor(columns / 2);

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const across = root.clientWidth / 3 >= LEAST_WIDTH ? 3 : 1;
  const width = Math.floor(root.clientWidth / across) - 14;
  const row = make("div", "row");
  row.style.gridTemplateColumns = `repeat(${across}, minmax(0, 1fr))`;
  for (const panel of view.panels) {
    const [wide, high] = panel.side.size;
    const scale = Math.min(width / wide, (across === 3 ? tall(data.height) : 420) / high);
    panel.frame = { x: 0, y: 0, width: Math.floor(wide * scale), height: Math.floor(high * scale) };
    panel.canvas = make("canvas", "", { tabIndex: panel.kind === "own" ? 0 : -1, role: "img" });
    panel.said = make("figcaption", "title");
    row.append(make("figure", panel.kind, {}, panel.said, panel.canvas));
    if (panel.picture === 0) handle(view, panel);
  }
  view.readout = make("output", "readout", { "aria-live": "polite" });
  root.replaceChildren(row, make("div", "foot", {}, legend(view, data.low, 1, "cosine"), legend(view, 0, data.most, "attention"), view.readout));
  draw(view);
}

function handle(view, panel) {
  const header = { grid: panel.side.grid, box: panel.side.box };
  const at = (event) => {
    const box = panel.canvas.getBoundingClientRect();
    return patchAt(header, panel.frame, event.clientX - box.left, event.clientY - box.top);
  };
  panel.canvas.addEventListener("click", (event) => {
    const patch = at(event);
    if (patch !== null) ask(view, patch);
  });
  panel.canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [rows, columns] = panel.side.grid;
    const row = Math.max(0, Math.min(rows - 1, Math.floor(view.patch / columns) + step[0]));
    const column = Math.max(0, Math.min(columns - 1, (view.patch % columns) + step[1]));
    ask(view, row * columns + column);
  });
}

function ask(view, patch) {
  view.patch = patch;
  draw(view);
}

const rowFor = (panel, patch) => {
  const count = panel.side.grid[0] * panel.side.grid[1];
  return panel.values.subarray(patch * count, (patch + 1) * count);
};

// The patch with the greatest value; in the picture of the asking patch another one than itself.
function bestOf(panel, patch) {
  const row = rowFor(panel, patch);
  let best = -1;
  row.forEach((value, place) => {
    if (panel.kind === "own" && place === patch) return;
    if (best < 0 || value > row[best]) best = place;
  });
  return best;
}

const valueOf = (view, panel, place) => {
  const share = rowFor(panel, view.patch)[place] / STEPS;
  return panel.kind === "attention" ? share * view.data.most : view.data.low + share * (1 - view.data.low);
};

function draw(view) {
  view.panels.forEach((panel) => drawPanel(view, panel));
  const [own, other, attention] = view.panels;
  const named = (panel, place) => `${Math.floor(place / panel.side.grid[1]) + 1},${(place % panel.side.grid[1]) + 1}`;
  const best = view.panels.map((panel) => bestOf(panel, view.patch));
  const percent = `${(100 * valueOf(view, attention, best[2])).toPrecision(2)}\u00a0%`;
  view.readout.textContent = `Patch ${named(own, view.patch)}, ${view.data.layer}: most like ${named(own, best[0])} here `
    + `(${valueOf(view, own, best[0]).toFixed(2)}) and ${named(other, best[1])} there (${valueOf(view, other, best[1]).toFixed(2)}); `
    + `it gives most to ${named(attention, best[2])} (${percent}).`;
  Object.assign(view.root.dataset, { patch: view.patch, best: best.join() });
}

// The root keeps small weights apart, as everywhere where weights are drawn.
const shareOn = (kind, share) => (kind === "attention" ? Math.sqrt(share) : share);

function drawPanel(view, panel) {
  const { frame, side } = panel;
  const { palette } = view;
  const pen = fitCanvas(panel.canvas, frame.width, frame.height);
  const seen = { data: { header: { grid: side.grid, box: side.box } }, image: panel.image, palette };
  paintPicture(pen, seen, frame, 0.5);
  const row = rowFor(panel, view.patch);
  row.forEach((value, place) => {
    const share = shareOn(panel.kind, value / STEPS);
    pen.globalAlpha = FAINT + (COVER - FAINT) * share;
    const block = blockOf(seen.data.header, frame, place);
    pen.fillStyle = colourAt(palette, share);
    pen.fillRect(block.x, block.y, block.width + 0.5, block.height + 0.5);
  });
  pen.globalAlpha = 1;
  if (panel.picture === 0) outline(pen, seen, blockOf(seen.data.header, frame, view.patch), palette.primary, 3);
  outline(pen, seen, blockOf(seen.data.header, frame, bestOf(panel, view.patch)), palette.orange, 2);
  panel.said.textContent = panel.title;
  panel.canvas.ariaLabel = `${panel.title}. Arrow keys walk through the patches.`;
}

const colourAt = (palette, share) => `rgb(${palette.weight[Math.max(0, Math.min(TOP, Math.round(share * TOP)))].join(" ")})`;

function legend(view, low, high, what) {
  const stops = Array.from({ length: 9 }, (_, k) => colourAt(view.palette, k / 8));
  const ramp = make("i", "ramp");
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  if (what === "attention") ramp.title = "The middle of the scale is a quarter of its end.";
  const written = what === "attention" ? (value) => `${(100 * value).toPrecision(2)} %` : (value) => value.toFixed(2);
  return make("span", "legend", {}, `${what} ${low ? written(low) : "0"}`, ramp, written(high));
}
