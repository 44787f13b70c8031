// A spotlight: a calm ring round what is meant, which follows it as the page scrolls, grows or is drawn anew.

import { make } from "./dom.js";
import { placeOfTarget } from "./targets.js";

const PLACED = 150; // milliseconds between two looks at where things are
const SPOT_STYLE = `
.gaze-spot { position: fixed; z-index: 40; pointer-events: none; border-radius: 10px; box-sizing: border-box;
  border: 3px solid #d9480f; box-shadow: 0 0 0 3px rgb(255 255 255 / 78%), 0 0 18px 6px rgb(217 72 15 / 38%); animation: gaze-spot 1.2s ease-out 2; }
.gaze-spot.dark { border-color: #ffa94d; box-shadow: 0 0 0 3px rgb(0 0 0 / 70%), 0 0 20px 7px rgb(255 169 77 / 42%); }
.gaze-projector .gaze-spot { border-width: 5px; }
@keyframes gaze-spot { from { opacity: .25; } 60% { opacity: 1; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .gaze-spot { animation: none; } }`;

const spotState = () => {
  globalThis.gazeSpots ??= { owners: new Map(), rings: new Map(), timer: 0 };
  return globalThis.gazeSpots;
};

// lights: [{kind, which}], replacing those of the same owner before; page: whose choices are meant.
export function shine(owner, lights, page = "") {
  const state = spotState();
  if (lights.length) state.owners.set(owner, { lights, page });
  else state.owners.delete(owner);
  if (!document.querySelector("#gaze-spot-style")) document.head.append(make("style", "", { id: "gaze-spot-style", textContent: SPOT_STYLE }));
  clearInterval(state.timer);
  if (state.owners.size) state.timer = setInterval(placeSpots, PLACED);
  if (!state.watched) {
    state.watched = true;
    ["scroll", "resize"].forEach((name) => window.addEventListener(name, () => spotState().owners.size && placeSpots(), { capture: true, passive: true }));
  }
  placeSpots();
}

function isDarkPage() {
  const app = document.querySelector(".stApp");
  const [red, green, blue] = (app ? getComputedStyle(app).backgroundColor.match(/\d+/g) : null) || [255, 255, 255];
  return Number(red) + Number(green) + Number(blue) < 380;
}

function placeSpots() {
  const { owners, rings } = spotState();
  const wanted = new Map();
  owners.forEach(({ lights, page }, owner) => lights.forEach((light) => wanted.set(`${owner} ${light.kind} ${light.which}`, { light, page })));
  rings.forEach((ring, name) => {
    if (wanted.has(name)) return;
    ring.remove();
    rings.delete(name);
  });
  wanted.forEach(({ light, page }, name) => {
    const box = placeOfTarget(light, page);
    if (!rings.has(name)) rings.set(name, make("div", "gaze-spot", { "aria-hidden": "true" }));
    const ring = rings.get(name);
    if (!box) {
      ring.remove();
      return;
    }
    ring.classList.toggle("dark", isDarkPage());
    Object.assign(ring.style, { left: `${box.left - 6}px`, top: `${box.top - 6}px`, width: `${box.width + 12}px`, height: `${box.height + 12}px` });
    if (!ring.isConnected) document.body.append(ring);
  });
}
