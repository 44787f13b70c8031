// One head as tinted running text: what each word receives, or what the pointed token gives to each word.

import { columnOf, rowOf } from "./decode.js";
import { currentWeights } from "./exact.js";
import { columnMeans } from "./facts.js";
import { hasWord } from "./heatmap.js";
import { sameCell } from "./heatmap_hand.js";
import { bothWays } from "./lines.js";
import { levelOf } from "../shared/colour.js";
import { make } from "../shared/dom.js";
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
  const same = kind.kind !== "cross" && kind.rows.length === kind.columns.length;
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
    const count = view.kind.rows.length + view.kind.columns.length;
    textBox.style.setProperty("--letter", `${count < 90 ? 24 : count < 300 ? 20 : 16}px`);
  }
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

// A number for each token of a panel: what it receives, gives to the pointed key, or gets from the pointed query.
function receivedBy(view, side) {
  const { kind } = view;
  const weights = currentWeights(view);
  const active = view.lock || view.hover;
  const two = textPanels(view).length === 2;
  if (active && active.row !== null) {
    return side === "column" ? rowOf(weights, active.row, kind.columns.length) : null;
  }
  if (active && active.column !== null && two) {
    return side === "row" ? columnOf(weights, active.column, kind.rows.length) : null;
  }
  if (active && active.column !== null) return rowOf(weights, active.column, kind.columns.length);
  if (side === "row") return null;
  const means = columnMeans(weights);
  return Float32Array.from({ length: kind.columns.length }, (_, place) => means[Math.floor(place / weights.block[1])]);
}

export function tintText(view) {
  const { palette, parts } = view;
  const active = view.lock || view.hover;
  const single = textPanels(view).length === 1;
  const about = currentWeights(view).exact ? "" : "≈";
  const token = single ? bothWays(view.kind, active) : null;
  const takers = token === null ? null : columnOf(currentWeights(view), token, view.kind.rows.length);
  parts.textBox.querySelectorAll(".word").forEach((word) => {
    const pieces = [...word.querySelectorAll(".piece")];
    const { side } = pieces[0].dataset;
    const values = receivedBy(view, side);
    const weight = values ? Math.min(1, pieces.reduce((sum, piece) => sum + values[piece.dataset.place], 0)) : 0;
    const level = levelOf(weight);
    word.style.background = values && level > 5 ? palette.scale[level] : "transparent";
    word.style.color = values && level > 5 ? (palette.light[level] ? "rgb(20 20 24)" : "white") : palette.ink;
    word.lastChild.textContent = weight >= 0.03 ? `${about}${Math.round(weight * 100)}` : "";
    markTaker(word, pieces, takers, palette, about);
    pieces.forEach((piece) => {
      const place = Number(piece.dataset.place);
      const pointed = active && (single ? (active.row ?? active.column) === place : active[side] === place);
      piece.classList.toggle("pointed", Boolean(pointed));
    });
  });
}

// What a word takes from the pointed token, on average over its pieces: a bar under it and a number of its own.
function markTaker(word, pieces, takers, palette, about) {
  const share = takers ? pieces.reduce((sum, piece) => sum + takers[piece.dataset.place], 0) / pieces.length : 0;
  word.style.boxShadow = share >= 0.03 ? `inset 0 -${Math.round(2 + 8 * share)}px 0 ${palette.orange}` : "";
  word.dataset.takes = share >= 0.03 ? `${about}${Math.round(100 * share)}` : "";
}

export function handleText(view, act) {
  const { textBox } = view.parts;
  const find = (event) => {
    const piece = event.target.closest && event.target.closest(".piece");
    if (!piece) return null;
    const place = Number(piece.dataset.place);
    // In one running text every token is asked as a query; of two texts the second holds the keys.
    const asRow = textPanels(view).length === 1 || piece.dataset.side === "row";
    return asRow ? { row: place, column: null } : { row: null, column: place };
  };
  textBox.addEventListener("pointermove", (event) => event.pointerType === "mouse" && act.point(find(event)));
  textBox.addEventListener("pointerleave", () => act.point(null));
  textBox.addEventListener("click", (event) => {
    const found = find(event);
    act.lock(sameCell(found, view.lock) ? null : found);
  });
}
