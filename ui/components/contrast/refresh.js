// What follows a change of scale, numbers or pointed cell: sums, buttons, losses, the matrix, and its words.

import { drawMatrix } from "./draw.js";
import { lossBox, percent } from "./losses.js";
import { judged, meets, stepOf } from "./sums.js";
import { make } from "../shared/dom.js";

export function refresh(view) {
  const { data, scale } = view;
  view.judged = { rows: judged(data, scale, true), columns: judged(data, scale, false) };
  view.slider.value = stepOf(scale, data.most);
  view.told.textContent = `× ${scale.toPrecision(3)} (temperature ${(1 / scale).toPrecision(2)})`;
  for (const button of view.root.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view.show));
  }
  for (const button of view.root.querySelectorAll(".mark")) {
    button.setAttribute("aria-pressed", String(Math.abs(Number(button.dataset.value) - scale) < 1e-6 * scale));
  }
  view.losses.replaceChildren(lossBox(view));
  if (view.note) view.losses.append(make("p", "note", view.note));
  drawMatrix(view);
  read(view);
}

export function read(view) {
  const { data, pointed } = view;
  if (!pointed) {
    const legend = view.show === "cosines" ? "Numbers are cosines." : "Numbers are percent.";
    view.readout.textContent = `${legend} Framed: what belongs together. Dashed: what wins in its place.`;
    return;
  }
  const { row, column } = pointed;
  const [r, c] = [data.rows[row].text, data.columns[column].text];
  const at = row * data.rows.length + column;
  const parts = [`“${r}” and ${c}: cosine ${data.cosines[at].toFixed(3).replace("-", "−")}`];
  if (meets(data, row, column)) {
    const alone = data.kind === "siglip";
    parts.push(`${percent(view.judged.rows.shares[at])} ${alone ? "to belong together" : "of its row"}`);
    if (data.kind === "clip") parts.push(`${percent(view.judged.columns.shares[at])} of its column`);
  } else parts.push("a view does not meet itself");
  view.readout.textContent = parts.join(" · ");
}
