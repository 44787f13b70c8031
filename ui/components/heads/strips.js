// The measures of all heads as strips of dots, the chosen head among them: is it sharp, is it usual?

import { SHARES, measureOf, measureText } from "./facts.js";
import { nameOf } from "./names.js";
import { showTip } from "./scale.js";
import { fitCanvas } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";

export const STRIP = 25;

const STRIP_NAMES = { diagonal: "To itself", previous: "To previous", next: "To next", first: "To first", separator: "To separators" };

export function stripNames(view) {
  return Object.keys(view.kind.measures || {}).filter((name) => view.kind.measures[name]);
}

export function measureTitle(view, name) {
  const titles = view.data.header.measure_titles || {};
  return titles[name] || [STRIP_NAMES[name] || name.charAt(0).toUpperCase() + name.slice(1), ""];
}

function stripRange(kind, name) {
  const values = kind.measures[name].flat().filter((value) => Number.isFinite(value));
  return name in SHARES || name === "peak" ? 1 : Math.max(1e-6, ...values);
}

function stripsLayout(view, width) {
  return { left: 116, right: width - 74, wide: width - 190 };
}

export function drawStrips(view, width, height) {
  const names = stripNames(view).slice(0, Math.floor((height - 8) / STRIP));
  const { kind, palette, choice } = view;
  const pen = fitCanvas(view.parts.strips, width, names.length * STRIP + 2);
  const { left, right, wide } = stripsLayout(view, width);
  pen.textBaseline = "middle";
  names.forEach((name, place) => {
    const y = place * STRIP + STRIP / 2;
    const most = stripRange(kind, name);
    const x = (value) => left + 5 + (value / most) * (wide - 10);
    pen.textAlign = "left";
    pen.font = `${palette.small}px ${palette.plain}`;
    pen.fillStyle = palette.quiet;
    pen.fillText(inLanguage(measureTitle(view, name)[0]), 0, y, left - 10);
    pen.fillStyle = palette.wash;
    pen.beginPath();
    pen.roundRect(left, y - 7, right - left, 14, 7);
    pen.fill();
    pen.globalAlpha = 0.35;
    pen.fillStyle = palette.quiet;
    kind.measures[name].flat().forEach((value) => {
      if (!Number.isFinite(value)) return;
      pen.beginPath();
      pen.arc(x(value), y, 3.2, 0, 7);
      pen.fill();
    });
    pen.globalAlpha = 1;
    const own = measureOf(kind, name, choice.layer, choice.head);
    if (own === undefined) return;
    pen.fillStyle = palette.primary;
    pen.strokeStyle = palette.ground;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x(own), y, 6, 0, 7);
    pen.fill();
    pen.stroke();
    pen.textAlign = "right";
    pen.fillStyle = palette.ink;
    pen.fillText(inLanguage(measureText(name, own)), width - 2, y);
  });
  view.stripNames = names;
}

// A click on a strip chooses the head of the nearest dot.
export function handleStrips(view, act) {
  const canvas = view.parts.strips;
  const find = (event) => {
    const frame = canvas.getBoundingClientRect();
    const name = view.stripNames && view.stripNames[Math.floor((event.clientY - frame.top) / STRIP)];
    const { left, wide } = stripsLayout(view, frame.width);
    if (!name) return null;
    const at = ((event.clientX - frame.left - left - 5) / (wide - 10)) * stripRange(view.kind, name);
    let best = null;
    view.kind.measures[name].forEach((values, layer) => values.forEach((value, head) => {
      const away = Math.abs(value - at);
      if (Number.isFinite(value) && (!best || away < best.away)) best = { layer, head, away, value, name };
    }));
    return best && best.away < stripRange(view.kind, name) * 0.04 ? best : null;
  };
  canvas.addEventListener("pointermove", (event) => {
    const found = find(event);
    canvas.style.cursor = found ? "pointer" : "default";
    const lines = found && [`${nameOf(view.kind, found.layer, found.head)}: ${measureText(found.name, found.value)}`];
    showTip(view, lines, event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", () => showTip(view, null));
  canvas.addEventListener("click", (event) => {
    const found = find(event);
    if (found) act.choose({ layer: found.layer, head: found.head });
  });
}
