// The row above every page, made once for a window: the page's name, undo and redo, projector mode, and their keys.

import { prepare, watchRoom } from "./fill.js";
import { beginHall, isOn, turn } from "./hall.js";
import { beginLecture, follow, lecture } from "./lecture.js";
import { drawBar, drawPanel } from "./lecture_panel.js";
import { popped, saveMenu } from "./menu.js";
import { shineRoom } from "./pointing.js";
import { reachable, step, tell, watchSteps } from "./steps.js";
import { make } from "../shared/dom.js";

const ICONS = {
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  save: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  lecture: "M4 5h16v10H4zM12 15v4m-4 1h8",
  projector: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
};

export default function show({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gaze-frame");
  window.gazeFrame ??= {};
  const state = window.gazeFrame;
  const first = !state.send;
  state.send = setTriggerValue;
  if (!root.firstChild) build(state, root);
  state.title.textContent = data.title;
  const moved = state.page !== data.page;
  state.page = data.page;
  if (first) begin(state);
  else if (moved) arrive(state);
  tell(state);
  state.sync();
  drawLecture(state); // a page may have made the row anew
  follow();
  // Tables that are no component's ask for the colour behind them: their first column covers what is scrolled under it.
  const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  document.documentElement.style.setProperty("--gaze-ground", ground);
}

function begin(state) {
  watchRoom(state);
  prepare(state);
  beginHall(state);
  watchSteps(state);
  beginLecture(() => drawLecture(state));
  window.addEventListener("keydown", (event) => press(state, event));
}

function drawLecture(state) {
  drawPanel(state.panel);
  drawBar(state.bar);
  shineRoom();
  state.room.setAttribute("aria-pressed", String(Boolean(lecture().room)));
}

function arrive(state) {
  prepare(state);
  closeList();
  document.querySelector(".stMain")?.scrollTo(0, 0);
}

function icon(name) {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  box.setAttribute("viewBox", "0 0 24 24");
  box.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  box.append(path);
  return box;
}

function build(state, root) {
  const button = (name, title, act) => {
    const one = make("button", name, { type: "button", title, ariaLabel: title }, icon(name));
    one.addEventListener("click", act);
    return one;
  };
  state.title = make("h1");
  const undo = button("undo", "Undo: what you looked at before (Ctrl+Z)", () => step(-1));
  const redo = button("redo", "Redo (Ctrl+Shift+Z)", () => step(1));
  const hall = button("projector", "Projector: large letters, the whole screen (P)", () => turn(state, !isOn(), true));
  hall.append(make("span", "word", "Projector"));
  const save = button("save", "Save what you see (Ctrl+S)", () => state.save());
  save.append(make("span", "word", "Save"));
  const { menu, show: showMenu } = saveMenu(save);
  state.save = showMenu;
  const room = button("lecture", "Room: give a lecture, or follow one", () => showRoom());
  room.append(make("span", "word", "Room"));
  state.panel = make("div", "menu panel", { popover: "auto" });
  const showRoom = popped(room, state.panel, "Room", () => drawPanel(state.panel));
  state.bar = make("div", "bar", { hidden: true });
  state.root = root;
  state.room = room;
  root.replaceChildren(state.title, undo, redo, save, room, hall, menu, state.panel, state.bar);
  state.sync = () => {
    undo.disabled = !reachable(-1);
    redo.disabled = !reachable(1);
    hall.setAttribute("aria-pressed", String(isOn()));
  };
}

// Whether keys belong to what somebody types in.
function typing(event) {
  const [target] = event.composedPath();
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName || "");
}

function press(state, event) {
  if (event.defaultPrevented || event.repeat || event.altKey || typing(event)) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "s" && !event.shiftKey) {
      event.preventDefault();
      state.save();
      return;
    }
    const stride = key === "z" ? (event.shiftKey ? 1 : -1) : key === "y" ? 1 : 0;
    if (!stride) return;
    event.preventDefault();
    step(stride);
  } else if (key === "p" && !event.shiftKey) turn(state, !isOn(), true);
  else if (key === "escape" && isOn()) turn(state, false, true);
}

// On a phone the list of pages lies over the page: it closes when one was chosen.
function closeList() {
  if (window.innerWidth > 700) return;
  const list = document.querySelector('[data-testid="stSidebar"]:not([aria-expanded="false"])');
  list?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
