// The opening of Gaze: a sentence at work, doors to what one may want, lessons, and where one was lately.

import { progressOf } from "../lesson/kept.js";
import { make } from "../shared/dom.js";
import { unpack } from "../shared/message.js";
import { forgetRecent, recent } from "../shared/recent.js";
import { directionOf } from "../shared/text.js";

const BEAT = 1300; // milliseconds for which a word is looked at
const FIRST_BEAT = 500;
const SHOWN = [4, 9]; // lessons, on a laptop and on a higher screen
const HIGH = 900; // pixels
const PLAY = new WeakMap(); // root -> its beat

export default function show({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gaze-start");
  const { header, arrays } = unpack(data);
  const go = (page, query = "") => setTriggerValue("gone", { page, query });
  clearInterval(PLAY.get(root));
  if (header.read) {
    const { box, look } = sentence(header, arrays.weights.values);
    root.replaceChildren(box);
    play(root, header.written.length, look);
  } else root.replaceChildren(...header.doors.map((one) => door(one, go)), lessonsRow(header.lessons), recentRow(go));
  root.dataset.ready = "1";
  root.getRootNode().host?.setAttribute("data-ready", "1");
  return () => clearInterval(PLAY.get(root));
}

// The words that were read lie above those that are written; what a written word takes from them lights up.
function sentence({ read, written }, weights) {
  const above = read.map((word) => make("span", "word", { textContent: word, dir: "auto" }));
  const below = written.map((word) => make("button", "word", { type: "button", textContent: word, dir: "auto" }));
  const look = (place) => {
    above.forEach((one, column) => one.style.setProperty("--share", weights[place * read.length + column].toFixed(3)));
    below.forEach((one, row) => one.classList.toggle("now", row === place));
  };
  // Words run as their language does, whatever the language of the page.
  const line = (says, words) => make("div", "line", {}, make("small", "", says), make("div", "words", { dir: directionOf(words[0].textContent) }, ...words));
  const box = make("div", "sentence", {}, line("reads", above), line("writes", below));
  below.forEach((one, place) => {
    one.addEventListener("pointerenter", () => box.dispatchEvent(new CustomEvent("held", { detail: place })));
    one.addEventListener("focus", () => box.dispatchEvent(new CustomEvent("held", { detail: place })));
  });
  box.addEventListener("held", ({ detail }) => {
    box.dataset.held = "1";
    look(detail);
  });
  box.addEventListener("pointerleave", () => delete box.dataset.held);
  box.addEventListener("focusout", () => delete box.dataset.held);
  return { box, look };
}

function play(root, count, look) {
  let place = Math.min(1, count - 1);
  look(place);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || count < 2) return;
  const on = () => {
    if (root.querySelector(".sentence")?.dataset.held || document.hidden) return;
    place = (place + 1) % count;
    look(place);
  };
  setTimeout(on, FIRST_BEAT);
  PLAY.set(root, setInterval(on, BEAT));
}

function door({ title, says, icon, page, query, types }, go) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icon);
  drawn.append(path);
  const one = make("button", "door", { type: "button" }, drawn, make("span", "text", {}, make("b", "", title), make("span", "says", says)));
  one.addEventListener("click", () => {
    if (window.gazeFrame) window.gazeFrame.types = Boolean(types); // the page that comes has its text under the fingers
    go(page, query);
  });
  return one;
}

const chip = (text, act, title = "", more = { dir: "auto", translate: false }) => {
  const one = make("button", "chip", { type: "button", textContent: text, title, ...more });
  one.addEventListener("click", act);
  return one;
};

// The lessons that somebody is in come first, those that are finished last.
function lessonsRow(lessons) {
  const order = lessons.map((one) => ({ one, ...progressOf(one.name) })).map((one) => ({ ...one, begun: one.at > 1 || Object.keys(one.steps).length > 0 }));
  const rank = ({ ended, begun }) => (ended ? 2 : begun ? 0 : 1);
  const some = order.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN[Number(window.innerHeight >= HIGH)]);
  return make("div", "row", {}, make("span", "name", "Lessons"), ...some.map(({ one, at, ended, begun }) => chip(
    begun && !ended ? `${one.title} · step ${at} of ${one.steps}` : one.title,
    () => globalThis.gazeCourse?.begin(one.name, ended ? 1 : Math.min(at, one.steps)), one.about)));
}

function recentRow(go) {
  const some = recent();
  const row = make("div", "row", {}, make("span", "name", "Lately"));
  if (!some.length) {
    row.append(make("span", "quiet", "Where you were stands here, in this browser alone."));
    return row;
  }
  row.append(...some.slice(0, 4).map(({ page, title, query, said }) => chip(said ? `${title}: ${said}` : title, () => go(page, query.replace(/^\?/, "")))));
  row.append(chip("Forget", () => {
    forgetRecent();
    row.replaceWith(recentRow(go));
  }, "Forget where this browser was", {}));
  return row;
}
