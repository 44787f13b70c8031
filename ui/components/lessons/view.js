// The list of lessons by theme: what each is about, how long it takes, and how far somebody came.

import { progressOf } from "../lesson/kept.js";
import { asWritten, make } from "../shared/dom.js";

export default function show({ data, parentElement }) {
  const root = parentElement.querySelector(".gaze-lessons");
  root.replaceChildren(...data.lessons.map(card));
  root.dataset.ready = "1";
  root.getRootNode().host?.setAttribute("data-ready", "1");
}

function card(lesson) {
  const { at, ended, steps } = progressOf(lesson.name);
  const begun = ended || at > 1 || Object.keys(steps).length > 0;
  const word = ended ? "Again" : begun ? "Go on" : "Begin";
  const go = make("button", "go", { type: "button", textContent: word, ariaLabel: `${word}: ${lesson.title}` });
  go.addEventListener("click", () => globalThis.gazeCourse?.begin(lesson.name, ended ? 1 : Math.min(at, lesson.steps)));
  const facts = [`${lesson.minutes} min`, `${lesson.steps} steps`, lesson.level].join(" · ");
  const far = ended ? "✓ finished" : begun ? `step ${at} of ${lesson.steps}` : "";
  return make("article", ended ? "card ended" : "card", {},
    asWritten("div", "theme", lesson.theme), asWritten("h3", "", lesson.title), asWritten("p", "", lesson.about),
    make("div", "line", {}, make("span", "facts", facts), make("span", "far", far), go));
}
