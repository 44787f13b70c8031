// Pointing: the lecturer presses something on the page, and a spotlight falls on it for all who follow.

import { lecture, order } from "./lecture.js";
import { shine } from "../shared/spotlight.js";
import { targetAt } from "../shared/targets.js";
import { pageHere } from "../shared/where.js";

const POINTING = "gaze-pointing"; // of the window while something is to be chosen

export const isPointing = () => document.documentElement.classList.contains(POINTING);

export function startPointing() {
  if (isPointing()) return;
  document.documentElement.classList.add(POINTING);
  const ended = new AbortController();
  const stop = () => {
    ended.abort();
    document.documentElement.classList.remove(POINTING);
    lecture().draw();
  };
  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  ["pointerdown", "mousedown", "mouseup", "pointerup"].forEach((name) => window.addEventListener(name, hold, { capture: true, signal: ended.signal }));
  window.addEventListener("click", (event) => {
    hold(event);
    const target = targetAt(event.clientX, event.clientY);
    stop();
    if (target) order("change", { spot: `${target.kind} ${target.which}`.trim() });
  }, { capture: true, signal: ended.signal });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    hold(event);
    stop();
  }, { capture: true, signal: ended.signal });
}

export const stopPointing = () => order("change", { spot: "" });

// The light of the room, for the lecturer and for who follows.
export function shineRoom() {
  const { room, now, following } = lecture();
  const [kind, ...which] = (room && now?.spot && (room.secret || following) ? now.spot : "").split(" ");
  shine("room", kind && now.page === pageHere() ? [{ kind, which: which.join(" ") }] : [], pageHere());
}
