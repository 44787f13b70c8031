// A pen that draws on its canvas as ever, and notes each stroke, so that a picture can be saved as lines and letters.

import { meet } from "./compose.js";

const QUARTER = Math.PI / 2;

// What canvases drew since: canvas -> items in CSS pixels from its corner.
export class Recording {
  // ground: what is seen where a canvas is empty.
  constructor(ground) {
    this.ground = ground;
    this.drawn = new Map();
  }

  // The pen of a canvas; all that its canvas had is drawn over, so nothing of it is kept.
  pen(canvas) {
    if (!this.drawn.has(canvas)) this.drawn.set(canvas, new Notes(canvas, this.ground));
    return this.drawn.get(canvas).pen;
  }
}

class Notes {
  constructor(canvas, ground) {
    this.canvas = canvas;
    this.ground = ground;
    this.real = canvas.getContext("2d");
    this.items = [];
    this.path = [];
    this.clip = null;
    this.kept = [];
    const { real } = this;
    const notes = this;
    this.pen = new Proxy(real, {
      get(_, name) {
        const value = real[name];
        if (typeof value !== "function") return value;
        return (...given) => {
          NOTED[name]?.(notes, ...given);
          return value.apply(real, given);
        };
      },
      set(_, name, value) {
        real[name] = value;
        return true;
      },
    });
  }

  // CSS pixels of a canvas for one of its own.
  get share() {
    return (parseFloat(this.canvas.style.width) || this.canvas.clientWidth || this.canvas.width) / this.canvas.width;
  }

  get matrix() {
    const { a, b, c, d, e, f } = this.real.getTransform();
    return [a, b, c, d, e, f].map((part) => part * this.share);
  }

  at(x, y) {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }

  // A command of the path with its points.
  add(command, ...points) {
    const placed = points.map(([x, y]) => this.at(x, y));
    this.path.push([command, placed]);
    if (placed.length) this.last = points[points.length - 1];
  }

  get scale() {
    const [a, b, c, d] = this.matrix;
    return Math.sqrt(Math.abs(a * d - b * c)) || 1;
  }

  put(style, path = this.path) {
    if (!path.length) return;
    const d = path.map(([command, points]) => command + points.map(([x, y]) => `${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100}`).join(" ")).join("");
    this.items.push({ kind: "path", d, ...style, opacity: this.real.globalAlpha, clip: this.clip, box: around(path, style.stroke ? style.width / 2 : 0) });
  }

  fill(path, rule) {
    this.put({ fill: String(this.real.fillStyle), evenodd: rule === "evenodd" }, path);
  }

  stroke(path) {
    const { strokeStyle, lineWidth, lineCap, lineJoin } = this.real;
    const { scale } = this;
    this.put({
      stroke: String(strokeStyle), width: lineWidth * scale, cap: lineCap, join: lineJoin, dash: this.real.getLineDash().map((part) => part * scale),
    }, path);
  }

  rect(x, y, width, height) {
    const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map((corner) => this.at(...corner));
    return [["M", [corners[0]]], ["L", [corners[1]]], ["L", [corners[2]]], ["L", [corners[3]]], ["Z", []]];
  }

  text(text, x, y, most = Infinity) {
    const { real } = this;
    const said = String(text);
    const measured = real.measureText(said);
    const width = Math.min(measured.width, most);
    const rtl = real.direction === "rtl";
    const align = { start: rtl ? "right" : "left", end: rtl ? "left" : "right" }[real.textAlign] || real.textAlign;
    const left = x - { left: 0, center: width / 2, right: width }[align];
    const line = real.textBaseline;
    real.textBaseline = "alphabetic";
    const base = y + real.measureText(said).actualBoundingBoxAscent - measured.actualBoundingBoxAscent;
    real.textBaseline = line;
    const [a, b, c, d] = this.matrix;
    this.items.push({
      kind: "text", text: said, matrix: [a, b, c, d, ...this.at(left, base)], width, ...faceOf(real.font), fill: String(real.fillStyle),
      rtl, opacity: real.globalAlpha, clip: this.clip,
    });
  }

  // A picture [x, y, width, height] in the pen's measure, or in the canvas's own pixels where the pen's does not count.
  image(href, [x, y, width, height], smooth, matrix = this.matrix) {
    const [a, b, c, d, e, f] = matrix;
    const placed = [a, b, c, d, a * x + c * y + e, b * x + d * y + f];
    this.items.push({ kind: "image", href, matrix: placed, width, height, smooth, opacity: this.real.globalAlpha, clip: this.clip });
  }
}

export function faceOf(font) {
  const [, before, size, family] = /^(.*?)([\d.]+)px(?:\s*\/\s*\S+)?\s+(.*)$/.exec(font) || [null, "", "14", "sans-serif"];
  const weight = /\b(\d{3})\b/.exec(before)?.[1] ?? (before.includes("bold") ? 700 : 400);
  return { size: Number(size), family, weight: Number(weight), italic: before.includes("italic") };
}

function around(path, more) {
  const points = path.flatMap(([, some]) => some);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs) - more, Math.min(...ys) - more];
  return [x, y, Math.max(0.01, Math.max(...xs) + more - x), Math.max(0.01, Math.max(...ys) + more - y)];
}

