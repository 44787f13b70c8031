// Predict, then look: the choices of a question, and afterwards the guess and the model's answer side by side.

import { answeredNow, course, predict, stepNow } from "./course.js";
import { asWritten, make } from "../shared/dom.js";

const button = (name, text, act, more = {}) => {
  const one = make("button", name, { type: "button", textContent: text, ...more });
  one.addEventListener("click", act);
  return one;
};

export const isAsked = () => Boolean(stepNow()?.ask && !answeredNow().truth);

export function questionBox(step) {
  const { truth, guess } = answeredNow();
  const inside = truth ? verdict(step.ask, guess, truth) : step.ask.form === "number" ? numberForm(step.ask) : choiceButtons(step.ask);
  return make("section", "predict", { ariaLabel: "Predict" }, make("h3", "", truth ? "You predicted" : "Predict first"), asWritten("p", "", step.ask.ask), ...inside);
}

export const choicesOf = (ask) => (ask.form === "tokens" ? course().tokens || [] : ask.choices);

function choiceButtons(ask) {
  const some = choicesOf(ask);
  if (!some.length) return [make("p", "quiet", course().advice ? "" : "One moment …")];
  return [make("div", "choices", {}, ...some.map((text) => button("choice", text, ({ target }) => {
    target.parentElement.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    target.classList.add("mine");
    predict(text);
  }, { dir: "auto" })))];
}

function numberForm({ scale: [least, most], unit }) {
  const box = make("input", "", { type: "number", min: least, max: most, step: "any", required: true, ariaLabel: "Your guess", placeholder: `${least} to ${most}` });
  const form = make("form", "guess", {}, box, make("span", "", unit), button("choice go", "Predict", () => {}, { type: "submit" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = Number(box.value);
    if (box.value !== "" && value >= least && value <= most) predict(value);
  });
  return [form];
}

function verdict(ask, guess, truth) {
  const number = ask.form === "number";
  const near = number ? Math.abs(guess - truth.number) <= ask.scale[2] : choicesOf(ask).indexOf(guess) === truth.right && truth.right >= 0;
  const right = near || (!number && truth.right < 0 && guess === truth.value);
  const mine = number ? [guess.toLocaleString("en"), ask.unit].filter(Boolean).join(" ") : guess;
  const said = !right ? "Look again" : number && mine !== truth.value ? "Near enough" : "Right";
  const rows = [["You", mine], ["The model", truth.value]];
  const each = (truth.each || []).map((value, k) => make("tr", "", {}, asWritten("td", "", ask.choices[k]), make("td", "", value)));
  return [
    make("table", right ? "verdict right" : "verdict", {}, ...rows.map(([who, what]) => make("tr", "", {}, make("th", "", who), make("td", "", { dir: "auto", textContent: what })))),
    ...(each.length ? [make("table", "each", {}, ...each)] : []),
    make("p", "said", { role: "status", textContent: `${right ? "✓" : "→"} ${said}.` }),
  ];
}
