// Projector mode: pages without the list of pages, on the whole screen, in letters for the back row.

import { prepare } from "./fill.js";
import { writeQuery } from "../shared/query.js";
import { setTallness, tallness } from "../shared/room.js";

const NAME = "projector"; // of the mode in the address, and of what the browser remembers
const CLASS = "gaze-projector";

export const isOn = () => document.documentElement.classList.contains(CLASS);

function remembered() {
  try {
    return localStorage.getItem(`gaze:${NAME}`) === "1";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function remember(on) {
  try {
    localStorage.setItem(`gaze:${NAME}`, on ? "1" : "0");
  } catch {
    // as above
  }
}

export function beginHall(state) {
  const asked = new URLSearchParams(location.search).get(NAME);
  if (asked === "1" || (asked === null && remembered())) turn(state, true);
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && isOn()) turn(state, false);
  });
}

// by hand: a key or a button, which alone may ask for the whole screen.
export function turn(state, on, byHand = false) {
  document.documentElement.classList.toggle(CLASS, on);
  remember(on);
  writeQuery({ [NAME]: on ? 1 : null });
  if (byHand && on) document.documentElement.requestFullscreen?.().catch(() => {}); // refused: the mode works without
  if (!on && document.fullscreenElement) document.exitFullscreen();
  state.fitted = "";
  state.shares.clear();
  prepare(state);
  setTallness(tallness()); // letters are larger now: everybody draws anew
  state.sync();
}
