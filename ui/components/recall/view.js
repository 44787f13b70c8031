// Cards to recall, one at a time: a question, its answer when one has tried, and when it comes again.

import { WAITS, answered, dayOf, inReach, inTurn, nameOf, standing } from "./leitner.js";
import { asWritten, make } from "../shared/dom.js";
import { handOut } from "../shared/saving.js";

const BOX = "gaze:recall"; // in the browser's memory: {name of a card: [compartment, day]}
const MOST_CARDS = 500;
const ALL = "All themes";
const STATE = new WeakMap();

function keptCards() {
  try {
    const found = JSON.parse(localStorage.getItem(BOX) || "{}");
    if (!found || typeof found !== "object" || Array.isArray(found)) return {};
    const sound = Object.entries(found).filter(([, one]) => Array.isArray(one) && WAITS[one[0] - 1] && Number.isInteger(one[1]));
    return inReach(Object.fromEntries(sound), todayHere());
  } catch {
    return {}; // a browser that keeps nothing, or something else under this name
  }
}

function keepCards(all) {
  try {
    localStorage.setItem(BOX, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-MOST_CARDS))));
  } catch {
    // as above: cards begin anew with the next visit
  }
}

const todayHere = () => dayOf(Date.now(), new Date().getTimezoneOffset());

export default function show({ data, parentElement }) {
  const root = parentElement.querySelector(".gaze-recall");
  const state = STATE.get(root) || { theme: ALL, open: false };
  STATE.set(root, state);
  Object.assign(state, { root, cards: data.cards.map((card) => ({ ...card, name: nameOf(card.ask) })) });
  draw(state);
  root.dataset.ready = "1";
  root.getRootNode().host?.setAttribute("data-ready", "1");
}

const press = (name, text, act, more = {}) => {
  const one = make("button", name, { type: "button", textContent: text, ...more });
  one.addEventListener("click", act);
  return one;
};

function draw(state) {
  const { root, cards, theme, open } = state;
  const kept = keptCards();
  const some = cards.filter((card) => theme === ALL || card.theme === theme);
  const [card] = inTurn(some, kept, todayHere());
  root.replaceChildren(bar(state, standing(some, kept, todayHere())), card ? ask(state, card, kept, open) : nothing(some, kept), foot(state, kept));
}

function bar(state, { due, fresh }) {
  const box = make("select", "", { ariaLabel: "Theme" }, ...[ALL, ...new Set(state.cards.map((card) => card.theme))].map((name) => make("option", "", { textContent: name, value: name, selected: name === state.theme })));
  box.addEventListener("change", () => {
    Object.assign(state, { theme: box.value, open: false });
    draw(state);
  });
  return make("div", "bar", {}, box, make("span", "quiet", { role: "status", textContent: `${due} due, ${fresh} new` }));
}

function ask(state, card, kept, open) {
  const box = make("article", "card", {}, asWritten("div", "theme", card.theme), asWritten("h2", "", card.ask));
  if (!open) {
    const show_ = press("strong", "Show the answer", () => {
      state.open = true;
      draw(state);
      state.root.querySelector(".knew").focus();
    });
    box.append(make("p", "quiet", "Say the answer to yourself first."), make("div", "line", {}, show_));
    return box;
  }
  const mark = (known) => () => {
    keepCards({ ...keptCards(), [card.name]: answered(kept[card.name], known, todayHere()) });
    state.open = false;
    draw(state);
    state.root.querySelector(".strong")?.focus();
  };
  const [box_] = answered(kept[card.name], true, 0);
  box.append(asWritten("p", "answer", card.answer), make("div", "line", {},
    press("", "Not yet", mark(false)), press("strong knew", `I knew it: again in ${days(WAITS[box_ - 1])}`, mark(true)),
    press("link", "See it in the lesson", () => globalThis.gazeCourse?.begin(card.lesson, card.step))));
  return box;
}

const days = (count) => (count === 1 ? "1 day" : `${count} days`);

function nothing(cards, kept) {
  const { next } = standing(cards, kept, todayHere());
  return make("article", "card", {}, make("h2", "", "Nothing is due."), make("p", "", next ? `The next card comes in ${days(next)}.` : "There are no cards of this theme."));
}

function foot(state, kept) {
  const count = Object.keys(kept).length;
  const forget = press("link", "Forget all", () => {
    if (forget.dataset.sure) {
      keepCards({});
      draw(state);
    } else {
      forget.dataset.sure = "1";
      forget.textContent = "Press again to forget all";
    }
  }, { disabled: !count });
  return make("div", "foot", {}, make("span", "quiet", "What you knew is kept in this browser alone: a Leitner box of five compartments."),
    press("link", "Export as CSV", () => exportCards(state.cards, kept)), forget);
}

function exportCards(cards, kept) {
  const safe = (text) => `"${(/^[=+\-@\t]/.test(text) ? "'" : "") + String(text).replaceAll('"', '""')}"`;
  const today = todayHere();
  const rows = cards.map((card) => [card.theme, card.ask, card.answer, kept[card.name]?.[0] ?? "", kept[card.name] ? kept[card.name][1] - today : ""].map(safe).join(","));
  handOut(new Blob([`\ufefftheme,question,answer,compartment,due in days\n${rows.join("\n")}\n`], { type: "text/csv" }), "gaze-recall.csv");
}