// An arc as curves, a quarter at most each.
function arc(notes, x, y, [across, down], from, to, back, turn = 0) {
  let sweep = to - from;
  const whole = 2 * Math.PI;
  if (!back && sweep >= whole) sweep = whole;
  else if (back && -sweep >= whole) sweep = -whole;
  else if (!back) sweep = ((sweep % whole) + whole) % whole;
  else sweep = -((((-sweep) % whole) + whole) % whole);
  const parts = Math.max(1, Math.ceil(Math.abs(sweep) / QUARTER - 1e-9));
  const step = sweep / parts;
  const pull = (4 / 3) * Math.tan(step / 4);
  const place = (cos, sin) => [x + across * cos * Math.cos(turn) - down * sin * Math.sin(turn), y + across * cos * Math.sin(turn) + down * sin * Math.cos(turn)];
  notes.add(notes.path.length ? "L" : "M", place(Math.cos(from), Math.sin(from)));
  for (let k = 0; k < parts; k += 1) {
    const [one, two] = [from + k * step, from + (k + 1) * step];
    notes.add("C", place(Math.cos(one) - pull * Math.sin(one), Math.sin(one) + pull * Math.cos(one)),
      place(Math.cos(two) + pull * Math.sin(two), Math.sin(two) - pull * Math.cos(two)), place(Math.cos(two), Math.sin(two)));
  }
}

function rounded(notes, x, y, width, height, given) {
  const radius = Math.min(Array.isArray(given) ? given[0] : given || 0, width / 2, height / 2);
  notes.add("M", [x + radius, y]);
  [[x + width - radius, y + radius, -QUARTER], [x + width - radius, y + height - radius, 0], [x + radius, y + height - radius, QUARTER],
    [x + radius, y + radius, Math.PI]].forEach(([across, down, from]) => arc(notes, across, down, [radius, radius], from, from + QUARTER, false));
  notes.add("Z");
}

function bitmap(width, height, draw) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  draw(canvas.getContext("2d"));
  return canvas.toDataURL();
}

function picture(notes, source, given) {
  const [wide, high] = [source.naturalWidth || source.width, source.naturalHeight || source.height];
  const from = given.length > 4 ? given.slice(0, 4) : [0, 0, wide, high];
  const to = given.length > 4 ? given.slice(4) : [given[0], given[1], given[2] ?? wide, given[3] ?? high];
  if (!(from[2] > 0 && from[3] > 0)) return;
  const size = [Math.max(1, Math.ceil(from[2])), Math.max(1, Math.ceil(from[3]))];
  const href = bitmap(...size, (pen) => pen.drawImage(source, ...from, 0, 0, ...size));
  notes.image(href, to, notes.real.imageSmoothingEnabled);
}

const NOTED = {
  save: (notes) => notes.kept.push(notes.clip),
  restore: (notes) => { if (notes.kept.length) notes.clip = notes.kept.pop(); },
  beginPath: (notes) => { notes.path = []; },
  closePath: (notes) => notes.add("Z"),
  moveTo: (notes, x, y) => notes.add("M", [x, y]),
  lineTo: (notes, x, y) => notes.add(notes.path.length ? "L" : "M", [x, y]),
  quadraticCurveTo: (notes, ...p) => notes.add("Q", [p[0], p[1]], [p[2], p[3]]),
  bezierCurveTo: (notes, ...p) => notes.add("C", [p[0], p[1]], [p[2], p[3]], [p[4], p[5]]),
  arc: (notes, x, y, radius, from, to, back = false) => arc(notes, x, y, [radius, radius], from, to, back),
  ellipse: (notes, x, y, across, down, turn, from, to, back = false) => arc(notes, x, y, [across, down], from, to, back, turn),
  rect: (notes, ...given) => notes.path.push(...notes.rect(...given)),
  roundRect: (notes, ...given) => rounded(notes, ...given),
  fill: (notes, rule) => notes.fill(notes.path, rule),
  stroke: (notes) => notes.stroke(notes.path),
  clip: (notes) => { if (notes.path.length) notes.clip = meet(notes.clip, around(notes.path, 0)); },
  fillRect: (notes, ...given) => notes.fill(notes.rect(...given)),
  strokeRect: (notes, ...given) => notes.stroke(notes.rect(...given)),
  clearRect(notes, ...given) {
    const path = notes.rect(...given);
    const [x, y, width, height] = around(path, 1);
    const { canvas, share } = notes;
    if (x <= 0 && y <= 0 && width >= canvas.width * share && height >= canvas.height * share) notes.items = [];
    else notes.put({ fill: notes.ground }, path);
  },
  fillText: (notes, ...given) => notes.text(...given),
  drawImage: (notes, source, ...given) => picture(notes, source, given),
  putImageData(notes, data, x, y) {
    const { width, height } = data;
    const { share } = notes;
    notes.image(bitmap(width, height, (pen) => pen.putImageData(data, 0, 0)), [x, y, width, height], false, [share, 0, 0, share, 0, 0]);
  },
};
