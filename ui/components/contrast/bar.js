// What stands above the matrix: which numbers are shown, and the slider of the scale.

import { refresh } from "./refresh.js";
import { LEAST, STEPS, scaleAt } from "./sums.js";
import { make } from "../shared/dom.js";
import { addressQuery, writeQuery } from "../shared/query.js";

const SHOWN = {
  clip: [["cosines", "cosines"], ["rows", "each text over the pictures"], ["columns", "each picture over the texts"]],
  siglip: [["cosines", "cosines"], ["rows", "each pair by itself"]],
  simclr: [["cosines", "cosines"], ["rows", "each view over the others"]],
};

export function showBar(view) {
  const box = make("div", "show");
  box.setAttribute("role", "group");
  for (const [name, title] of SHOWN[view.data.kind]) {
    const button = make("button", "", name === "cosines" ? title : `${view.data.kind === "siglip" ? "sigmoid" : "softmax"}: ${title}`);
    button.type = "button";
    button.dataset.show = name;
    button.addEventListener("click", () => {
      view.show = name;
      refresh(view);
    });
    box.append(button);
  }
  return box;
}

export function scaleBar(view) {
  const box = make("div", "scale");
  const slider = Object.assign(make("input", ""), { type: "range", min: 0, max: STEPS, step: 1 });
  slider.setAttribute("aria-label", "Scale: what cosines are multiplied by");
  slider.addEventListener("input", () => setScale(view, scaleAt(Number(slider.value), view.data.most)));
  view.slider = slider;
  view.told = make("output", "");
  box.append(make("span", "quiet", "scale"), slider, view.told);
  for (const mark of view.data.marks) {
    const button = make("button", "mark", mark.label);
    button.type = "button";
    button.title = mark.note;
    button.dataset.value = mark.value;
    button.addEventListener("click", () => setScale(view, mark.value, mark.note));
    box.append(button);
  }
  return box;
}

function setScale(view, scale, note = "") {
  view.scale = Math.min(view.data.most, Math.max(LEAST, scale));
  Object.assign(view, { note, touched: true });
  refresh(view);
  clearTimeout(view.rest);
  view.rest = setTimeout(() => writeAddress(view), 300);
}

// The scale stands in the address of the page, so that a link shows the same numbers.
export function writeAddress(view) {
  writeQuery({ scale: Number(view.scale.toPrecision(4)) });
}

export function scaleInAddress(data) {
  const said = Number(new URLSearchParams(addressQuery()).get("scale"));
  return said >= LEAST && said <= data.most ? said : data.scale;
}
