// One mounted view: its state, what changes it, and what is drawn anew after a change.

import { KEYS, MOUNTED, noteAddress, readAddress, validChoice, watchAddress, writeAddress } from "./address.js";
import { buildParts, syncHeld } from "./bar.js";
import { decode, hasMap } from "./decode.js";
import {
  describe,
  drawAll,
  drawDetail,
  drawHeadAgain,
  drawPointer,
  publish,
  sizeOfBox,
  syncSentences,
} from "./draw.js";
import { headsByEdge } from "./edge.js";
import { askExact, exactHeads } from "./exact.js";
import { wholeRegion } from "./heatmap.js";
import { handleHeatmap, sameCell, tipOf, zoomBy } from "./heatmap_hand.js";
import { MOST_HELD, heldAfter, namesHeld } from "./held.js";
import { fitRegion } from "./layout.js";
import { handleLines } from "./lines.js";
import { hear, tell } from "./linked.js";
import { nameOf } from "./names.js";
import { handleOverview, samePlace } from "./overview.js";
import { showTip } from "./scale.js";
import { handleStrips } from "./strips.js";
import { headTargets } from "./targets.js";
import { handleText } from "./text.js";
import { live } from "../shared/life.js";
import { addressQuery } from "../shared/query.js";
import { inLanguage } from "../shared/said.js";
import { SAVING } from "../shared/saving.js";
import { targets } from "../shared/targets.js";

const MOST_PINS = 12;

export default function show(component) {
  const began = performance.now();
  return live(component, {
    selector: ".gaze-heads",
    fresh: () => ({
      path: location.pathname, closing: new AbortController(), data: null, choice: null, locks: [], hover: null,
      zoom: null, overTile: null, perRow: false, strongest: "all", pins: [], exact: new Map(), coarse: new Map(),
      touched: false, said: "", led: "",
    }),
    mount,
    receive: (view) => receive(view, began),
    stay(view) {
      view.led = "";
      writeAddress(view);
    },
    // The page answers soon, perhaps with another text: until then the address is the step's.
    owns: KEYS,
    stepped(view, alone) {
      view.led = alone ? "" : addressQuery();
      adopt(view);
      if (alone) askExact(view, view.act.arrived);
    },
    build: drawAll,
    size: sizeOfBox,
    ready: null, // it says so when it is painted
    asks: exactHeads,
    leave,
  });
}

function mount(view) {
  const { root, closing: { signal } } = view;
  const act = actions(view);
  view.act = act;
  view.parts = buildParts(root, act);
  handleOverview(view, act);
  handleHeatmap(view, act);
  handleLines(view, act);
  handleText(view, act);
  handleStrips(view, act);
  root.addEventListener("keydown", (event) => event.key === "Escape" && act.escape());
  window.addEventListener(SAVING, ({ detail }) => {
    if (!view.data) return;
    const scale = view.perRow ? "each row to its own greatest weight" : "0 to 100 %";
    detail.lines.push(inLanguage(`${view.kind.title}, ${nameOf(view.kind, view.choice.layer, view.choice.head)}. Colour: root of the weight, ${scale}`));
    // The words of a text stay as they are.
    if (view.locks.length) detail.lines.push([inLanguage("Held:"), namesHeld(view.kind, view.locks)].join(" "));
    view.touched = true; // a saved picture says of which head it is, also where nobody chose one
    writeAddress(view);
  }, { signal });
  window.addEventListener("resize", () => view.data && drawAll(view), { signal });
  window.addEventListener("gaze:link", (event) => hear(view, event.detail), { signal });
  watchAddress(view, signal);
  MOUNTED.push(view);
  view.targets = headTargets(view);
  targets().add(view.targets);
}

function leave(view) {
  view.closing.abort();
  targets().delete(view.targets);
  clearTimeout(view.pause);
  clearTimeout(view.rest);
  if (view.asking) view.asking.abort();
  MOUNTED.splice(MOUNTED.indexOf(view), 1);
}

// New data, or the same again after a rerun or a change of theme.
function receive(view, began) {
  const data = decode(view.bytes);
  const fresh = !view.data || data.text !== view.data.text;
  if (fresh) {
    performance.mark("gaze:data", { startTime: began });
    replaceData(view, data);
    requestAnimationFrame(() => {
      performance.mark("gaze:painted");
      publish(view, { ready: data.header.key });
    });
  } else {
    view.led = "";
    view.data = data;
    view.kind = data.kinds.find((one) => one.kind === view.choice.kind);
  }
  drawAll(view);
  if (fresh) askExact(view, view.act.arrived);
  writeAddress(view);
}

// Keeps what the user chose where the new data has it, else goes back to the start of the page.
function replaceData(view, data) {
  const before = view.data;
  view.data = data;
  view.exact.clear();
  view.coarse.clear();
  view.zoom = null;
  view.hover = null;
  if (!before || view.led) {
    const search = view.led || addressQuery();
    view.led = "";
    adopt(view, false, search);
    return;
  }
  const moved = JSON.stringify(before.header.start) !== JSON.stringify(data.header.start);
  view.choice = validChoice(data, moved && !view.touched ? data.header.start : view.choice);
  view.kind = data.kinds.find((one) => one.kind === view.choice.kind);
  const texts = (kind) => kind && JSON.stringify([kind.rows, kind.columns]);
  if (texts(before.kinds.find((one) => one.kind === view.choice.kind)) !== texts(view.kind)) {
    view.locks = [];
    if (view.choice.order === "held") view.choice.order = "number";
  }
  view.pins = view.pins.filter((pin) => data.kinds.some((kind) => kind.kind === pin.kind && hasMap(kind, pin.layer, pin.head)));
  view.said = "";
}

