// The frame round the grids: step buttons, the formula, signs and captions.

import { say } from "./decode.js";
import { shownGrids } from "./fit.js";
import { closeInput, handleGrid } from "./hand.js";
import { make } from "../shared/dom.js";

// W_Q and K^T with what follows set low or high; braces hold more than one letter.
export function symbols(text) {
  return text.split(/([_^](?:\{[^}]*\}|[^\s_^]))/).filter(Boolean).map((part) => {
    if (part.length < 2 || !/^[_^]/.test(part)) return part;
    return make(part[0] === "_" ? "sub" : "sup", "", { textContent: part.slice(1).replace(/[{}]/g, "") });
  });
}

export function buildFrame(root, act) {
  const back = make("button", "go", { type: "button", textContent: "◀ Back" });
  const next = make("button", "go", { type: "button", textContent: "Next ▶", "data-next": "" });
  const steps = make("div", "steps");
  steps.setAttribute("role", "tablist");
  const count = make("span", "count");
  const numbers = make("button", "quiet", { type: "button", textContent: "Numbers" });
  const bar = make("div", "bar", {}, back, steps, count, next, make("span", "grow"), numbers);
  const formula = make("div", "formula");
  const line = make("div", "line");
  const sum = make("div", "sum");
  sum.setAttribute("role", "status");
  const note = make("div", "note", { hidden: true });
  note.setAttribute("role", "alert");
  root.replaceChildren(bar, formula, line, sum, note);
  back.addEventListener("click", () => act.go(-1));
  next.addEventListener("click", () => act.go(1));
  numbers.addEventListener("click", () => act.numbers());
  bar.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      act.go(event.key === "ArrowRight" ? 1 : -1);
    }
  });
  const ruler = make("canvas"); // letters are measured on it
  return { root, ruler, bar, back, next, steps, count, numbers, formula, line, sum, note };
}

export function drawBar(view) {
  const { back, next, steps, count, bar, formula } = view.parts;
  const several = view.steps.length > 1;
  const step = view.steps[view.step];
  back.disabled = view.step === 0;
  next.disabled = view.step === view.steps.length - 1;
  [back, next, steps, count].forEach((part) => { part.hidden = !several; });
  count.textContent = `${view.step + 1} of ${view.steps.length}: ${step.title}`;
  steps.replaceChildren(...view.steps.map((one, place) => {
    const title = one.formula.replace(/[_^{}]/g, "");
    const button = make("button", "", { type: "button", title }, ...symbols(one.title));
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", `${place === view.step}`);
    button.addEventListener("click", () => view.act.go(place - view.step));
    return button;
  }));
  bar.hidden = !several && view.parts.numbers.hidden;
  formula.hidden = !step.formula && !step.say;
  const bold = step.formula ? [make("b", "", {}, ...symbols(step.formula))] : [];
  formula.replaceChildren(...bold, make("span", "", { textContent: step.say }));
}

// The grids and signs of a step; frames stay when only numbers change, so that scrolling and focus stay too.
export function buildLine(view) {
  const step = view.steps[view.step];
  const named = [...view.grids.values()].map(({ name: one, rows, columns, edit }) => [one, rows, columns, edit]);
  const name = JSON.stringify([view.step, step.shown, named]);
  if (view.lineName === name) return;
  closeInput(view);
  view.lineName = name;
  view.frames = new Map();
  view.parts.line.replaceChildren(...step.shown.map((one) => {
    if (!view.grids.has(one)) return make("span", "sign", {}, ...symbols(one));
    const frame = buildGrid(view.grids.get(one));
    view.frames.set(one, frame);
    handleGrid(view, one, frame);
    return frame.figure;
  }));
}

function buildGrid(grid) {
  const canvas = make("canvas", "", { tabIndex: 0 });
  canvas.setAttribute("role", "img");
  const shape = `${grid.rows.length} rows, ${grid.columns.length} columns`;
  canvas.setAttribute("aria-label", `${grid.name}: ${shape}; arrow keys choose a cell`);
  const spacer = make("div", "spacer");
  const scroller = make("div", "scroller", {}, spacer);
  const paper = make("div", "paper", {}, canvas, scroller);
  const size = make("span", "", { textContent: `${grid.rows.length} × ${grid.columns.length}` });
  const edit = make("span", "edit", { textContent: { number: "✎", switch: "click a cell" }[grid.edit] || "" });
  const scale = make("span", "scale");
  const caption = make("div", "caption", {}, make("b", "", {}, ...symbols(grid.name)), size, edit, scale);
  const note = make("div", "remark");
  const figure = make("figure", "", {}, caption, note, paper);
  return { figure, canvas, scroller, spacer, paper, scale, note };
}

// A caption longer than its grid loses its size, then its scale, before it makes the figure wider.
function trim(figure, scale) {
  const caption = scale.parentElement;
  const tooLong = () => caption.scrollWidth > caption.clientWidth + 1;
  const [name, size] = caption.children;
  size.hidden = false;
  if (tooLong()) size.hidden = true;
  if (tooLong()) scale.hidden = true;
  if (tooLong()) figure.style.width = `${name.offsetWidth + 8}px`;
}

// The ends of the colours of a grid.
export function drawScale(view, name) {
  const { figure, scale, note } = view.frames.get(name);
  const grid = view.grids.get(name);
  const bound = view.bound(grid);
  const share = grid.shade === "share";
  const colours = share ? view.palette.scale : view.palette.signed;
  const { left, box: [wide] } = view.sizes.get(name);
  figure.style.width = `${Math.max(left + wide, 96)}px`;
  scale.hidden = grid.edit === "switch";
  const ramp = make("i", "ramp");
  const stops = [0, 0.25, 0.5, 0.75, 1].map((part) => colours[Math.round(part * (colours.length - 1))]);
  ramp.style.background = `linear-gradient(to right, ${stops.join(",")})`;
  scale.replaceChildren(share ? "0" : `−${say(bound, 1)}`, ramp, share ? "1" : say(bound, 1));
  trim(figure, scale);
  // A remark on one grid moves all of the line down by as much.
  const beside = !view.parts.root.classList.contains("narrow") && shownGrids(view).some((one) => one.note);
  note.textContent = grid.note || (beside ? "\u00a0" : "");
}
