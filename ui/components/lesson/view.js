// A lesson beside the pages that it leads through, made once for a window; its state stands in the address.

import { beginCourse, course, followsRoom, move, read } from "./course.js";
import { drawPanel } from "./panel.js";

export default function show({ parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gaze-lesson");
  const state = course();
  const first = !state.send;
  Object.assign(state, { send: setTriggerValue, root });
  root.tabIndex = -1; // what is pressed in it gives the keys to it, not to the page behind
  root.setAttribute("role", "complementary");
  root.setAttribute("aria-label", "Lesson");
  if (first) {
    beginCourse(() => drawPanel(course().root));
    window.addEventListener("keydown", pressed);
  }
  if (!first) read();
  drawPanel(root);
}

// Space goes on, unless it belongs to what somebody types in or presses.
function pressed(event) {
  const { name, lesson } = course();
  const [target] = event.composedPath();
  const busy = target.isContentEditable || target.closest?.("input, textarea, select, button, a, summary, canvas, [role]:not(.gaze-lesson), [tabindex]:not(.stMain, .gaze-lesson)");
  if (event.key !== " " || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !name || !lesson) return;
  if (busy && target !== document.body) return;
  event.preventDefault();
  if (!event.repeat && !followsRoom()) move(event.shiftKey ? -1 : 1);
}
