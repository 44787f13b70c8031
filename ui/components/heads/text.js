// One head as tinted running text: what each word receives, or what the pointed token gives to each word.

import { currentWeights } from "./exact.js";
import { columnMeans, quoted } from "./facts.js";
import { hasWord } from "./heatmap.js";
import { sameCell } from "./heatmap_hand.js";
import { askedOf, givenTogether, isOneText, placesShown, takenTogether } from "./held.js";
import { levelOf } from "../shared/colour.js";
import { make } from "../shared/dom.js";
import { larger } from "../shared/room.js";
import { CHINESE_JAPANESE, directionOf, visible } from "../shared/text.js";

// Tokens in groups: pieces of one word stay together; specials and loose tokens stand alone.
function wordsOf(tokens) {
  const groups = [];
  tokens.forEach((token, place) => {
    const last = groups[groups.length - 1];
    const before = last && tokens[last[0]];
    const joins = last && hasWord(token) && hasWord(before) && token.word === before.word && token.segment === before.segment;
    if (joins) last.push(place);
    else groups.push([place]);
  });
  return groups;
}

function textPanels(view) {
  const { kind } = view;
  const same = isOneText(kind);
  const columns = { side: "column", tokens: kind.columns, title: same ? "" : "gets attention (keys)" };
  return same ? [columns] : [{ side: "row", tokens: kind.rows, title: "gives attention (queries)" }, columns];
}

// The elements are built once for a text; a change of head only changes tints and numbers.
export function drawText(view) {
  const { textBox } = view.parts;
  const name = `${view.data.header.key}/${view.choice.kind}`;
  if (textBox.dataset.name !== name) {
    textBox.replaceChildren(...textPanels(view).map((panel) => buildPanel(view, panel)));
    textBox.dataset.name = name;
  }
  const count = view.kind.rows.length + view.kind.columns.length;
  textBox.style.setProperty("--letter", `${Math.round(larger(count < 90 ? 24 : count < 300 ? 20 : 16))}px`);
  tintText(view);
}

function buildPanel(view, { side, tokens, title }) {
  const sample = tokens.filter((token) => !token.special).map((token) => token.text).join(" ");
  const body = make("p", "running", { dir: directionOf(sample), translate: false });
  wordsOf(tokens).forEach((group) => {
    const word = make("span", "word");
    group.forEach((place) => {
      const piece = make("span", `piece${tokens[place].special ? " special" : ""}`, { textContent: visible(tokens[place].text) });
      piece.dir = "auto";
      piece.dataset.side = side;
      piece.dataset.place = place;
      word.append(piece);
    });
    if (group.length > 1) word.classList.add("joined");
    word.append(make("span", "share", { dir: "ltr" }));
    body.append(word, CHINESE_JAPANESE.test(tokens[group[0]].text) ? "" : " ");
  });
  return make("section", "panel", {}, ...(title ? [make("h4", "", { textContent: title })] : []), body);
}

// A number for each token of a panel: what the words asked give it on average, what it gives those asked together, or what
// it receives from all.
function receivedBy({ kind }, side, weights, { rows, columns }) {
  if (side === "column" && rows.size) return givenTogether(weights, rows, kind.columns.length);
  if (side === "row" && columns.size) return takenTogether(weights, columns, kind.rows.length);
  if (side === "row" || columns.size) return null;
  const means = columnMeans(weights);
  return Float32Array.from({ length: kind.columns.length }, (_, place) => means[Math.floor(place / weights.block[1])]);
}

export function tintText(view) {
  const { palette, parts, kind } = view;
  const asked = askedOf(kind, placesShown(view));
  const single = textPanels(view).length === 1;
  const weights = currentWeights(view);
  const about = weights.exact ? "" : "≈";
  const values = { row: receivedBy(view, "row", weights, asked), column: receivedBy(view, "column", weights, asked) };
  const takers = single && asked.columns.size ? takenTogether(weights, asked.columns, kind.rows.length) : null;
  parts.textBox.querySelectorAll(".word").forEach((word) => {
    const pieces = [...word.querySelectorAll(".piece")];
    const { side } = pieces[0].dataset;
    tintWord(word, palette, values[side] && Math.min(1, pieces.reduce((sum, piece) => sum + values[side][piece.dataset.place], 0)), about);
    markTaker(word, pieces, takers, palette, about);
    pieces.forEach((piece) => {
      const place = Number(piece.dataset.place);
      const sides = single ? ["row", "column"] : [side];
      piece.classList.toggle("pointed", sides.some((one) => asked.marked[one].has(place)));
      piece.classList.toggle("next", view.locks.length > 0 && sides.some((one) => view.hover?.[one] === place));
    });
  });
}

function tintWord(word, palette, weight, about) {
  const level = weight === null ? 0 : levelOf(weight);
  word.style.background = level > 5 ? palette.scale[level] : "transparent";
  word.style.color = level > 5 ? (palette.light[level] ? "rgb(20 20 24)" : "white") : palette.ink;
  word.lastChild.textContent = weight >= 0.03 ? `${about}${Math.round(weight * 100)}` : "";
}

// What a word takes from those asked together, on average over its pieces: a bar under it and a number of its own.
function markTaker(word, pieces, takers, palette, about) {
  const share = takers ? Math.min(1, pieces.reduce((sum, piece) => sum + takers[piece.dataset.place], 0) / pieces.length) : 0;
  word.style.boxShadow = share >= 0.03 ? `inset 0 -${Math.round(2 + 8 * share)}px 0 ${palette.orange}` : "";
  word.dataset.takes = share >= 0.03 ? `${about}${Math.round(100 * share)}` : "";
}

// In one running text every token is asked as a query; of two texts the second holds the keys.
function placeOf(view, piece) {
  const place = Number(piece.dataset.place);
  const asRow = textPanels(view).length === 1 || piece.dataset.side === "row";
  return asRow ? { row: place, column: null } : { row: null, column: place };
}

export function handleText(view, act) {
  const { textBox } = view.parts;
  const find = (event) => {
    const piece = event.target.closest && event.target.closest(".piece");
    return piece ? placeOf(view, piece) : null;
  };
  textBox.addEventListener("pointermove", (event) => event.pointerType === "mouse" && act.point(find(event)));
  ["pointerleave", "blur"].forEach((name) => textBox.addEventListener(name, () => act.point(null)));
  textBox.addEventListener("click", (event) => act.take(find(event)));
  textBox.addEventListener("keydown", (event) => walkText(view, act, event));
}

// Arrow keys go from word to word as they are read; Enter holds the one that was come to, or lets it go.
function walkText(view, act, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    act.take(view.hover);
    return;
  }
  const pieces = [...view.parts.textBox.querySelectorAll(".piece")];
  const from = view.hover ?? view.locks[view.locks.length - 1];
  const here = pieces.findIndex((piece) => from && sameCell(placeOf(view, piece), from));
  const across = here >= 0 && pieces[here].closest(".running").dir === "rtl" ? -1 : 1;
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -across, ArrowRight: across }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const next = pieces[here < 0 ? 0 : Math.min(pieces.length - 1, Math.max(0, here + step))];
  act.point(placeOf(view, next));
  const { kind } = view;
  act.tell(quoted((next.dataset.side === "row" ? kind.rows : kind.columns)[next.dataset.place]));
  next.scrollIntoView({ block: "nearest" });
}
