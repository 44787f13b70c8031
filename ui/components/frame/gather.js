// What the page shows, as a scene: all that is drawn below the choices, canvases as the strokes that made them.

import { meet } from "./compose.js";
import { CLEAR, paintedBox } from "./boxes.js";
import { textItems } from "./lettering.js";
import { Recording } from "./record.js";
import { vectorItems } from "./vectors.js";
import { REDRAW } from "../shared/saving.js";

// Choices and words about the picture are no part of it.
export const CHOICES = [
  ".stSelectbox", ".stMultiSelect", ".stTextInput", ".stTextArea", ".stNumberInput", ".stSlider", ".stCheckbox", ".stRadio",
  ".stButtonGroup", ".stButton", ".stDownloadButton", ".stLinkButton", ".stPageLink", ".stPopover", ".stFileUploader", ".stExpander", ".stSpinner", ".stProgress",
].join(", ");
const LEFT_OUT = [
  CHOICES, ".gaze-notes", ".gaze-advice", "[data-unsaved]", "script", "style", "template", "input", "select", "textarea", "summary",
  "[role='radiogroup']:not([data-saved])", "label:has(input, select)", "[data-testid='stElementToolbar']", ".modebar-container", "[popover]", ".gaze-frame", ".st-key-along",
].join(", ");
const TINY = 2; // pixels: what is smaller is there for those who listen

export const pageName = () => document.title.replace(/^Gaze: /, "");

export async function gathered() {
  const { palette, take } = gatherer();
  const main = document.querySelector("[data-testid='stMain']");
  const items = await take(main.querySelector("[data-testid='stMainBlockContainer']") || main);
  return { items, ...palette, title: pageName() };
}

// {palette, take}: take(element) gives what is drawn in that part of the page.
export function gatherer() {
  const palette = paletteOf(document.querySelector("[data-testid='stMain']"));
  const recording = recorded(palette.ground);
  const take = async (element) => {
    const work = { items: [], recording, waiting: [] };
    walk(work, element, null, 1);
    await Promise.all(work.waiting);
    return work.items.filter((item) => item.kind !== "image" || item.href);
  };
  return { palette, take };
}

// Every canvas of ours draws itself anew, and what it draws is noted; on the screen nothing changes.
function recorded(ground) {
  const recording = new Recording(ground);
  globalThis.gazeRecording = recording;
  try {
    window.dispatchEvent(new Event(REDRAW));
  } finally {
    globalThis.gazeRecording = null;
  }
  return recording;
}

function paletteOf(main) {
  const app = document.querySelector("[data-testid='stApp']") || main;
  const style = getComputedStyle(app);
  return { ground: style.backgroundColor, ink: style.color, quiet: style.color, family: style.fontFamily };
}

function walk(work, element, clip, opacity) {
  if (element.matches(LEFT_OUT)) return;
  if (element.localName === "button" && !element.closest("[data-saved]")) return;
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || Number(style.opacity) === 0) return;
  const seen = opacity * Number(style.opacity);
  const rect = element.getBoundingClientRect();
  const inner = clipped(style, rect, clip);
  if (inner && (inner[2] <= TINY || inner[3] <= TINY)) return;
  if (element.localName === "svg") {
    work.items.push(...vectorItems(element, clip, seen));
    return;
  }
  if (style.borderTopWidth !== "0px" && holdsChoices(element)) return;
  paintedBox(work, element, style, rect, clip, seen);
  if (element.localName === "canvas") canvasItems(work, element, rect, clip, seen);
  else if (element.localName === "img") imageItem(work, element, rect, clip, seen);
  else if (element.localName === "iframe") frameItems(work, element, rect, clip, seen);
  else children(work, element, style, inner, seen);
}

// A frame round nothing but buttons.
function holdsChoices(element) {
  if (element.querySelector("canvas, svg, img")) return false;
  const buttons = element.closest("[data-saved]") ? [] : [...element.querySelectorAll("button")];
  return buttons.length > 0 && element.textContent.trim() === buttons.map((one) => one.textContent).join("").trim();
}

function children(work, element, style, clip, opacity) {
  const within = element.shadowRoot || element;
  const before = work.items.length;
  for (const node of within.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) work.items.push(...textItems(node, style, clip, opacity));
    else if (node.nodeType === Node.ELEMENT_NODE) walk(work, node, clip, opacity);
  }
  // What a view of ours drew, in colours that it chose.
  if (element.shadowRoot) work.items.slice(before).forEach((item) => { item.own = true; });
}

function clipped(style, rect, clip) {
  const cuts = style.overflowX !== "visible" || style.overflowY !== "visible" || style.clipPath.startsWith("inset");
  return cuts && style.display !== "contents" ? meet(clip, [rect.x, rect.y, rect.width, rect.height]) : clip;
}

function canvasItems(work, canvas, rect, clip, opacity) {
  const notes = work.recording.drawn.get(canvas);
  if (notes) {
    notes.items.forEach((item) => work.items.push(moved(item, rect.x, rect.y, clip, opacity)));
    return;
  }
  if (!canvas.width || !canvas.height) return;
  const image = { kind: "image", href: canvas.toDataURL(), matrix: [1, 0, 0, 1, rect.x, rect.y], width: rect.width, height: rect.height };
  work.items.push({ ...image, smooth: true, opacity, clip });
}

function moved(item, x, y, clip, opacity) {
  const [a, b, c, d, e, f] = item.matrix || [1, 0, 0, 1, 0, 0];
  const own = item.clip && [item.clip[0] + x, item.clip[1] + y, item.clip[2], item.clip[3]];
  const box = item.box && [item.box[0] + x, item.box[1] + y, item.box[2], item.box[3]];
  return { ...item, matrix: [a, b, c, d, e + x, f + y], box, clip: meet(own, clip), opacity: item.opacity * opacity };
}

// The pixels of a picture, whatever it was loaded from.
function imageItem(work, image, rect, clip, opacity) {
  if (!image.naturalWidth) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  const smooth = getComputedStyle(image).imageRendering !== "pixelated";
  const placed = { matrix: [1, 0, 0, 1, rect.x, rect.y], width: rect.width, height: rect.height, clip, opacity };
  work.items.push({ kind: "image", href: canvas.toDataURL(), smooth, ...placed });
}

// A page within the page, where it is ours.
function frameItems(work, frame, rect, clip, opacity) {
  const inside = frame.contentDocument?.body;
  if (!inside) return;
  const before = work.items.length;
  const ground = getComputedStyle(inside).backgroundColor;
  walk(work, inside, null, opacity);
  const cut = meet(clip, [rect.x, rect.y, rect.width, rect.height]);
  const added = work.items.splice(before).map((item) => moved(item, rect.x, rect.y, cut, 1));
  const [x, y, width, height] = cut;
  if (!CLEAR.test(ground)) work.items.push({ kind: "path", d: `M${x} ${y}h${width}v${height}h${-width}z`, fill: ground, opacity, box: cut });
  work.items.push(...added);
}
