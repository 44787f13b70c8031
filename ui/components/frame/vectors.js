// An SVG on the page, such as a chart, as items of a scene.

import { CLEAR } from "./boxes.js";
import { faceOf } from "./record.js";

const SHAPES = {
  path: (one) => one.getAttribute("d"),
  rect(one) {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => one[name].baseVal.value);
    return width > 0 && height > 0 ? `M${x} ${y}h${width}v${height}h${-width}Z` : "";
  },
  line: (one) => `M${one.x1.baseVal.value} ${one.y1.baseVal.value}L${one.x2.baseVal.value} ${one.y2.baseVal.value}`,
  circle: (one) => round(one.cx.baseVal.value, one.cy.baseVal.value, one.r.baseVal.value, one.r.baseVal.value),
  ellipse: (one) => round(one.cx.baseVal.value, one.cy.baseVal.value, one.rx.baseVal.value, one.ry.baseVal.value),
  polyline: (one) => `M${[...one.points].map(({ x, y }) => `${x} ${y}`).join("L")}`,
  polygon: (one) => `M${[...one.points].map(({ x, y }) => `${x} ${y}`).join("L")}Z`,
};
const HOLDERS = new Set(["svg", "g", "a", "switch"]);

const round = (x, y, across, down) => `M${x - across} ${y}a${across} ${down} 0 1 1 ${2 * across} 0a${across} ${down} 0 1 1 ${-2 * across} 0Z`;

export function vectorItems(element, clip, opacity) {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" && !HOLDERS.has(element.localName)) return [];
  const seen = opacity * Number(style.opacity);
  if (!seen) return [];
  if (HOLDERS.has(element.localName)) {
    const inner = cutBy(element, style, clip);
    return [...element.children].flatMap((child) => vectorItems(child, inner, seen));
  }
  if (element.localName === "text") return letteringOf(element, clip, seen);
  if (element.localName === "image") return pictureOf(element, clip, seen);
  const d = SHAPES[element.localName]?.(element);
  return d ? shapeOf(element, style, d, clip, seen) : [];
}

const matrixOn = (element) => {
  const { a, b, c, d, e, f } = element.getScreenCTM();
  return [a, b, c, d, e, f];
};

// A clip that is a rectangle, on the screen.
function cutBy(element, style, clip) {
  const name = /url\("?#([^")]+)"?\)/.exec(style.clipPath)?.[1];
  const shape = name && element.ownerDocument.getElementById(name)?.querySelector("rect");
  if (!shape) return clip;
  const [x, y, width, height] = ["x", "y", "width", "height"].map((side) => shape[side].baseVal.value);
  const [a, , , d, e, f] = matrixOn(element);
  const own = [a * x + e, d * y + f, a * width, d * height];
  if (!clip) return own;
  const [left, top] = [Math.max(own[0], clip[0]), Math.max(own[1], clip[1])];
  return [left, top, Math.max(0, Math.min(own[0] + own[2], clip[0] + clip[2]) - left), Math.max(0, Math.min(own[1] + own[3], clip[1] + clip[3]) - top)];
}

const coloured = (colour) => !CLEAR.test(colour);

function shapeOf(element, style, d, clip, opacity) {
  const matrix = matrixOn(element);
  const rect = element.getBoundingClientRect();
  const wide = parseFloat(style.strokeWidth) || 0;
  const box = [rect.x - wide / 2, rect.y - wide / 2, Math.max(0.01, rect.width + wide), Math.max(0.01, rect.height + wide)];
  const shape = { kind: "path", d, matrix, box, clip, evenodd: style.fillRule === "evenodd" };
  const dash = style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat);
  const found = [];
  if (coloured(style.fill) && Number(style.fillOpacity) > 0) found.push({ ...shape, fill: plain(style.fill, element), opacity: opacity * Number(style.fillOpacity) });
  if (coloured(style.stroke) && wide > 0 && Number(style.strokeOpacity) > 0) {
    const line = { stroke: plain(style.stroke, element), width: wide, dash, cap: style.strokeLinecap, join: style.strokeLinejoin };
    found.push({ ...shape, ...line, opacity: opacity * Number(style.strokeOpacity) });
  }
  return found;
}

// A gradient as the colour of its middle.
function plain(colour, element) {
  const name = /url\("?#([^")]+)"?\)/.exec(colour)?.[1];
  if (!name) return colour;
  const stops = element.ownerDocument.getElementById(name)?.querySelectorAll("stop") || [];
  return stops.length ? getComputedStyle(stops[Math.floor(stops.length / 2)]).stopColor : "none";
}

// Letters of one run stand together; a tspan that is moved begins a new one.
function letteringOf(element, clip, opacity) {
  const runs = [];
  const collect = (node, style) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) runs.push({ text: child.data.replace(/\s+/g, " "), style });
      else if (child.nodeType === Node.ELEMENT_NODE && child.localName !== "title") collect(child, getComputedStyle(child));
    }
  };
  collect(element, getComputedStyle(element));
  const [a, b, c, d, e, f] = matrixOn(element);
  const total = element.getNumberOfChars();
  let at = 0;
  return runs.flatMap(({ text, style }) => {
    const count = Math.min([...text].length ? text.length : 0, total - at);
    if (count <= 0) return [];
    const start = element.getStartPositionOfChar(at);
    const width = element.getSubStringLength(at, count);
    at += count;
    const rtl = style.direction === "rtl";
    const x = rtl ? start.x - width : start.x;
    const { size, family, weight, italic } = faceOf(`${style.fontStyle === "italic" ? "italic " : ""}${style.fontWeight} ${style.fontSize} ${style.fontFamily}`);
    const fill = coloured(style.fill) ? style.fill : null;
    if (!fill || Number(style.fillOpacity) === 0) return [];
    return [{ kind: "text", text, matrix: [a, b, c, d, a * x + c * start.y + e, b * x + d * start.y + f], width, size, family, weight, italic, fill, rtl, opacity: opacity * Number(style.fillOpacity), clip }];
  });
}

function pictureOf(element, clip, opacity) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((side) => element[side].baseVal.value);
  const [a, b, c, d, e, f] = matrixOn(element);
  const href = element.href.baseVal;
  if (!href.startsWith("data:")) return [];
  const smooth = getComputedStyle(element).imageRendering === "auto";
  return [{ kind: "image", href, matrix: [a, b, c, d, a * x + c * y + e, b * x + d * y + f], width, height, smooth, opacity, clip }];
}
