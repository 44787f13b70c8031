// The panel of a lesson: where one is, what is said, asked and to be done, and the way on.

import { answeredNow, course, followsRoom, lead, leave, move, open, stepNow } from "./course.js";
import { choicesOf, isAsked, questionBox } from "./question.js";
import { paragraphs } from "./words.js";
import { asWritten, make } from "../shared/dom.js";
import { shine } from "../shared/spotlight.js";
import { pageHere } from "../shared/where.js";

const MOST_OPTIONS = 8; // of a question to a room

const press = (name, text, act, more = {}) => {
  const one = make("button", name, { type: "button", textContent: text, ...more });
  one.addEventListener("click", act);
  return one;
};

export function drawPanel(root) {
  const { name, lesson, advice } = course();
  const page = document.documentElement;
  const was = page.classList.contains("gaze-in-lesson");
  course().drawn = pageHere();
  page.classList.toggle("gaze-in-lesson", Boolean(name));
  if (was !== Boolean(name)) window.dispatchEvent(new Event("resize")); // the picture has another width now
  root.hidden = !name;
  if (!name) {
    root.replaceChildren();
    veil(null);
    return;
  }
  const step = stepNow();
  const body = lesson && step ? said(step) : [make("p", "quiet", advice ? "" : "One moment …")];
  const scrolled = root.querySelector(".body")?.scrollTop || 0;
  const same = root.dataset.at === `${name} ${course().step}`;
  root.dataset.at = `${name} ${course().step}`;
  root.replaceChildren(head(lesson), make("div", "body", {}, ...body, make("p", "advice", { role: "alert", textContent: advice })), foot(lesson));
  if (same) root.querySelector(".body").scrollTop = scrolled;
  veil(step);
}

function head(lesson) {
  const small = press("fold", "", () => course().root.classList.toggle("folded"), { ariaLabel: "Fold the lesson", title: "Fold" });
  small.textContent = "▼";
  return make("div", "head", {}, lesson ? asWritten("h2", "", lesson.title) : make("h2", "", "Lesson"), small, press("leave", "✕", leave, { ariaLabel: "Leave the lesson", title: "Leave the lesson" }));
}

function said(step) {
  const { done } = answeredNow();
  const open_ = pageHere() !== step.page ? [press("choice go", "Go to the page of this step", () => open(course().step))] : [];
  const finished = step.ask ? !isAsked() : step.do ? Boolean(done) : true;
  return [
    asWritten("h3", "title", step.title), ...paragraphs(step.text), ...open_,
    ...(step.ask ? [questionBox(step), ...toRoom(step)] : []),
    ...(step.do ? [task(step, done)] : []),
    ...(step.home && finished ? [make("section", "home", { ariaLabel: "Take home" }, make("h3", "", "Take home"), asWritten("p", "", step.home))] : []),
  ];
}

function task(step, done) {
  const box = make("section", done ? "do done" : "do", { ariaLabel: "Do" }, make("h3", "", done ? "Done" : "Do"));
  box.append(make("p", "", {}, make("span", "tick", { textContent: done ? "✓" : "○", ariaHidden: "true" }), asWritten("span", "", step.do.tell)));
  box.append(make("p", "status", { role: "status", textContent: done ? "You did it." : "" }));
  if (!done) box.append(press("quietly", "Show me how it looks", () => lead(step.do)));
  return box;
}

// Who leads a room may have all of them predict.
function toRoom(step) {
  const { room, order } = globalThis.gazeLecture || {};
  const options = choicesOf(step.ask).slice(0, MOST_OPTIONS);
  if (!room?.secret || !order || options.length < 2) return [];
  return [press("quietly", "Ask the room", async ({ target }) => {
    if (await order("ask", { text: step.ask.ask, options })) target.textContent = "Asked: the bars are under Room";
  })];
}

function foot(lesson) {
  const { step } = course();
  const count = lesson?.steps.length || 0;
  if (followsRoom()) return make("div", "foot", {}, make("span", "quiet", "The lecturer leads."), progress(step, count));
  const back = press("way", "Back", () => move(-1), { disabled: step <= 1 });
  const last = count > 0 && step >= count;
  const on = press("way on", last ? "Finish" : "Next", last ? finish : () => move(1), { disabled: !lesson, title: last ? "" : "Space" });
  return make("div", "foot", {}, back, progress(step, count), on);
}

function progress(step, count) {
  const bar = make("div", "progress", { role: "img", ariaLabel: `Step ${step} of ${count}` });
  for (let k = 1; k <= count; k += 1) bar.append(make("i", k === step ? "here" : k < step ? "past" : "", ""));
  return bar;
}

function finish() {
  leave();
  course().send("led", { page: "lessons", query: "" });
}

// What would give the answer away is veiled until somebody predicted; what the step speaks of lights up.
function veil(step) {
  const there = Boolean(step) && pageHere() === step.page;
  const hidden = there && isAsked() && step.ask.hide;
  document.documentElement.classList.toggle("gaze-veiled", hidden);
  shine("lesson", there ? step.lights.filter(({ kind }) => !hidden || kind === "control") : [], step?.page);
}
