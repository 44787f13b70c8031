// All three pictures of a pair with their layers, scores and scales, drawn anew after every change.

import { drawLines } from "./lines.js";
import { colourOf, drawMatrix } from "./matrix.js";
import { readout, saidOfLayer, two } from "./say.js";
import { make } from "../shared/dom.js";

export function draw(view) {
  view.root.classList.toggle("changing", view.change);
  for (const part of view.parts) {
    const place = view.places[part.index];
    const layer = part.side.layers[place];
    part.slider.value = place;
    const last = part.side.layers[part.side.layers.length - 1];
    part.layer.textContent = layer === 0 ? "input" : `layer ${layer} of ${last}`;
    part.said.textContent = saidOfLayer(view, part);
    drawMatrix(view, part);
    drawEnds(view, part);
  }
  drawLines(view);
  view.readout.textContent = readout(view) || " ";
  view.root.dataset.layers = view.parts.map((part) => part.side.layers[view.places[part.index]]).join();
}

// The scale of a matrix: its own ends, since cosines of two models do not mean the same.
function drawEnds(view, part) {
  const { low, high } = part.scale;
  const stops = Array.from({ length: 9 }, (_, k) => colourOf(view, part.scale, low + ((high - low) * k) / 8));
  const ramp = make("i", "ramp");
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  const what = view.change && view.places[part.index] ? `change of ${part.side.measure}` : part.side.measure;
  const said = [what, two(low), two(high)].map((text) => make("span", "", text));
  part.ends.replaceChildren(said[0], said[1], ramp, said[2]);
}
