// What the window knows of its address: which page wrote it last, and how often somebody went back or forward in it.

const KEPT = ["projector"]; // parameters that are no page's

export const isOurs = (name) => !name.startsWith("embed") && !KEPT.includes(name);

// turn: counts steps back and forward; a page that has not heard of the latest does not write over it.
export function visits() {
  window.gazeVisits ??= { path: location.pathname, page: "", names: [], carried: false, turn: 0, pushing: false };
  return window.gazeVisits;
}
