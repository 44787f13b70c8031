// The life of one mounted view: made once, told of new data or colours, built anew at another size, taken down at last.

import { compareWithPage, sendFrom } from "./ahead.js";
import { readPalette } from "./palette.js";
import { ROOM_CHANGED, tallness } from "./room.js";
import { REDRAW } from "./saving.js";
import { STEPPED } from "./visits.js";

const VIEWS = new WeakMap();
// Every view of the window, of all components: place -> {name, view, asks}.
const EVERY_VIEW = (globalThis.gazeShown ??= new Map());
export const sizeOf = (root) => `${root.clientWidth}x${tallness()}x${window.devicePixelRatio}`;

// selector: the view's element.
// fresh(): its own fields. mount(view): what is done once, when it is made.
// receive(view, palette): new data or colours have come; view.data is made. stay(view): a call that brings neither.
// build(view): draw at this size, which is kept in view.size as size(root) gives it.
// owns: parameters of the address that the view reads and writes by itself.
// stepped(view, alone): somebody went back or forward within the page, the address says where. alone: nothing but what
// views own has changed, and the page is not asked.
// redraw(view): draw all canvases anew with a fresh pen for each, where building is more than that.
// asks(view): what a saved page should know beside its message, the most wanted first: {what, orders: [[route, body]]}.
// ready(view): what others may wait for; null: the view says it itself. leave(view): what else ends with it.
export function live(component, { selector, fresh, receive, build, ...more }) {
  const { mount, stay, leave, stepped, redraw, asks, owns = [], size = sizeOf, ready = (view) => view.count } = more;
  const place = component.parentElement;
  const root = place.querySelector(selector);
  let view = VIEWS.get(place);
  if (!view) {
    view = { root, place, calls: 0, count: 0, size: "", ...fresh() };
    mount?.(view);
    view.watch = new ResizeObserver(() => view.data && view.size !== size(root) && withFocus(root, () => build(view)));
    view.watch.observe(root);
    view.ended = new AbortController();
    window.addEventListener(ROOM_CHANGED, follow, { signal: view.ended.signal });
    window.addEventListener(REDRAW, () => view.data && (redraw ?? build)(view), { signal: view.ended.signal });
    if (stepped) window.addEventListener(STEPPED, ({ detail }) => view.data && stepped(view, detail.alone), { signal: view.ended.signal });
    VIEWS.set(place, view);
    EVERY_VIEW.set(place, { name: selector.replace(".gaze-", ""), view, asks, owns });
  }
  // The screen gives more or less room, or the letters are to be larger.
  function follow() {
    if (!view.data) return;
    const palette = readPalette(root);
    if (palette.name !== view.palette.name) {
      view.palette = palette;
      withFocus(root, () => receive(view, palette));
    } else if (view.size !== size(root)) withFocus(root, () => build(view));
  }
  view.draw = (bytes) => {
    const palette = readPalette(root);
    Object.assign(view, { bytes, palette });
    receive(view, palette);
    view.count += 1;
    if (ready) publishReady(view, ready(view));
  };
  view.stay = () => stay?.(view);
  view.post = component.setTriggerValue;
  view.send = (name, value) => sendFrom(view, name, value);
  view.calls += 1;
  const { calls } = view;
  view.given = component.data;
  if (view.ahead) compareWithPage(view);
  const shown = view.ahead ? view.bytes : view.given;
  if (view.bytes !== shown || readPalette(root).name !== view.palette.name) view.draw(shown);
  else view.stay();
  // Streamlit may end an outdated call while the view lives on: only the latest call takes it down.
  return () => {
    if (calls !== view.calls) return;
    leave?.(view);
    view.watch.disconnect();
    view.ended.abort();
    VIEWS.delete(place);
    EVERY_VIEW.delete(place);
  };
}

const FOCUSABLE = "button, canvas, input, select, textarea, [tabindex]";

// Who works by keys goes on where they were, though the screen gave more room meanwhile and all is built anew.
function withFocus(root, act) {
  const within = root.getRootNode();
  const before = within.activeElement;
  const place = before && root.contains(before) ? [...root.querySelectorAll(FOCUSABLE)].indexOf(before) : -1;
  act();
  if (place >= 0 && !root.contains(within.activeElement)) root.querySelectorAll(FOCUSABLE)[place]?.focus({ preventScroll: true });
}

function publishReady({ root }, value) {
  root.getRootNode().host?.setAttribute("data-ready", value);
  root.dataset.ready = value;
}
