// The lab sheet as it is handed in: PDF, Markdown with its pictures, one HTML file that goes on, or data.

import { lettersOf, wrapped } from "./compose.js";
import { pdfOf } from "./pictures.js";
import { about, bodyOf, drawingOf, pins } from "./sheet_store.js";
import { FORMAT, LARGEST_SHEET, VERSION, fileOf } from "./snapshot_file.js";
import { written } from "./svg.js";
import { zipOf } from "./zip.js";
import { handOut } from "../shared/saving.js";

export const HANDED_IN = {
  html: { name: "HTML", title: "One file that goes on without Gaze", ending: "html", make: asHtml },
  pdf: { name: "PDF", title: "A page a pin, sharp at any size", ending: "pdf", make: asPdf },
  markdown: { name: "Markdown", title: "A text with its pictures beside it, as a ZIP", ending: "zip", make: asMarkdown },
  data: { name: "JSON", title: "Sentences, pictures and links as data", ending: "json", make: asJson },
};
const MOST_PDF = 38_000_000; // letters of the pictures that the app takes at once
const EDGE_OF_PAGE = 24;
const WORDS = [17, 1.45]; // size and leading of a sentence above its picture, in pixels

// told(sentence): how far it is. Gives what else is to be said, or nothing.
export async function handIn(form, told) {
  const sheet = await wholeSheet();
  if (!sheet.pins.length) throw Object.assign(new Error("empty"), { advice: "The lab sheet is empty: pin a view first." });
  const { make, ending } = HANDED_IN[form];
  const name = `${sheet.title} ${sheet.who}`.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase();
  const file = await make(sheet, told);
  handOut(file, `${name.slice(0, 80) || "lab-sheet"}.${ending}`);
  return file.size > LARGEST_SHEET ? `This file has ${Math.round(file.size / 1e6)} MB, and the page Lab sheets reads up to ${LARGEST_SHEET / 1e6}: hand in JSON.` : "";
}

async function wholeSheet() {
  const some = await pins();
  const whole = [];
  for (const pin of some) whole.push({ ...pin, ...await bodyOf(pin.id), small: undefined });
  return { ...await about(), pins: whole };
}

const under = (sheet, pin) => (pin.task >= 0 && pin.task < sheet.tasks.length ? `${pin.task + 1}. ${sheet.tasks[pin.task]}` : "");

// Pins under their tasks in order, the others last.
function inOrder(sheet) {
  const place = (pin) => (under(sheet, pin) ? pin.task : sheet.tasks.length);
  return [...sheet.pins].sort((one, other) => place(one) - place(other) || one.order - other.order);
}

async function asHtml(sheet) {
  const keys = new Set(sheet.pins.flatMap((pin) => Object.values(pin.view.drawn)));
  return fileOf({ ...sheet, pins: inOrder(sheet) }, await drawingOf([...keys]));
}

async function asJson(sheet) {
  const some = inOrder(sheet).map((pin) => ({ ...pin, view: null }));
  return new Blob([JSON.stringify({ format: FORMAT, version: VERSION, ...sheet, pins: some })], { type: "application/json" });
}

const inMarkdown = (text) => text.replace(/([\\`*_{}[\]<>#|])/g, "\\$1");

async function asMarkdown(sheet) {
  const lines = [`# ${inMarkdown(sheet.title)}`, ...(sheet.who ? [inMarkdown(sheet.who)] : [])];
  const files = [];
  let before = "";
  inOrder(sheet).forEach((pin, k) => {
    const task = under(sheet, pin);
    if (task && task !== before) lines.push(`## ${inMarkdown(task)}`);
    before = task;
    const file = `pictures/${String(k + 1).padStart(3, "0")}-${pin.page}.svg`;
    files.push([file, written(pin.scene)]);
    lines.push(`### ${inMarkdown(pin.title)}`, ...(pin.sentence ? [inMarkdown(pin.sentence)] : []), `![${inMarkdown(pin.title)}](${file})`);
    lines.push(pin.caption.map((line) => inMarkdown(line)).join("  \n"), `[Open in Gaze](<${pin.link.replace(/[<>\n]/g, encodeURIComponent)}>)`);
  });
  return zipOf([["lab-sheet.md", `${lines.filter(Boolean).join("\n\n")}\n`], ...files]);
}

async function asPdf(sheet, told) {
  const some = inOrder(sheet);
  const pages = some.map((pin) => withWords(pin.scene, [under(sheet, pin), pin.sentence].filter(Boolean)));
  const size = JSON.stringify(pages).length;
  if (size > MOST_PDF) {
    const advice = `These pictures are ${Math.round(size / 1e6)} MB, a PDF takes ${Math.round(MOST_PDF / 1e6)}: hand in the HTML file, and print it from there.`;
    throw Object.assign(new Error("too large"), { advice });
  }
  told(`Making ${pages.length} pages …`);
  const title = [sheet.title, sheet.who].filter(Boolean).join(", ");
  return pdfOf({ title, pages });
}

// The page of a pin: task and sentence above its picture.
function withWords(scene, said) {
  const family = scene.items.find((item) => item.kind === "text")?.family ?? "sans-serif";
  const fill = scene.items.find((item) => item.kind === "text")?.fill ?? "#000";
  const [size, leading] = WORDS;
  const write = lettersOf(family);
  const lines = said.flatMap((text, k) => wrapped(text, scene.width - 2 * EDGE_OF_PAGE, family, size).map((line) => [line, k < said.length - 1 ? 650 : 400]));
  const high = lines.length ? lines.length * size * leading + 8 : 0;
  const items = lines.map(([line, weight], k) => write(line, EDGE_OF_PAGE, EDGE_OF_PAGE + size * (leading * k + 0.8), size, weight, fill));
  const below = scene.items.map((item) => {
    const [a, b, c, d, e, f] = item.matrix ?? [1, 0, 0, 1, 0, 0];
    const clip = item.clip && [item.clip[0], item.clip[1] + high, item.clip[2], item.clip[3]];
    return { ...item, matrix: [a, b, c, d, e, f + high], clip };
  });
  return { ...scene, items: [...items, ...below], height: Math.ceil(scene.height + high) };
}
