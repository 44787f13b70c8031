// A picture among words: which word asks, where its attention goes in all, and what the model would write next.

import { percent } from "./elements.js";
import { make } from "../shared/dom.js";

// Of a row with the words in front: to the picture, to the first token, to other words.
export function sharesOf({ first, reading }, row) {
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  const words = sum(row.subarray(0, first.length));
  const opening = reading.opens ? row[0] : 0; // else the picture itself stands first
  return { picture: sum(row.subarray(first.length)), opening, others: words - opening };
}

export function sharesSaid(who, header, row) {
  const { picture, opening, others } = sharesOf(header, row);
  if (!header.reading.opens) return `${who} gives ${percent(picture)} to the picture, ${percent(others)} to words`;
  return `${who} gives ${percent(picture)} to the picture, ${percent(opening)} to the first token, ${percent(others)} to other words`;
}

const barOf = (name, share, own) => {
  const fill = make("i");
  fill.style.width = `${100 * Math.min(1, share)}%`;
  const told = make("span", "name", { textContent: name });
  if (own) Object.assign(told, { dir: "auto", translate: false });
  return make("div", "class", {}, fill, told, make("b", "", { textContent: percent(share) }));
};

// What stands beside the picture in place of classes.
function fillShares({ parts, data: { header }, row }) {
  parts.classes.dataset.saved = "";
  if (!row) return;
  const { picture, opening, others } = sharesOf(header, row);
  const going = [["the picture", picture], ...(header.reading.opens ? [["first token", opening]] : []), ["other words", others]];
  const next = header.reading.next.map(({ name, share }) => barOf(name, share, true));
  parts.classes.replaceChildren(
    ...going.map(([name, share]) => barOf(name, share, false)),
    ...(next.length ? [make("h3", "after", { textContent: "It would write next" }), ...next] : []),
  );
}

// All words in their order, the picture's place among them; one that is clicked asks from now on.
function fillWords(view) {
  const { parts, data: { header }, row } = view;
  const { first, reading } = header;
  const chips = first.map((name, at) => {
    const chip = make("button", "chip", { type: "button", title: `Where does ${name} look?`, translate: false }, make("bdi", "", { textContent: name || "␣" }));
    if (row && row[at] >= 0.005) chip.append(make("b", "", { textContent: percent(row[at]) }));
    chip.ariaPressed = String(at === reading.word);
    chip.addEventListener("click", () => at !== reading.word && view.send("word", reading.places[at]));
    return chip;
  });
  chips.splice(reading.before, 0, make("span", "chip here", { textContent: "the picture" }));
  parts.chips.replaceChildren(...chips);
}

export function fillReading(view) {
  fillShares(view);
  fillWords(view);
}
