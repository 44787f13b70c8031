// Zoom and pan of one side: by wheel, by two fingers, by keys and by buttons.

import { turnedPlaces } from "./turn.js";

export const MOST = 64;

export const whole = () => ({ scale: 1, x: 0, y: 0 });

// Where points that are fitted into the room stand now.
export function placed(pane, fitted) {
  const { scale, x, y } = pane.zoom;
  const at = pane.frame?.deep ? turnedPlaces(pane, fitted) : fitted;
  if (scale === 1) return at;
  const found = new Float32Array(at.length);
  for (let i = 0; i < at.length; i += 2) {
    found[i] = at[i] * scale + x;
    found[i + 1] = at[i + 1] * scale + y;
  }
  return found;
}

// So many times nearer, with the place under (x, y) staying where it is; never farther than the whole.
export function zoomed(zoom, times, x, y) {
  const scale = Math.max(1, Math.min(MOST, zoom.scale * times));
  const share = scale / zoom.scale;
  return { scale, x: x - (x - zoom.x) * share, y: y - (y - zoom.y) * share };
}

// Some of the map always stays in the room: its edge goes no farther than the middle.
export function held({ scale, x, y }, width, height) {
  if (scale === 1) return whole();
  const within = (value, room) => Math.max(room / 2 - room * scale, Math.min(room / 2, value));
  return { scale, x: within(x, width), y: within(y, height) };
}

export function change(pane, zoom) {
  pane.zoom = held(zoom, pane.width, pane.height);
}

// Two fingers: what lay between them stays between them.
export function pinched(zoom, before, now) {
  const far = ([a, b]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [from, to] = [middle(before), middle(now)];
  const nearer = zoomed(zoom, far(now) / far(before), ...from);
  return { scale: nearer.scale, x: nearer.x + to[0] - from[0], y: nearer.y + to[1] - from[1] };
}
