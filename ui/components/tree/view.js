// Beam search as a tree: a column a step; what was pointed at lights the way that leads to it.

import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { larger, tall } from "../shared/room.js";
import { visible } from "../shared/text.js";

const LETTERS = 15; // pixels
const [NARROWEST, WIDEST] = [44, 240]; // pixels of a token's box
const AROUND_TOKEN = 16; // pixels of a box that its letters do not have
const GAP = 24; // pixels between steps at least
const ROW = 34;
const BOX = 26;
const SPACE = "http://www.w3.org/2000/svg";

export default function show(component) {
  return live(component, { selector: ".gaze-tree", fresh: () => ({ over: null }), receive, build });
}

function receive(view) {
  view.data = unpack(view.bytes).header;
  view.over = null;
  build(view);
}

function build(view) {
  const { root, data } = view;
  root.dataset.saved = ""; // its buttons are the picture
  view.size = sizeOf(root);
  const rows = 1 + Math.max(...data.nodes.map((node) => node.row));
  const scale = scaleOf(data, root);
  const [row, box] = [ROW * scale, Math.round(BOX * scale)];
  const { starts, widths, across } = columnsOf(data, root, scale);
  const picture = document.createElementNS(SPACE, "svg");
  const down = row * rows + 6;
  picture.setAttribute("width", across);
  picture.setAttribute("height", down);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${data.nodes.length} tokens in ${starts.length} steps`);
  const at = (node) => [starts[node.step], Math.round(node.row * row) + 4];
  view.lines = data.nodes.map((node) => {
    if (node.parent < 0) return null;
    const [[x1, y1], [x2, y2]] = [at(data.nodes[node.parent]), at(node)];
    const line = document.createElementNS(SPACE, "path");
    const from = x1 + widths[data.nodes[node.parent].step];
    const middle = (from + x2) / 2;
    line.setAttribute("d", `M${from} ${y1 + box / 2} C${middle} ${y1 + box / 2} ${middle} ${y2 + box / 2} ${x2} ${y2 + box / 2}`);
    picture.append(line);
    return line;
  });
  const layer = make("div", "nodes");
  view.boxes = data.nodes.map((node, index) => nodeElement(view, node, index, [...at(node), widths[node.step], box]));
  layer.append(picture, ...view.boxes);
  layer.style.width = `${across}px`;
  layer.style.height = `${down}px`;
  layer.style.setProperty("--letters", `${LETTERS * scale}px`);
  layer.style.setProperty("--box", `${box}px`);
  const scroll = make("div", "scroll");
  scroll.style.maxHeight = `${tall(data.height)}px`;
  scroll.append(layer);
  view.list = make("div", "texts");
  view.texts = data.texts.map((one, index) => textElement(view, one, index));
  view.list.append(...view.texts);
  view.readout = make("output", "readout");
  root.replaceChildren(scroll, view.readout, view.list);
  light(view, null);
}

// On a high screen letters and boxes grow, as far as the tree stays whole in its width.
function scaleOf(data, root) {
  const wanted = larger(1);
  const { least } = columnsOf(data, root, wanted);
  return Math.max(1, wanted * Math.min(1, root.clientWidth / least));
}

// A step is as wide as its longest token: none is cut. What is left of the width stands between the steps.
function columnsOf(data, root, scale) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `500 ${LETTERS * scale}px ${getComputedStyle(root).getPropertyValue("--st-code-font") || "monospace"}, monospace`;
  const widths = [];
  data.nodes.forEach(({ step, text }) => {
    const wide = Math.ceil(pen.measureText(visible(text)).width + AROUND_TOKEN);
    widths[step] = Math.max(widths[step] ?? NARROWEST, Math.min(WIDEST * scale, wide));
  });
  const taken = widths.reduce((sum, wide) => sum + wide, 8);
  const least = taken + GAP * (widths.length - 1);
  const gap = widths.length > 1 ? Math.min(3 * GAP * scale, Math.max(GAP, (root.clientWidth - taken) / (widths.length - 1))) : 0;
  const starts = widths.map((_, step) => 4 + widths.slice(0, step).reduce((sum, wide) => sum + wide + gap, 0));
  return { starts, widths, least, across: starts.at(-1) + widths.at(-1) + 4 };
}

function nodeElement(view, node, index, [x, y, wide, high]) {
  const one = make("span", `node${node.end ? " end" : ""}`, visible(node.text));
  one.style.left = `${x}px`;
  one.style.top = `${y}px`;
  one.style.width = `${wide}px`;
  one.style.height = `${high}px`;
  one.style.background = `color-mix(in oklab, var(--st-primary-color) ${(55 * node.share).toFixed(1)}%, var(--st-background-color))`;
  one.tabIndex = 0;
  const tell = () => light(view, index);
  one.addEventListener("pointerenter", tell);
  one.addEventListener("focus", tell);
  one.addEventListener("pointerleave", () => light(view, null));
  return one;
}

function textElement(view, one, index) {
  const button = make("button", "text");
  button.append(make("b", "", one.score.toFixed(3)), make("span", "", one.text || "(nothing)"), make("small", "", one.finished ? "" : "cut off"));
  button.dir = "auto";
  button.setAttribute("aria-pressed", String(index === view.data.chosen));
  button.addEventListener("click", () => view.send("text", { index }));
  button.addEventListener("pointerenter", () => light(view, one.path[one.path.length - 1]));
  button.addEventListener("pointerleave", () => light(view, null));
  return button;
}

// The way to a node; with none pointed at, the way of the text that is shown.
function light(view, last) {
  const { nodes, texts, chosen } = view.data;
  const lit = new Set();
  let index = last ?? (texts[chosen] ? texts[chosen].path[texts[chosen].path.length - 1] : -1);
  const [node] = [nodes[index]];
  while (index >= 0) {
    lit.add(index);
    index = nodes[index].parent;
  }
  view.boxes.forEach((box, k) => box.classList.toggle("lit", lit.has(k)));
  view.lines.forEach((line, k) => line && line.classList.toggle("lit", lit.has(k)));
  const way = [...lit].reverse().map((k) => visible(nodes[k].text)).join(" ");
  view.readout.textContent = node ? `${way}: the last token had ${(100 * node.share).toFixed(node.share < 0.0995 ? 1 : 0)}\u00a0%, the sum of logarithms is ${node.total.toFixed(3)}` : "";
}
