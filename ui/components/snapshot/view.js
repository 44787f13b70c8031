// A saved page: its views one under the other, each on a stage of its own, in light or dark.

import { goOnIn } from "./language.js";
import { make } from "../shared/dom.js";
import { written } from "../frame/svg.js";

const LAPTOP = [768, 230]; // lines of the screen that heights are given for, and of what stands round a view here
const DARK = "(prefers-color-scheme: dark)";

export default async function show() {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const state = { sheet: read("gaze-sheet"), ...read("gaze-parts"), frames: new Map() };
  await goOnIn(state.language);
  const wanted = window.matchMedia(DARK);
  turn(state, wanted.matches ? "dark" : "light");
  const main = make("main");
  const theme = make("button", "", { type: "button", textContent: "Light or dark" });
  theme.addEventListener("click", () => turn(state, document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  const { title, who, tasks, pins } = state.sheet;
  const about = make("div", "about", {}, make("h1", "", asTyped(title)), make("span", "grow"), theme);
  main.append(about);
  if (who) main.append(make("p", "who", asTyped(who)));
  const alone = pins.length === 1 && !pins[0].scene;
  sorted(tasks, pins).forEach(({ task, typed, some }) => {
    if (task) main.append(make("h2", "", typed ? asTyped(task) : task));
    some.forEach((pin) => main.append(entryOf(state, pin, alone)));
    if (!some.length) main.append(make("p", "who", "No pin under this task."));
  });
  document.body.append(main);
  window.addEventListener("message", (event) => hear(state, event));
  window.addEventListener("resize", () => state.frames.forEach((_, frame) => frame.contentWindow.postMessage({ gaze: { tall: tall() } }, "*")));
  wanted.addEventListener("change", () => turn(state, wanted.matches ? "dark" : "light"));
}

// What somebody wrote, or was said already when it was saved.
const asTyped = (text) => ({ textContent: text, dir: "auto" });

// Pins under the tasks that they answer; those under none come last.
function sorted(tasks, pins) {
  const groups = tasks.map((task, k) => ({ task: `${k + 1}. ${task}`, typed: true, some: pins.filter((pin) => pin.task === k) }));
  const rest = pins.filter((pin) => !(pin.task >= 0 && pin.task < tasks.length));
  return [...groups, ...(rest.length ? [{ task: tasks.length ? "More" : "", some: rest }] : [])];
}

function entryOf(state, pin, alone) {
  const entry = make("article");
  const link = make("a", "", { href: pin.link, textContent: "Open in Gaze", rel: "noreferrer" });
  const told = make("p", "told", { role: "status" });
  const caption = make("div", "caption", {}, ...pin.caption.map((line) => make("p", "", asTyped(line))));
  const stage = make("div", "stage");
  if (pin.sentence) entry.append(make("p", "sentence", asTyped(pin.sentence)));
  entry.append(stage, caption, make("p", "foot", {}, link), told);
  pin.view?.brought.forEach((line) => caption.append(make("p", "", line)));
  caption.hidden = Boolean(pin.scene); // a picture says it by itself
  const begin = () => {
    stage.replaceChildren(frameOf(state, pin, { link, told }));
    caption.hidden = false;
  };
  if (alone) {
    begin();
    return entry;
  }
  entry.prepend(make("h3", "", asTyped(pin.title)));
  if (pin.scene) {
    const src = URL.createObjectURL(new Blob([written(pin.scene)], { type: "image/svg+xml" }));
    const image = make("img", "picture", { src, alt: pin.title, width: pin.scene.width, height: pin.scene.height, loading: "lazy" });
    stage.append(image);
  }
  if (pin.view) {
    const explore = make("button", "", { type: "button", textContent: "Explore this view" });
    explore.addEventListener("click", () => {
      begin();
      explore.remove();
    });
    entry.querySelector(".foot").prepend(explore);
  }
  return entry;
}

const PHONE = 700; // pixels across
const tall = () => (window.innerWidth <= PHONE ? 1 : share());
const share = () => Math.min(3, Math.max(0.72, (window.innerHeight - LAPTOP[1]) / (LAPTOP[0] - LAPTOP[1])));
const inScript = (value) => JSON.stringify(value).replace(/</g, "\\u003c");

function frameOf(state, { view, link }, parts) {
  const { stage, ...drawing } = state.parts;
  const drawn = Object.entries(view.drawn);
  const styles = Object.fromEntries(drawn.map(([name, key]) => [name, drawing[key].style]));
  const given = { ...view, tall: tall(), theme: document.documentElement.dataset.theme, language: state.language };
  const frame = make("iframe", "", { sandbox: "allow-scripts", title: view.title });
  frame.srcdoc = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gaze</title>
<style>:root { ${state.theme.light} } :root[data-theme="dark"] { ${state.theme.dark} } ${stage.style}</style></head><body>
<script>globalThis.gazeStyles = ${inScript(styles)};</script>${drawn.map(([, key]) => `<script>${drawing[key].script}</script>`).join("")}
<script>${stage.script}
gazeComponents.stage(${inScript(given)});</script></body></html>`;
  // Who turned the colours meanwhile was not heard.
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ gaze: { theme: document.documentElement.dataset.theme } }, "*"));
  state.frames.set(frame, { ...parts, from: link });
  return frame;
}

function hear(state, { data, source }) {
  const found = [...state.frames].find(([frame]) => frame.contentWindow === source);
  if (!found || !data?.gaze) return;
  const [frame, { link, told, from }] = found;
  const { height, query, asked } = data.gaze;
  if (height > 0) frame.style.height = `${height}px`;
  if (typeof query === "string") {
    const address = new URL(from);
    address.search = query;
    link.href = address;
  }
  if (asked) told.textContent = "This asks a model: open the view in Gaze.";
}

function turn(state, theme) {
  document.documentElement.dataset.theme = theme;
  state.frames.forEach((_, frame) => frame.contentWindow?.postMessage({ gaze: { theme } }, "*"));
}
