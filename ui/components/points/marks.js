// The marks of points: a colour and a shape each, drawn once and stamped many times.

import { LEVEL } from "./agree.js";

export const SHAPES = ["circle", "square", "triangle", "diamond", "plus", "down", "bar", "cross"];
export const PLAIN = -1; // no colour of its own: the page's ink

export function colourOf(palette, code) {
  if (code === PLAIN) return palette.ink;
  return code >= LEVEL ? palette.scale[code - LEVEL] : palette.categories[code % palette.categories.length];
}

export function radiusFor(count, width) {
  const size = count < 60 ? 8 : count < 700 ? 5.5 : count < 2500 ? 4 : count < 12000 ? 3 : 2;
  return width < 380 ? Math.max(2, size * 0.8) : size;
}

// The outline of a shape of radius r round (x, y); all shapes have about the same area.
export function trace(pen, shape, x, y, r) {
  const along = (points) => points.forEach(([a, b], i) => (i ? pen.lineTo : pen.moveTo).call(pen, x + a * r, y + b * r));
  pen.beginPath();
  if (shape === "circle") pen.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === "square") pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
  else if (shape === "triangle") along([[0, -1.25], [1.15, 0.85], [-1.15, 0.85]]);
  else if (shape === "down") along([[0, 1.25], [1.15, -0.85], [-1.15, -0.85]]);
  else if (shape === "diamond") along([[0, -1.35], [1.1, 0], [0, 1.35], [-1.1, 0]]);
  else if (shape === "bar") pen.rect(x - 1.3 * r, y - 0.55 * r, 2.6 * r, 1.1 * r);
  else {
    const w = 0.42;
    const arms = [[-w, -1.25], [w, -1.25], [w, -w], [1.25, -w], [1.25, w], [w, w], [w, 1.25], [-w, 1.25], [-w, w], [-1.25, w], [-1.25, -w], [-w, -w]];
    const turn = Math.SQRT1_2;
    along(shape === "plus" ? arms : arms.map(([a, b]) => [(a - b) * turn, (a + b) * turn]));
  }
  pen.closePath();
}

// One mark round (x, y).
export function paintMark(pen, palette, { colour, shape, faint, radius }, x, y, ratio = 1) {
  pen.globalAlpha = faint ? 0.1 : 0.92;
  trace(pen, SHAPES[shape % SHAPES.length], x, y, radius * ratio);
  pen.fillStyle = colourOf(palette, colour);
  pen.fill();
  if (radius > 2.5) {
    pen.lineWidth = 0.8 * ratio;
    pen.strokeStyle = palette.ground;
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

// Stamps by colour and shape; faint ones for points that the legend puts back.
export function stamps(palette, radius, ratio) {
  const kept = new Map();
  return (colour, shape, faint) => {
    const key = `${colour} ${shape} ${faint}`;
    if (!kept.has(key)) {
      const half = Math.ceil((radius * 1.5 + 1) * ratio);
      const stamp = Object.assign(document.createElement("canvas"), { width: 2 * half, height: 2 * half });
      paintMark(stamp.getContext("2d"), palette, { colour, shape, faint, radius }, half, half, ratio);
      kept.set(key, stamp);
    }
    return kept.get(key);
  };
}
