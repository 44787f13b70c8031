// The row above every page, made once for a window: the page's name, undo and redo, projector mode, and their keys.

import { actionBar } from "./actions.js";
import { watchHands } from "./ahead.js";
import { outsideLink } from "./embed.js";
import { prepare, watchRoom } from "./fill.js";
import { beginHall, isOn, turn } from "./hall.js";
import { blankScreen, fullScreen, isTaken, keyList, nextStep } from "./keys.js";
import { beginLanguage, languageList } from "./languages.js";
import { beginLecture, follow, lecture } from "./lecture.js";
import { drawBar, drawPanel } from "./lecture_panel.js";
import { popped, saveMenu } from "./menu.js";
import { shineRoom } from "./pointing.js";
import { labSheet } from "./sheet_drawer.js";
import { reachable, step, tell, watchSteps } from "./steps.js";
import { mendList } from "./list.js";
import { typeOnArrival, typeText } from "./typing.js";
import { make } from "../shared/dom.js";
import { saving } from "../shared/saving.js";

const ICONS = {
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  save: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  pin: "M12 17v5M8 3h8l-1 6 3 4v2H6v-2l3-4z",
  sheet: "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
  lecture: "M4 5h16v10H4zM12 15v4m-4 1h8",
  language: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
  keys: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
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
  mendList();
  // Tables that are no component's ask for the colour behind them: their first column covers what is scrolled under it.
  const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  document.documentElement.style.setProperty("--gaze-ground", ground);
}

function begin(state) {
  beginLanguage();
  saving().page ||= state.page;
  watchRoom(state);
  prepare(state);
  beginHall(state);
  watchSteps(state);
  beginLecture(() => drawLecture(state));
  watchHands();
  window.addEventListener("keydown", (event) => press(state, event));
}

function drawLecture(state) {
  drawPanel(state.panel);
  drawBar(state.bar);
  shineRoom();
  state.room.setAttribute("aria-pressed", String(Boolean(lecture().room)));
}

function arrive(state) {
  if (state.travel?.path !== location.pathname) state.travel = null; // a page that was left behind its picture
  Object.assign(saving(), { page: state.page, offers: [], caption: [] }); // what the page before gave away is not here
  prepare(state);
  closeList();
  document.querySelector(".stMain")?.scrollTo(0, 0);
  if (state.types) typeOnArrival();
  state.types = false;
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
  const pin = button("pin", "Pin this view to the lab sheet (K)", () => state.sheet.pin());
  pin.append(make("span", "word", "Pin"));
  const count = make("span", "count");
  const sheet = button("sheet", "Lab sheet: what you pinned", () => state.sheet.open());
  sheet.append(make("span", "word", "Sheet "), count);
  state.tell = (pins) => {
    count.textContent = pins || "";
    sheet.ariaLabel = pins ? `Sheet ${pins}: what you pinned` : "Sheet: what you pinned";
  };
  state.sheet ??= labSheet((pins) => state.tell(pins));
  state.sheet.count();
  const room = button("lecture", "Room: give a lecture, or follow one", () => showRoom());
  room.append(make("span", "word", "Room"));
  state.panel = make("div", "menu panel", { popover: "auto" });
  const showRoom = popped(room, state.panel, "Room", () => drawPanel(state.panel));
  const language = button("language", "Language", () => showLanguages());
  language.append(make("span", "word only-menu", "Language"));
  const languages = make("div", "menu languages", { popover: "auto" });
  const showLanguages = popped(language, languages, "Language", () => languages.replaceChildren(...languageList()));
  state.bar = make("div", "bar", { hidden: true });
  state.root = root;
  state.room = room;
  state.keys = keyList();
  const keys = button("keys", "Keys (?)", () => showKeys(state));
  keys.append(make("span", "word only-menu", "Keys"));
  state.blank = blankScreen();
  const { actions, more } = actionBar([undo, redo, save, pin, sheet, room, hall, language, keys]);
  const layers = [menu, state.panel, languages, state.bar, state.sheet.drawer, state.sheet.toast, state.keys, state.blank.cover];
  root.replaceChildren(state.title, more, actions, ...layers, ...outsideLink(root));
  state.sync = () => {
    undo.disabled = !reachable(-1);
    redo.disabled = !reachable(1);
    hall.setAttribute("aria-pressed", String(isOn()));
  };
}

function showKeys(state) {
  state.keys.togglePopover();
  if (state.keys.matches(":popover-open")) state.keys.focus();
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
  } else if (!isTaken(key)) pressAlone(state, event, key);
}

// A key without Ctrl.
function pressAlone(state, event, key) {
  const act = {
    k: () => state.sheet.pin(), p: () => turn(state, !isOn(), true), b: () => state.blank.blank(), f: fullScreen,
    "?": () => showKeys(state), "/": () => typeText() && event.preventDefault(), escape: () => isOn() && turn(state, false, true),
  };
  if (key === " ") {
    const [target] = event.composedPath();
    const free = !target.matches?.("button, a, summary, canvas, [role], [tabindex]") && !document.documentElement.classList.contains("gaze-in-lesson");
    if (free && nextStep()) event.preventDefault();
  } else if (key in act && ("?/".includes(key) || !event.shiftKey)) {
    act[key]();
  }
}

// On a phone the list of pages lies over the page: it closes when one was chosen.
function closeList() {
  if (window.innerWidth > 700) return;
  const list = document.querySelector('[data-testid="stSidebar"]:not([aria-expanded="false"])');
  list?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
