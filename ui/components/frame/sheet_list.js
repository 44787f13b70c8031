// The pins as they lie on the lab sheet: pictures are shown when they come into sight, so that two hundred scroll at once.

import { addressOf } from "./sheet_address.js";
import { make } from "../shared/dom.js";

const DRAGGED = "text/x-gaze-pin";

// Pins under their tasks in order, those under none last: [{task, title, some}].
export function groupsOf({ tasks }, some) {
  const groups = tasks.map((title, task) => ({ task, title: `${task + 1}. ${title}`, some: some.filter((one) => one.task === task) }));
  const rest = some.filter((one) => !(one.task >= 0 && one.task < tasks.length));
  return [...groups, { task: -1, title: tasks.length && rest.length ? "Under no task" : "", some: rest }];
}

const PICTURES = new WeakMap(); // picture -> its PNG
const SEEN = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
  if (isIntersecting) target.src ||= URL.createObjectURL(PICTURES.get(target));
  else if (target.src) {
    URL.revokeObjectURL(target.src);
    target.removeAttribute("src");
  }
}), { rootMargin: "400px" });

// acts: {sentence, task, remove, move}(pin, what).
export function pinElement(pin, tasks, acts) {
  const element = make("article", "pin", { draggable: true });
  element.dataset.id = pin.id;
  const picture = make("img", "", { alt: `Picture of ${pin.title}` });
  PICTURES.set(picture, pin.small);
  SEEN.observe(picture);
  const handle = make("button", "handle", { type: "button", textContent: "⠿", title: "Drag, or move by the arrow keys" });
  handle.ariaLabel = `Move ${pin.title}`;
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    acts.move(pin, { by });
  });
  const sentence = make("textarea", "", { rows: 2, value: pin.sentence, maxLength: 5000, placeholder: "Your sentence", dir: "auto" });
  sentence.ariaLabel = `Your sentence on ${pin.title}`;
  sentence.addEventListener("input", () => {
    clearTimeout(element.rest);
    element.rest = setTimeout(() => acts.sentence(pin, sentence.value), 300);
  });
  sentence.addEventListener("change", () => acts.sentence(pin, sentence.value));
  const remove = make("button", "item", { type: "button", textContent: "Remove", ariaLabel: `Remove ${pin.title}` });
  remove.addEventListener("click", () => acts.remove(pin));
  const open = make("a", "item", { href: addressOf(pin), textContent: "Open", target: "_self", title: pin.caption.join("\n") });
  const foot = make("div", "items", {}, open, ...(tasks.length ? [taskChoice(pin, tasks, acts)] : []), make("span", "grow"), remove);
  element.append(make("div", "over", {}, handle, make("b", "", pin.title), make("span", "quiet", pin.caption[0] ?? "")), picture, sentence, foot);
  dragged(element, pin, acts);
  return element;
}

function taskChoice(pin, tasks, acts) {
  const list = make("select", "", { "aria-label": `Task of ${pin.title}` });
  const none = make("option", "", { value: -1, textContent: "no task" });
  list.append(none, ...tasks.map((task, k) => make("option", "", { value: k, textContent: `${k + 1}. ${task.slice(0, 40)}` })));
  list.value = String(pin.task < tasks.length ? pin.task : -1);
  list.addEventListener("change", () => acts.task(pin, Number(list.value)));
  return list;
}

function dragged(element, pin, acts) {
  element.addEventListener("dragstart", (event) => {
    if (event.composedPath()[0] instanceof HTMLTextAreaElement) event.preventDefault();
    else event.dataTransfer.setData(DRAGGED, pin.id);
  });
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    element.classList.add("over-it");
  });
  ["dragleave", "drop", "dragend"].forEach((name) => element.addEventListener(name, () => element.classList.remove("over-it")));
  element.addEventListener("drop", (event) => {
    const id = event.dataTransfer.getData(DRAGGED);
    if (!id || id === pin.id) return;
    event.preventDefault();
    acts.move({ id }, { before: pin.id });
  });
}
