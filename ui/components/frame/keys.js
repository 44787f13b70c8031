// What keys do above every page, told when somebody presses "?".

import { make } from "../shared/dom.js";

const KEYS = [
  ["/", "Type: the text of this page"],
  ["K", "Pin this view to the lab sheet"],
  ["Ctrl S", "Save what you see"],
  ["Ctrl Z", "Undo: what you looked at before"],
  ["Ctrl Shift Z", "Redo"],
  ["Space", "Next step, where the page has steps"],
  ["P", "Projector: large letters"],
  ["F", "Full screen"],
  ["B", "Blank the screen; any key or a click brings it back"],
  ["← ↑ → ↓", "In a picture: heads, layers, cells, words"],
  ["Enter", "In a picture: hold what is pointed at"],
  ["Esc", "Let go, close, leave projector mode"],
  ["?", "This list"],
];

export function keyList() {
  const rows = KEYS.map(([key, does]) => make("div", "key", {}, make("kbd", "", key), make("span", "", does)));
  const list = make("div", "menu keylist", { popover: "auto", role: "dialog", "aria-label": "Keys", tabIndex: -1 }, make("h2", "", "Keys"), ...rows);
  return list;
}

// The screen is dark until somebody does something.
export function blankScreen() {
  const cover = make("div", "blank", { popover: "manual", role: "alertdialog", "aria-label": "The screen is blank: press any key" });
  const end = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    cover.hidePopover();
    window.removeEventListener("keydown", end, true);
  };
  return {
    cover,
    blank() {
      cover.showPopover();
      cover.onclick = end;
      window.addEventListener("keydown", end, true);
    },
  };
}

export function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // some browsers allow it nowhere
}

// Presses what leads a page on to its next step; whether there was one.
export function nextStep() {
  for (const { view } of globalThis.gazeShown?.values() ?? []) {
    const button = view.root.querySelector("[data-next]:not(:disabled)");
    if (button?.checkVisibility()) {
      button.click();
      return true;
    }
  }
  return false;
}

// Whether a button of the page takes this key for itself.
export const isTaken = (key) => Boolean(document.querySelector(`.stMain kbd[aria-label="Shortcut ${key.toUpperCase()}"]`));
