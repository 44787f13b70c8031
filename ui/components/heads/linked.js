// Two views side by side: what one chooses, points at and holds, the other follows.

import { noteAddress, validChoice } from "./address.js";
import { hasMap } from "./decode.js";
import { drawAll, drawPointer } from "./draw.js";
import { askExact } from "./exact.js";

export function tell(view) {
  const group = view.data.header.link;
  if (!group) return;
  const detail = { group, from: view, choice: view.choice, hover: view.hover, locks: view.locks };
  window.dispatchEvent(new CustomEvent("gaze:link", { detail }));
}

// Follows a linked view, as far as this one has the same heads and tokens.
export function hear(view, { group, from, choice, hover, locks }) {
  if (from === view || !view.data || view.data.header.link !== group) return;
  const before = JSON.stringify(view.choice);
  const kind = view.data.kinds.find((one) => one.kind === choice.kind);
  if (!kind || !hasMap(kind, choice.layer, choice.head)) return;
  const fits = (place) => place && (place.endRow ?? place.row ?? 0) <= kind.rows.length - !place.endRow
    && (place.endColumn ?? place.column ?? 0) <= kind.columns.length - !place.endRow;
  const next = validChoice(view.data, choice);
  const said = (one) => JSON.stringify(one);
  if (kind !== view.kind) view.zoom = null;
  if (before !== said(next) || said(locks) !== said(view.locks)) {
    view.touched = true;
    noteAddress(view);
  }
  const held = said(locks) !== said(view.locks);
  Object.assign(view, { choice: next, kind, hover: fits(hover) ? hover : null, locks: locks.filter(fits) });
  if (said(next) === before && !held) {
    drawPointer(view);
    return;
  }
  drawAll(view);
  askExact(view, view.act.arrived);
}
