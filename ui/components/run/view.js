// One mounted training: a slider over its steps, curves that can be seized, and the maps and answer of that moment.

import { chartsFor, drawChart, momentOf } from "./curves.js";
import { answerRow, drawLarge, drawOverview, nameOfToken, overview, weightsAt } from "./maps.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

const NARROW = 760; // pixels of the whole before the curves go below
const CURVES = 290;
const SPACE = 20;
const WALK = 9000; // milliseconds of a whole run that is played
const TITLE = 62; // pixels of a side's title and answer

export default function show(component) {
  return live(component, {
    selector: ".gaze-run",
    fresh: () => ({ share: 1, walking: false }),
    receive,
    build,
    leave: (view) => cancelAnimationFrame(view.clock),
  });
}

function receive(view) {
  const before = view.data;
  const atEnd = !before || view.share >= endOf(before) - 1e-3;
  view.data = decode(view.bytes);
  const same = before && before.sides.map((side) => side.title).join() === view.data.sides.map((side) => side.title).join();
  view.data.sides.forEach((side, k) => { side.chosen = same ? before.sides[k].chosen : best(side); });
  // Who stands at the end goes on with the run; who looks at an earlier step stays there.
  if (!same || atEnd) view.share = endOf(view.data);
  build(view);
}

function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  const most = Math.max(...header.sides.map((side) => side.steps));
  header.sides.forEach((side, place) => {
    const curves = arrays[`${place} curves`];
    const across = curves.shape[1];
    side.curves = Array.from({ length: curves.shape[0] }, (_, k) => Array.from(curves.values.subarray(k * across, (k + 1) * across)));
    side.longest = most;
    side.kept = Array.from(arrays[`${place} kept`].values);
    side.weights = arrays[`${place} weights`].values;
    side.shape = arrays[`${place} weights`].shape;
    side.patterns = arrays[`${place} patterns`];
    side.names = side.tokens.map(nameOfToken);
    side.moment = side.curves.length - 1;
  });
  return header;
}

// The share of the slider's way that the runs have come.
const endOf = (data) => Math.max(...data.sides.map((side) => side.curves.at(-1)[0] / side.longest));

// The head that has most of the pattern at the end.
function best(side) {
  const [frames, layers, heads] = side.patterns.shape;
  const last = Array.from(side.patterns.values.subarray((frames - 1) * layers * heads));
  const place = last.indexOf(Math.max(...last));
  return [Math.floor(place / heads), place % heads];
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  view.choose = (side, layer, head) => {
    side.chosen = [layer, head];
    draw(view);
  };
  const narrow = root.clientWidth < NARROW;
  const height = tall(data.height);
  view.charts = chartsFor(view, (share) => seek(view, share));
  view.curvesWidth = narrow ? root.clientWidth : CURVES;
  view.chartHeight = Math.min(170, Math.floor(height / view.charts.length));
  const curves = make("div", "curves", {}, ...view.charts.map((chart) => chart.canvas));
  const across = narrow ? 1 : data.sides.length;
  const width = (root.clientWidth - (narrow ? 0 : CURVES + SPACE)) / across - (across > 1 ? SPACE : 0);
  const sides = data.sides.map((side) => sideOf(view, side, { width, height: narrow ? 260 : height, narrow }));
  view.readout = make("output", "readout");
  const body = make("div", "body", {}, ...sides, curves);
  root.classList.toggle("narrow", narrow);
  root.replaceChildren(bar(view), body, view.readout);
  draw(view);
}

function bar(view) {
  view.play = make("button", "play", { textContent: "▶", title: "Play the run", "aria-label": "Play the run" });
  view.play.addEventListener("click", () => (view.walking ? halt(view) : walk(view)));
  view.slider = make("input", "", { type: "range", min: 0, max: 1000, step: 1, "aria-label": "Step" });
  view.slider.addEventListener("input", () => seek(view, view.slider.value / 1000));
  view.told = make("output", "told");
  return make("div", "bar", {}, view.play, view.slider, view.told);
}

function sideOf(view, side, room) {
  const box = make("figure", "side");
  side.answer = make("div", "answer");
  const height = room.height - TITLE;
  const beside = room.width > 480;
  const size = beside ? Math.min(height, room.width * 0.48) : Math.min(room.narrow ? room.width : height * 0.6 - SPACE, room.width);
  const [, layers, heads] = side.shape;
  const wide = beside ? room.width - size - SPACE : room.width;
  side.small = overview(view, side, { width: wide, height: beside ? height : Math.min(height * (room.narrow ? 1 : 0.4), layers * (wide / heads)) });
  side.large = { canvas: make("canvas", "large", { role: "img", "aria-label": "One head, query (row) attends to key (column)" }), size };
  side.large.canvas.addEventListener("pointermove", (event) => read(view, side, event));
  side.large.canvas.addEventListener("pointerleave", () => read(view, side, null));
  side.caption = make("b", "");
  box.append(make("figcaption", "", {}, make("b", "", side.title), side.caption), side.answer);
  box.append(make("div", "maps", {}, side.small.canvas, side.large.canvas));
  return box;
}

function seek(view, share) {
  halt(view);
  go(view, share);
}

function go(view, share) {
  view.share = Math.max(0, Math.min(endOf(view.data), share));
  draw(view);
}

function draw(view) {
  view.slider.value = Math.round(1000 * view.share);
  for (const side of view.data.sides) {
    side.moment = momentOf(side, view.share);
    drawOverview(view, side);
    drawLarge(view, side);
    const row = answerRow(view, side);
    side.answer.replaceWith(row);
    side.answer = row;
    const [layer, head] = side.chosen;
    const pattern = side.patterns.values[(side.moment * side.shape[1] + layer) * side.shape[2] + head];
    side.caption.textContent = ` head ${layer + 1}.${head + 1}${pattern >= 0 ? `, ${Math.round(100 * pattern)} % by the pattern` : ""}`;
  }
  for (const chart of view.charts) drawChart(view, chart, view.curvesWidth, view.chartHeight);
  const [first] = view.data.sides;
  const [step, loss, right] = first.curves[first.moment];
  view.told.textContent = `step ${step.toLocaleString("en")}: loss ${loss.toFixed(2)}, ${Math.round(100 * right)} % right`;
  read(view, null, null);
}

function walk(view) {
  view.walking = true;
  view.play.textContent = "❚❚";
  const end = endOf(view.data);
  const from = view.share >= end - 1e-3 ? 0 : view.share;
  const start = performance.now();
  const tick = (now) => {
    go(view, from + (now - start) / WALK);
    if (view.share >= end - 1e-3) halt(view);
    else if (view.walking) view.clock = requestAnimationFrame(tick);
  };
  view.clock = requestAnimationFrame(tick);
}

function halt(view) {
  cancelAnimationFrame(view.clock);
  view.walking = false;
  view.play.textContent = "▶";
}

function read(view, side, event) {
  const cell = event && side.large.cellAt(event);
  if (!cell) {
    view.readout.textContent = "Rows attend to columns. Click a small map to enlarge it; drag in a curve to walk through the run.";
    return;
  }
  const [query, key] = cell;
  const share = weightsAt(side, side.moment)(...side.chosen, query, key);
  view.readout.textContent = `“${side.names[query]}” (${query + 1}) takes ${Math.round(100 * share)} % from “${side.names[key]}” (${key + 1})`;
}
