// Texts as tokenizers cut them: lays the pieces out, and lights every piece that is the same as the one pointed at.

import { make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

const NARROWEST = 270; // pixels of a tokenizer's column before all stand one under the other

export default function show(component) {
  return live(component, {
    selector: ".gaze-pieces",
    fresh: () => ({}),
    receive(view) {
      view.data = unpack(view.bytes).header;
      build(view);
    },
    build: stacked,
  });
}

function stacked(view) {
  view.size = sizeOf(view.root);
  const columns = view.data.readers.length;
  const one = columns > 1 && view.root.clientWidth / columns < NARROWEST;
  view.root.classList.toggle("one", one);
  view.table.style.maxHeight = `${tall(view.data.height)}px`;
  view.table.style.gridTemplateColumns = `repeat(${one ? 1 : columns}, minmax(0, 1fr))`;
}

function build(view) {
  const { root, data } = view;
  view.table = make("div", "table");
  for (const reader of data.readers) {
    const head = make("div", "head", reader.title);
    head.append(make("small", "", reader.say));
    view.table.append(head);
  }
  data.rows.forEach((row) => row.forEach((cell, column) => view.table.append(cellElement(view, cell, column))));
  view.readout = make("output", "readout");
  const foot = make("div", "foot");
  for (const [kind, say] of data.legend) {
    const one = make("span", "");
    const sample = make("span", `piece ${kind}`);
    sample.append(make("b", "", "ab"));
    const word = make("span", "word");
    word.append(sample);
    one.append(word, say);
    foot.append(one);
  }
  foot.append(view.readout);
  root.replaceChildren(view.table, foot);
  stacked(view);
}

function cellElement(view, cell, column) {
  const box = make("div", column ? "cell" : "cell first");
  box.append(make("div", "named", view.data.readers[column].title));
  const row = make("div", "row", { translate: false });
  row.dir = cell.dir;
  let word = null;
  cell.pieces.forEach((piece) => {
    if (!word || piece.word < 0 || piece.word !== word.number) {
      word = make("span", `word${piece.word % 2 === 1 ? " odd" : ""}`);
      word.number = piece.word;
      row.append(word);
    }
    word.append(pieceElement(view, piece, column));
    word.classList.toggle("many", word.children.length > 1);
  });
  const line = make("div", "line");
  cell.line.forEach(([say, strong]) => line.append(strong ? make("b", "", say) : say));
  box.append(row, line);
  return box;
}

function pieceElement(view, piece, column) {
  const one = make("span", ["piece", ...piece.marks].join(" "));
  one.tabIndex = 0;
  one.dataset.key = `${column} ${piece.id}`;
  const text = make("b", "", piece.text);
  text.dir = "auto";
  one.append(text, make("small", "", piece.id));
  const on = () => light(view, one.dataset.key, piece.say);
  const off = () => light(view, "", "");
  one.addEventListener("pointerenter", on);
  one.addEventListener("focus", on);
  one.addEventListener("pointerleave", off);
  one.addEventListener("blur", off);
  return one;
}

function light(view, key, say) {
  for (const one of view.table.querySelectorAll(".piece")) one.classList.toggle("lit", key !== "" && one.dataset.key === key);
  view.readout.textContent = say;
}
