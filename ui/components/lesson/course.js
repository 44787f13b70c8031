// A lesson as the browser holds it: which one, at which step, what was answered, and how a step opens its page.

import { note, noteStep, progressOf } from "./kept.js";
import { appRoot, postJson } from "../shared/routes.js";
import { STEPPED, pageRuns, visits } from "../shared/visits.js";
import { LESSON, LESSON_STEP, addressWith, ownQuery, pageHere } from "../shared/where.js";

const REST = 250; // milliseconds until what somebody did is looked at
const BUSY = 40; // milliseconds until a page that runs is asked again
const FRESH = 1000; // milliseconds between two looks at a lecturer's own file
const OWN = "own";
const UNHEARD = "The server does not answer. Go on to try again.";

export const course = () => {
  globalThis.gazeCourse ??= { name: "", step: 1, lesson: null, advice: "", tokens: null, version: null, draw() {}, begin };
  return globalThis.gazeCourse;
};

export const stepNow = () => course().lesson?.steps[course().step - 1] || null;
export const answeredNow = () => progressOf(course().name).steps[course().step] || {};
export const followsRoom = () => Boolean(globalThis.gazeLecture?.room && !globalThis.gazeLecture.room.secret && globalThis.gazeLecture.following);

const route = (what) => new URL(`gaze/lesson/${what}`, appRoot({}));

async function asked(what, body) {
  try {
    const reply = await postJson(route(what), body);
    const said = await reply.json();
    return reply.ok ? said : { advice: said.advice || UNHEARD };
  } catch {
    return { advice: UNHEARD };
  }
}

export function beginCourse(draw) {
  const state = course();
  state.draw = draw;
  read();
  window.navigation?.addEventListener("currententrychange", (event) => !visits().pushing && moved(event.navigationType));
  window.addEventListener(STEPPED, () => {
    read();
    later(); // a picture may have followed by itself: no page runs, and nothing else tells of it
  });
  if (!window.navigation) setInterval(read, FRESH);
  setInterval(look, FRESH);
}

// Streamlit and pages write addresses without the lesson: it is put back, but not where somebody stepped back to before it.
function moved(kind) {
  const state = course();
  if (kind === "traverse") stay();
  const there = new URLSearchParams(location.search).has(LESSON);
  if (there) state.beginning = false;
  if (state.beginning) return;
  if (!there && state.name && kind !== "traverse") write();
  read();
  if (state.drawn !== pageHere()) state.draw();
  later();
}

// Somebody went elsewhere meanwhile: a step that waits for its page to rest is not opened any more.
function stay() {
  const state = course();
  clearTimeout(state.opening);
  state.beginning = false;
}

// What the address says: the lesson and the step, or none.
export function read() {
  const state = course();
  if (state.beginning) return;
  const given = new URLSearchParams(location.search);
  const name = given.get(LESSON) || "";
  const step = Math.max(1, Math.floor(Number(given.get(LESSON_STEP))) || 1);
  if (name === state.name && (step === state.step || !name)) return;
  const other = name !== state.name;
  Object.assign(state, { name, step, tokens: null, ...(other ? { lesson: null, advice: "" } : {}) });
  if (other) clearTimeout(state.opening);
  if (other && name) load(true);
  else arrived();
}

function write() {
  const state = course();
  const address = new URL(location.href);
  address.searchParams.delete(LESSON);
  address.searchParams.delete(LESSON_STEP);
  if (state.name) {
    address.searchParams.set(LESSON, state.name);
    address.searchParams.set(LESSON_STEP, state.step);
  }
  if (address.search === location.search) return;
  visits().pushing = true;
  history.replaceState(history.state, "", address);
  visits().pushing = false;
}

async function load(lead) {
  const state = course();
  const { name } = state;
  const found = await asked("read", { lesson: name });
  if (state.name !== name) return;
  state.lesson = found.advice ? null : found.lesson;
  state.advice = found.advice || "";
  if (found.advice) state.beginning = false;
  state.version = found.version ?? state.version;
  if (state.lesson && state.step > state.lesson.steps.length) state.step = state.lesson.steps.length;
  if (lead && state.lesson && !followsRoom() && pageHere() !== stepNow().page) open(state.step);
  else arrived();
}

