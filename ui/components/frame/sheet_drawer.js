// The lab sheet beside the page: tasks, pins in their order, each with a sentence of one's own, and what is handed in.

import { groupsOf, pinElement } from "./sheet_list.js";
import { HANDED_IN, handIn } from "./sheet_out.js";
import { pinPage } from "./sheet_pins.js";
import { CHANGED, about, addPin, changePin, emptySheet, pins, removePin, setAbout, setOrder } from "./sheet_store.js";
import { LONGEST_FILE, tasksAsWord, tasksFrom, tasksFromWord } from "./sheet_tasks.js";
import { make } from "../shared/dom.js";
import { writeQuery } from "../shared/query.js";

const TASKS = "tasks"; // of the tasks in an address
const FAULT = "This did not work on the lab sheet. Reload the page and do it again.";

// counted(count): how many pins there are. Gives {drawer, open, pin}.
export function labSheet(counted) {
  const drawer = make("aside", "sheet", { popover: "manual", "aria-label": "Lab sheet" });
  const state = { drawer, counted, task: -1, undo: null, shape: "" };
  state.told = make("p", "told", { role: "status" });
  state.toast = make("div", "toast", { role: "status", popover: "manual" });
  buildDrawer(state);
  window.addEventListener(CHANGED, () => attempt(state, () => draw(state)));
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    drawer.hidePopover();
    state.opener?.focus();
  });
  attempt(state, () => beginSheet(state));
  const open = () => {
    state.opener = drawer.getRootNode().activeElement;
    state.toast.hidePopover();
    drawer.togglePopover();
    if (drawer.matches(":popover-open")) drawer.querySelector(".who").focus();
  };
  const count = () => attempt(state, async () => counted((await pins()).length));
  return { drawer, toast: state.toast, open, count, pin: () => attempt(state, () => pin(state)) };
}

// Tasks that came with the address are taken, and the drawer shows them.
async function beginSheet(state) {
  const word = new URLSearchParams(location.search).get(TASKS);
  if (word !== null) {
    writeQuery({ [TASKS]: null });
    const given = await tasksFromWord(word);
    state.drawer.showPopover();
    await takeTasks(state, given);
  }
  await draw(state);
}

async function attempt(state, act) {
  try {
    await act();
  } catch (error) {
    if (!error.advice) console.error(error);
    say(state, error.advice || FAULT);
  }
}

// Where somebody sees it: in the drawer, or over the page while that is shut.
function say(state, sentence, ...more) {
  const open = state.drawer.matches(":popover-open");
  const place = open ? state.told : state.toast;
  state.told.replaceChildren();
  place.replaceChildren(sentence, ...more);
  clearTimeout(state.rest);
  if (open) return;
  state.toast.showPopover();
  state.rest = setTimeout(() => state.toast.hidePopover(), 5000);
}

async function pin(state) {
  say(state, "Pinning …");
  const { id } = await pinPage(state.task);
  const some = await pins();
  const count = some.length;
  say(state, `Pinned. Pins on the lab sheet: ${count}.`);
  if (state.drawer.matches(":popover-open")) state.list.querySelector(`[data-id="${id}"] textarea`)?.focus();
}

function buildDrawer(state) {
  const { drawer } = state;
  const press = (text, title, act) => {
    const one = make("button", "item", { type: "button", textContent: text, title });
    one.addEventListener("click", () => attempt(state, act));
    return one;
  };
  state.title = make("h2", "name");
  state.who = make("input", "who", { type: "text", placeholder: "Your name", "aria-label": "Your name", maxLength: 200 });
  state.who.addEventListener("change", () => attempt(state, () => setAbout({ who: state.who.value })));
  const file = make("input", "", { type: "file", accept: ".md,.markdown,.txt", hidden: true });
  file.addEventListener("change", () => attempt(state, async () => {
    const [chosen] = file.files;
    file.value = "";
    if (chosen) await openTasks(state, chosen);
  }));
  state.link = press("Link with the tasks", "Copy a link that brings these tasks along", () => copyTasks(state));
  const close = press("×", "Close", () => drawer.hidePopover());
  close.ariaLabel = "Close the lab sheet";
  state.list = make("div", "pins");
  const out = Object.entries(HANDED_IN).map(([form, { name, title }]) => press(name, title, async () => {
    say(state, "Making the file …");
    say(state, await handIn(form, (sentence) => say(state, sentence)));
  }));
  drawer.append(
    make("div", "head", {}, state.title, close), state.who,
    make("div", "items", {}, press("Pin this view", "Put what you see on the sheet (K)", () => pin(state)), press("Open tasks", "A lecturer's file of tasks, in Markdown", () => file.click()), state.link, file),
    state.told, state.list,
    make("div", "items out", {}, make("span", "quiet", "Hand in:"), ...out, make("span", "grow"), press("Empty", "Take everything off the sheet", () => empty(state))),
  );
}

