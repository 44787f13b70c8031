// The picture of the page as a file, or on the clipboard.

import { composed } from "./compose.js";
import { gathered } from "./gather.js";
import { isDark, onPaper, printed } from "./paper.js";
import { MOST_VIEW, viewOfPage } from "./snapshot.js";
import { fileOf } from "./snapshot_file.js";
import { written } from "./svg.js";
import { handOut, saving } from "../shared/saving.js";
import { appRoot } from "../shared/routes.js";

export const FORMS = {
  slide: { name: "PNG for a slide", title: "1920 × 1080 pixels" },
  print: { name: "PNG for print", title: "300 dots an inch across A4" },
  svg: { name: "SVG", title: "Lines and letters, sharp at any size" },
  pdf: { name: "PDF", title: "Lines and letters, sharp at any size" },
  copy: { name: "Copy picture", title: "Onto the clipboard, as PNG" },
};
const SLIDE = [1920, 1080];
const PRINT = 3508; // pixels: the long side of A4 at 300 dots an inch
const MOST_HIGH = 14000; // pixels that every browser can make
const SHARP = 2; // pixels of a copied picture for one on the screen

// The picture of the page with its caption; paper: in the colours of print.
export async function sceneOfPage(caption, paper) {
  const picture = paper && isDark() ? await onPaper(async () => printed(await gathered())) : await gathered();
  return composed(picture, caption);
}

// What was made is handed out; gives the sentence for whoever waits.
export async function savePicture(form, caption) {
  const scene = await sceneOfPage(caption, saving().paper);
  const name = nameOfFile();
  if (form === "svg") handOut(new Blob([written(scene)], { type: "image/svg+xml" }), `${name}.svg`);
  else if (form === "slide") handOut(await pixels(scene, ...SLIDE), `${name}-slide.png`);
  else if (form === "print") handOut(await pixels(scene, ...onA4(scene)), `${name}-print.png`);
  else if (form === "pdf") handOut(await pdfOf(scene), `${name}.pdf`);
  else return copy(scene);
  return "";
}

const nameOfFile = () => `gaze-${saving().page || "page"}`;

// The view as a file that goes on without the app.
export async function savePage(caption) {
  const { view, drawing } = await viewOfPage(saving().page || "start", caption, MOST_VIEW);
  const { title, link } = view;
  const pin = { sentence: "", task: -1, title, caption, link, made: new Date().toISOString(), scene: null, view };
  const sheet = { title: `Gaze: ${title}`, who: "", tasks: [], pins: [pin] };
  handOut(await fileOf(sheet, drawing), `${nameOfFile()}.html`);
  return "";
}

// The width of the page; what is higher than it is wide keeps letters that can be read.
function onA4({ width, height }) {
  const share = Math.min(PRINT / width, MOST_HIGH / height);
  return [Math.round(width * share), Math.round(height * share)];
}

// The whole scene in the middle of so many pixels.
export async function pixels(scene, across, down) {
  const image = new Image();
  const blob = new Blob([written(scene, across, down)], { type: "image/svg+xml" });
  const url = URL.createObjectURL(blob);
  try {
    image.src = url;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: across, height: down });
    canvas.getContext("2d").drawImage(image, 0, 0, across, down);
    return await new Promise((done, failed) => canvas.toBlob((made) => (made ? done(made) : failed(new Error("no picture")))));
  } finally {
    URL.revokeObjectURL(url);
  }
}

// Letters that the app has no font for travel as pictures of themselves.
// scene: a picture, or {title, pages: [picture, ...]}.
export async function pdfOf(scene) {
  const url = new URL("gaze/pdf", appRoot({}));
  const ask = (one) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(one) });
  let reply = await ask(scene);
  if (reply.status === 409) reply = await ask(withDrawn(scene, (await reply.json()).lacking));
  if (!reply.ok) throw Object.assign(new Error(reply.statusText), { advice: (await reply.json().catch(() => ({}))).advice });
  return reply.blob();
}

async function copy(scene) {
  if (!navigator.clipboard?.write || typeof ClipboardItem === "undefined") return "This browser keeps pages from copying pictures: save a PNG.";
  try {
    const made = pixels(scene, Math.round(scene.width * SHARP), Math.round(scene.height * SHARP));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": made })]);
    return "The picture is copied: paste it where you want it.";
  } catch (error) {
    console.error(error);
    return "This browser keeps pages from copying pictures: save a PNG.";
  }
}

function withDrawn(scene, lacking) {
  if (scene.pages) return { ...scene, pages: scene.pages.map((page) => withDrawn(page, lacking)) };
  const letters = new Set(lacking);
  const items = scene.items.map((item) => (item.kind === "text" && [...item.text].some((letter) => letters.has(letter)) ? drawn(item) : item));
  return { ...scene, items };
}

const FINE = 4; // pixels of a letter's picture for one on the screen

function drawn(item) {
  const [wide, high] = [item.width + 4, item.size * 2];
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.ceil(wide * FINE), height: Math.ceil(high * FINE) });
  const pen = canvas.getContext("2d");
  pen.scale(FINE, FINE);
  pen.font = `${item.italic ? "italic " : ""}${item.weight} ${item.size}px ${item.family}`;
  pen.direction = item.rtl ? "rtl" : "ltr";
  pen.textAlign = "left";
  pen.fillStyle = item.fill;
  pen.fillText(item.text, 2, item.size * 1.4);
  const [a, b, c, d, e, f] = item.matrix;
  const [x, y] = [-2, -item.size * 1.4];
  const matrix = [a, b, c, d, e + a * x + c * y, f + b * x + d * y];
  return { kind: "image", href: canvas.toDataURL(), matrix, width: wide, height: high, smooth: true, opacity: item.opacity, clip: item.clip };
}
