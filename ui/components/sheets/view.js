// Handed-in lab sheets: files are opened here, in the browser, and the same task of all is seen side by side.

import { sheetFrom } from "./read.js";
import { addressOf } from "../frame/sheet_address.js";
import { LARGEST_SHEET } from "../frame/snapshot_file.js";
import { written } from "../frame/svg.js";
import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

const MOST_FILES = 400;
const PHONE = 700; // pixels across up to which a page scrolls as a whole
const NONE = "Under no task";

export default function show(component) {
  return live(component, {
    selector: ".gaze-sheets",
    fresh: () => ({ sheets: [], refused: [], task: 0 }),
    mount: (view) => mountSheets(view),
    receive(view) {
      view.data = unpack(view.bytes).header;
      build(view);
    },
    build,
  });
}

function mountSheets(view) {
  const { root } = view;
  root.dataset.saved = "";
  const file = make("input", "", { type: "file", multiple: true, accept: ".html,.json", hidden: true, "aria-label": "Files of lab sheets" });
  file.addEventListener("change", async () => {
    await openFiles(view, [...file.files]);
    file.value = "";
  });
  const open = button("Open lab sheets", () => file.click());
  open.title = "Many at once: HTML or JSON as students hand them in. They stay in this browser.";
  view.tasks = make("select", "", { "aria-label": "Task" });
  view.tasks.addEventListener("change", () => choose(view, Number(view.tasks.value)));
  view.before = button("‹", () => choose(view, view.task - 1));
  view.after = button("›", () => choose(view, view.task + 1));
  Object.assign(view.before, { ariaLabel: "Task before", title: "Task before" });
  Object.assign(view.after, { ariaLabel: "Next task", title: "Next task" });
  view.told = make("span", "count", { role: "status" });
  view.refusals = make("ul", "refused");
  view.cards = make("div", "cards");
  root.append(make("div", "bar", {}, open, file, view.before, view.tasks, view.after, view.told), view.refusals, view.cards);
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    openFiles(view, [...event.dataTransfer.files]);
  });
}

function button(text, act) {
  const one = make("button", "", { type: "button", textContent: text });
  one.addEventListener("click", act);
  return one;
}

// Reads one after the other; what is no sheet is named, the others are shown.
async function openFiles(view, files) {
  view.refused = files.length > MOST_FILES ? [`Up to ${MOST_FILES} files are read at once: the others are left out.`] : [];
  const names = new Set(view.sheets.map(({ name }) => name));
  for (const file of files.slice(0, MOST_FILES)) {
    view.told.textContent = `Reading “${file.name}” …`;
    try {
      const sheet = { name: file.name, ...await readFile(file) };
      if (names.has(file.name)) view.sheets = view.sheets.filter(({ name }) => name !== file.name);
      view.sheets.push(sheet);
    } catch (error) {
      if (!error.advice) console.error(error);
      view.refused.push(error.advice || `“${file.name}” cannot be read: ask for it again.`);
    }
  }
  view.sheets.sort((one, other) => one.who.localeCompare(other.who));
  view.topics = topicsOf(view.sheets);
  choose(view, view.task);
}

async function readFile(file) {
  if (file.size > LARGEST_SHEET) {
    throw Object.assign(new Error("large"), { advice: `“${file.name}” has ${Math.round(file.size / 1e6)} MB: up to ${LARGEST_SHEET / 1e6} are read.` });
  }
  return sheetFrom(file.name, await file.text());
}

// All tasks in the order in which the sheets have them; sheets of one class have the same.
function topicsOf(sheets) {
  const tasks = [...new Set(sheets.flatMap((sheet) => sheet.tasks))];
  const loose = sheets.some((sheet) => sheet.pins.some((pin) => !(sheet.tasks[pin.task])));
  return [...tasks, ...(loose || !tasks.length ? [null] : [])];
}

function choose(view, task) {
  view.task = Math.min(Math.max(0, task), Math.max(0, view.topics.length - 1));
  build(view);
}

function build(view) {
  const { root, sheets } = view;
  const topics = view.topics ??= [];
  view.size = sizeOf(root);
  root.style.height = window.innerWidth > PHONE ? `${tall(view.data.height)}px` : "";
  const options = topics.map((topic, k) => make("option", "", { value: k, textContent: topic === null ? NONE : `${k + 1}. ${topic}` }));
  view.tasks.replaceChildren(...options);
  view.tasks.value = String(view.task);
  [view.tasks, view.before, view.after].forEach((one) => { one.hidden = topics.length < 2; });
  view.before.disabled = view.task === 0;
  view.after.disabled = view.task >= topics.length - 1;
  view.refusals.replaceChildren(...view.refused.map((sentence) => make("li", "", sentence)));
  const answers = sheets.map((sheet) => ({ sheet, pins: sheet.pins.filter((pin) => (sheet.tasks[pin.task] ?? null) === topics[view.task]) }));
  const answered = answers.filter(({ pins }) => pins.length).length;
  view.told.textContent = sheets.length ? `${answered} of ${sheets.length} sheets have an answer` : "";
  view.cards.replaceChildren(...(sheets.length ? answers.map((one) => cardOf(one)) : [hint()]));
}

const hint = () => make("div", "hint", {},
  make("p", "", "Open the files that students handed in: many at once, or drop them here."),
  make("p", "", "You see the same task of all of them side by side. The files stay in this browser, and nothing in them is run."));

function cardOf({ sheet, pins }) {
  const card = make("section", "card", {}, make("h3", "", { textContent: sheet.who, dir: "auto" }));
  if (!pins.length) card.append(make("p", "none", "No pin under this task."));
  pins.forEach((pin) => {
    const open = make("a", "", { href: addressOf(pin), target: "_blank", rel: "noopener", textContent: "Open here" });
    card.append(make("p", "sentence", { textContent: pin.sentence || "No sentence.", dir: "auto" }), pictureOf(pin));
    card.append(make("p", "foot", {}, ...(pin.page ? [open] : []), make("span", "", { textContent: pin.caption.join(" · "), dir: "auto" })));
  });
  return card;
}

// A picture in which nothing can run: drawn anew from its parts, as an image.
function pictureOf(pin) {
  if (!pin.scene) return make("p", "none", "Its picture is left out: it is not one that Gaze drew.");
  const image = make("img", "", { alt: `Picture of ${pin.title}`, width: pin.scene.width, height: pin.scene.height, loading: "lazy" });
  image.src = URL.createObjectURL(new Blob([written(pin.scene)], { type: "image/svg+xml" }));
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  const large = make("button", "large", { type: "button", title: "Larger", ariaLabel: `Larger: ${pin.title}`, "aria-pressed": "false" }, image);
  large.addEventListener("click", () => {
    const on = large.closest(".card").classList.toggle("wide");
    large.setAttribute("aria-pressed", String(on));
  });
  return large;
}