async function openTasks(state, file) {
  if (file.size > LONGEST_FILE) throw Object.assign(new Error("large"), { advice: `A file of tasks has up to ${LONGEST_FILE / 1000} kB.` });
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    throw Object.assign(error, { advice: `“${file.name}” is no text in UTF-8: save it as plain text.` });
  }
  await takeTasks(state, tasksFrom(text));
}

async function takeTasks(state, given) {
  const before = await about();
  await setAbout(given);
  const back = before.tasks.length ? [undoButton(state, () => setAbout({ title: before.title, tasks: before.tasks }))] : [];
  say(state, `Tasks on the sheet: ${given.tasks.length}.`, ...back);
}

async function copyTasks(state) {
  const address = new URL(location.href);
  address.searchParams.set(TASKS, await tasksAsWord(await about()));
  await navigator.clipboard.writeText(address.href).catch((error) => {
    throw Object.assign(error, { advice: "This browser keeps pages from copying: hand out the file." });
  });
  say(state, "The link is copied: it opens this view with the tasks beside it.");
}

function undoButton(state, act) {
  const button = make("button", "item", { type: "button", textContent: "Undo" });
  button.addEventListener("click", () => attempt(state, async () => {
    await act();
    say(state, "It is as before.");
  }));
  return button;
}

async function remove(state, pinned) {
  const { pin: before, body } = await removePin(pinned);
  say(state, "Removed.", undoButton(state, () => addPin(before, body, {})));
}

async function empty(state) {
  const sure = make("button", "item", { type: "button", textContent: "Take everything off" });
  sure.addEventListener("click", () => attempt(state, async () => {
    await emptySheet();
    say(state, "The sheet is empty.");
  }));
  say(state, "This cannot be undone: hand in or save a file first.", sure);
}

// The pin goes before another of the list, or by so many places; it takes the task of where it comes to lie.
async function movePin(state, pinned, { before, by }) {
  const shown = groupsOf(await about(), await pins()).flatMap(({ some, task }) => some.map((one) => ({ ...one, task })));
  const from = shown.findIndex((one) => one.id === pinned.id);
  const [taken] = shown.splice(from, 1);
  const to = before ? shown.findIndex((one) => one.id === before) : Math.min(shown.length, Math.max(0, from + by));
  if (before) taken.task = shown[to].task;
  shown.splice(to, 0, taken);
  await setOrder(shown);
  await draw(state);
  state.list.querySelector(`[data-id="${pinned.id}"] .handle`)?.focus();
}

async function draw(state) {
  const [given, some] = [await about(), await pins()];
  state.counted(some.length);
  state.title.textContent = given.title;
  if (state.drawer.getRootNode().activeElement !== state.who) state.who.value = given.who;
  state.link.hidden = !given.tasks.length;
  const shape = JSON.stringify([given.tasks, some.map((one) => [one.id, one.task])]);
  if (shape === state.shape) return; // sentences are where they are typed
  state.shape = shape;
  if (!(state.task < given.tasks.length)) state.task = -1;
  const acts = {
    sentence: (one, sentence) => attempt(state, () => changePin(one.id, { sentence })),
    task: (one, task) => attempt(state, () => changePin(one.id, { task })),
    remove: (one) => attempt(state, () => remove(state, one)),
    move: (one, where) => attempt(state, () => movePin(state, one, where)),
    choose: (task) => { state.task = task; },
  };
  state.list.replaceChildren(...groupsOf(given, some).flatMap(({ task, title, some: group }) => [
    ...(title ? [headOf(state, task, title)] : []), ...group.map((one) => pinElement(one, given.tasks, acts)),
  ]));
  if (!some.length) state.list.append(make("p", "quiet", "Pin what you want to keep: its picture, a sentence of yours and its link come here. It stays in this browser."));
}

// The heading of a task: new pins go under the one that was chosen.
function headOf(state, task, title) {
  const button = make("button", "task", { type: "button", textContent: title, "aria-pressed": String(state.task === task) });
  button.title = "New pins go under this task";
  button.addEventListener("click", () => {
    state.task = state.task === task ? -1 : task;
    state.list.querySelectorAll(".task").forEach((one) => one.setAttribute("aria-pressed", String(one === button && state.task === task)));
  });
  return button;
}