let followed = 0; // the latest head that another view of the page led to

// Takes the choice from the address, or from where another view of the page leads.
function adopt(view, draw = true, search = addressQuery()) {
  const { start } = view.data.header;
  if (start && start.turn > followed) {
    followed = start.turn;
    const own = { kind: start.kind, layer: start.layer, head: start.head, row: start.row, column: start.column, order: "number" };
    const query = Object.entries(own).filter(([, value]) => value !== undefined && value !== null);
    const given = new URLSearchParams(query.map(([key, value]) => [key, String(value)]));
    const led = readAddress(view.data, `?${given}`);
    Object.assign(view, { choice: led.choice, locks: led.locks, said: led.note, touched: true });
    view.kind = view.data.kinds.find((one) => one.kind === led.choice.kind);
    if (draw) drawAll(view);
    return;
  }
  const { choice, locks, note, present } = readAddress(view.data, search);
  view.choice = choice;
  view.kind = view.data.kinds.find((one) => one.kind === choice.kind);
  view.locks = locks;
  view.said = note;
  view.touched = view.touched || present;
  if (draw) drawAll(view);
}

function actions(view) {
  const changed = () => {
    view.touched = true;
    noteAddress(view);
    tell(view);
  };
  return {
    choose(change) {
      const choice = validChoice(view.data, { ...view.choice, ...change });
      const other = choice.kind !== view.choice.kind;
      const whole = other || choice.view !== view.choice.view || choice.order !== view.choice.order;
      if (other) {
        Object.assign(view, { locks: [], hover: null, zoom: null });
        if (choice.order === "held") choice.order = "number";
      }
      Object.assign(view, { choice, said: "", kind: view.data.kinds.find((one) => one.kind === choice.kind) });
      if (whole) drawAll(view);
      else drawHeadAgain(view);
      askExact(view, view.act.arrived);
      changed();
    },
    point(place) {
      if (sameCell(place, view.hover) || (!place && !view.hover)) return;
      view.hover = place;
      drawPointer(view);
      askExact(view, view.act.arrived);
      tell(view);
    },
    hold(places) {
      view.locks = places;
      view.act.tell(places.length ? `Held: ${namesHeld(view.kind, places)}` : "Nothing is held.");
      if (view.choice.order === "held" && !places.length) view.choice = { ...view.choice, order: "number" };
      if (view.choice.order === "held" || view.parts.order.value === "held") drawAll(view);
      else {
        syncHeld(view);
        drawPointer(view);
      }
      askExact(view, view.act.arrived);
      changed();
    },
    take(found, after = heldAfter) {
      const next = after(view.locks, found);
      if (next !== view.locks) view.act.hold(next);
      else if (found) view.act.say(`${MOST_HELD} words are held: let one go first.`);
    },
    which() {
      if (view.choice.order === "held" || !view.locks.length) view.act.choose({ order: "number" });
      else {
        const [{ layer, head }] = headsByEdge(view.kind, view.locks);
        view.act.choose({ order: "held", layer, head });
      }
    },
    escape() {
      showTip(view, null);
      if (view.locks.length) view.act.hold([]);
      else if (view.zoom) view.act.zoom(null);
    },
    zoom(region) {
      const wanted = region === "in" ? zoomBy(view, 0.5) : region === "out" ? zoomBy(view, 2) : region;
      const fitted = wanted && fitRegion(wanted, view.kind);
      view.zoom = fitted && fitted.join() !== wholeRegion(view.kind).join() ? fitted : null;
      drawDetail(view);
    },
    pin(place) {
      const { kind, layer, head } = place || view.choice;
      const here = view.pins.findIndex((pin) => samePlace(pin, { kind, layer, head }));
      // The first five colours mark patterns in the overview: pins take them last.
      const free = Array.from({ length: MOST_PINS }, (_, k) => (k + 5) % MOST_PINS).find((k) => view.pins.every((pin) => pin.colour !== k));
      if (here >= 0) view.pins.splice(here, 1);
      else if (free === undefined) view.act.say("Twelve heads are pinned: remove one first.");
      else view.pins.push({ kind, layer, head, colour: free });
      drawAll(view);
    },
    contrast(on) {
      view.perRow = on;
      drawDetail(view);
    },
    strongest(value) {
      view.strongest = value === "all" ? value : Number(value);
      drawDetail(view);
    },
    toggle() {
      const { kind, layer, head } = view.choice;
      view.parts.toggle.disabled = true;
      // An edit that changes nothing brings no new data: the button must not wait for it for ever.
      setTimeout(() => { view.parts.toggle.disabled = false; }, 4000);
      view.send("toggle_head", { kind, layer, head });
    },
    card() {
      const { kind, layer, head } = view.choice;
      view.send("card_head", { kind, layer, head });
    },
    say(sentence) {
      view.said = sentence;
      syncSentences(view);
    },
    arrived(sentence) {
      if (sentence) view.act.say(sentence);
      else drawDetail(view);
      if (view.hover && !view.parts.tip.hidden) showTip(view, tipOf(view, view.hover), ...view.tipAt); // exact by now
      publish(view);
    },
    tell(words) {
      view.parts.live.textContent = words;
    },
    describe: () => describe(view),
    redraw: () => drawDetail(view),
  };
}
