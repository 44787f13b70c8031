// Three small charts over the steps of one or two runs: loss, share that is right, and the pattern.

import { fitCanvas, make } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";

const EDGE = { left: 40, right: 10, top: 24, bottom: 18 };
const LOSS = 1; // columns of the numbers of a moment; the first is its step
const RIGHT = 2;
const PATTERN = 3;

export function chartsFor(view, seek) {
  const { data } = view;
  const some = [["loss, nats a character", LOSS, 0], [data.score, RIGHT, 1]];
  if (data.sides.some((side) => side.curves.some((moment) => moment[PATTERN] >= 0))) some.push([data.pattern, PATTERN, 1]);
  return some.map(([title, column, top]) => {
    const canvas = make("canvas", "chart", { role: "img", "aria-label": `${title} over the steps` });
    const one = { canvas, title, column, top };
    const go = (event) => {
      const box = canvas.getBoundingClientRect();
      seek((event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && go(event));
    return one;
  });
}

export function drawChart(view, chart, width, height) {
  const { data, palette } = view;
  const pen = fitCanvas(chart.canvas, width, height);
  const lines = data.sides.map((side) => side.curves.map((moment) => [moment[0], moment[chart.column]]));
  const most = Math.max(...data.sides.map((side) => side.steps));
  const top = chart.top || Math.max(...lines.flat().map(([, value]) => value), 1e-6);
  const [across, down] = [width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom];
  const at = (step, value) => [EDGE.left + (step / most) * across, EDGE.top + down * (1 - Math.max(0, value) / top)];
  frame(pen, palette, chart, top, { width, height, down, most });
  lines.forEach((line, k) => {
    pen.strokeStyle = palette.categories[k];
    pen.lineWidth = 2.4;
    pen.setLineDash(k ? [6, 4] : []);
    pen.beginPath();
    line.forEach(([step, value], i) => (i ? pen.lineTo(...at(step, value)) : pen.moveTo(...at(step, value))));
    pen.stroke();
    pen.setLineDash([]);
    const [x, y] = at(...line[momentOf(data.sides[k], view.share)]);
    pen.fillStyle = palette.categories[k];
    pen.beginPath();
    pen.arc(x, y, 4.5, 0, 2 * Math.PI);
    pen.fill();
  });
  pen.strokeStyle = palette.faint;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(EDGE.left + view.share * across, EDGE.top);
  pen.lineTo(EDGE.left + view.share * across, EDGE.top + down);
  pen.stroke();
}

function frame(pen, palette, chart, top, { width, height, down, most }) {
  pen.font = `600 13px ${palette.plain}`;
  pen.textBaseline = "middle";
  pen.fillStyle = palette.ink;
  pen.fillText(inLanguage(chart.title), EDGE.left, 11);
  pen.font = `13px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.strokeStyle = palette.rule;
  pen.textAlign = "right";
  for (const share of [0, 0.5, 1]) {
    const y = EDGE.top + down * (1 - share);
    pen.beginPath();
    pen.moveTo(EDGE.left, y);
    pen.lineTo(width - EDGE.right, y);
    pen.stroke();
    const value = share * top;
    pen.fillText(chart.top ? `${Math.round(100 * value)} %` : value.toFixed(1), EDGE.left - 5, y);
  }
  pen.fillText(inLanguage(`step ${most.toLocaleString("en")}`), width - EDGE.right, height - 8);
  pen.textAlign = "left";
  pen.fillText("0", EDGE.left, height - 8);
}

// The last moment of a side at a share of the whole way.
export function momentOf(side, share) {
  const step = share * side.longest + 1e-6;
  let found = 0;
  side.curves.forEach((moment, k) => { if (moment[0] <= step) found = k; });
  return found;
}