// A step has come: it is drawn, its tokens are asked for, and whether its task is done.
function arrived() {
  const state = course();
  const step = stepNow();
  if (step && !followsRoom()) note(state.name, { at: state.step, ended: progressOf(state.name).ended || state.step === state.lesson.steps.length });
  state.draw();
  if (step?.ask?.form === "tokens") fetchTokens();
  later();
}

async function fetchTokens() {
  const state = course();
  const { name, step } = state;
  const found = await asked("choices", { lesson: name, step });
  if (state.name !== name || state.step !== step) return;
  state.tokens = found.choices || [];
  if (found.advice) state.advice = found.advice;
  state.draw();
}

// Once a second: whether somebody else leads, and whether a lecturer's own file has changed.
async function look() {
  const state = course();
  const role = [followsRoom(), Boolean(globalThis.gazeLecture?.room?.secret)].join();
  if (state.name && state.role !== role) { // who lets go of a room goes on alone, who opens one may ask it
    state.role = role;
    state.draw();
  }
  if (state.name !== OWN || document.hidden) return;
  const found = await asked("version", {});
  if (found.version !== undefined && found.version !== state.version && state.name === OWN) {
    state.version = found.version;
    load(false);
  }
}

function later() {
  const state = course();
  clearTimeout(state.rest);
  state.rest = setTimeout(check, REST);
}

// Whether the task of the step is done where somebody is now.
async function check() {
  const state = course();
  const step = stepNow();
  if (!step?.do || answeredNow().done || pageHere() !== step.do.page) return;
  if (pageRuns() || visits().page !== pageHere() || globalThis.gazeFrame?.travel) { // its address is not written yet
    later();
    return;
  }
  const { name, step: number } = state;
  const place = { lesson: name, step: number, page: pageHere(), query: wholeQuery(step) };
  const found = await asked("done", place);
  if (!found.done || state.name !== name || state.step !== number) return;
  noteStep(name, number, { done: true });
  state.draw();
}

// The address with what the page left out of it on arrival, since it begins with the same by itself.
function wholeQuery(step) {
  const state = course();
  const [here, opened] = [new URLSearchParams(ownQuery(location.search)), new URLSearchParams(step.query)];
  if (state.settled !== `${state.name} ${state.step}`) {
    state.settled = `${state.name} ${state.step}`;
    state.left = [...opened.keys()].filter((key) => !here.has(key));
  }
  state.left.filter((key) => !here.has(key)).forEach((key) => opened.getAll(key).forEach((value) => here.append(key, value)));
  return here.toString();
}

export async function predict(guess) {
  const state = course();
  const { name, step } = state;
  const found = await asked("truth", { lesson: name, step });
  if (found.advice) {
    state.advice = found.advice;
    state.draw();
    return;
  }
  state.advice = "";
  noteStep(name, step, { guess, truth: found });
  if (state.name === name && state.step === step) state.draw();
}

export function begin(name, step = 1) {
  const state = course();
  if (state.name === name && state.lesson) {
    open(step);
    return;
  }
  Object.assign(state, { name, step, lesson: null, advice: "", tokens: null, beginning: true });
  load(true);
}

export function leave() {
  stay();
  Object.assign(course(), { name: "", step: 1, lesson: null, advice: "", tokens: null });
  write();
  course().draw();
}

export function move(stride) {
  const state = course();
  const next = state.step + stride;
  if (state.lesson && next >= 1 && next <= state.lesson.steps.length) open(next);
}

// Opens the page of a step as its link says, once the page of now rests.
export function open(number) {
  const state = course();
  clearTimeout(state.opening);
  Object.assign(state, { step: number, tokens: null, advice: "" });
  if (pageRuns()) {
    state.opening = setTimeout(() => open(number), BUSY);
    return;
  }
  lead(stepNow());
  arrived();
}

export function lead({ page, query }) {
  const state = course();
  const parts = new URLSearchParams(query);
  parts.set(LESSON, state.name);
  parts.set(LESSON_STEP, state.step);
  if (pageHere() !== page) {
    state.send("led", { page, query: parts.toString() });
    return;
  }
  const address = addressWith(parts.toString());
  const other = ownQuery(location.search) !== ownQuery(address.search);
  visits().pushing = true;
  history.pushState(history.state, "", address);
  visits().pushing = false;
  later();
  if (other) window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  else if (globalThis.gazeFrame) globalThis.gazeFrame.base = { path: location.pathname, search: location.search, ready: true };
}
