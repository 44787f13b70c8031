// One mounted picture: its state, what changes it, and what is drawn anew after a change. No change asks the page.

import { KEYS, noteAddress, readChoice, watchAddress } from "./address.js";
import { askFor, askRelevance, prefetch, stopRelevance, wantedMaps } from "./ask.js";
import { largest, tintOf, topOf } from "./colours.js";
import { ALL, currentRow, decode, onPatches, startOf, upTo } from "./decode.js";
import { buildParts, fillChips, fillClasses, fillFurther, mark, percent } from "./elements.js";
import { dotAt, drawFar, drawOverview, layoutTiles, nextTile, tileAt } from "./overview.js";
import { blockOf, outline, paintOver, paintPicture, patchAt } from "./paint.js";
import { fillReading, sharesSaid } from "./reading.js";
import { fitCanvas, make } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { tall } from "../shared/room.js";

const NARROW = 760;

export default function show(component) {
  return live(component, {
    selector: ".gaze-patches",
    fresh: () => ({
      path: location.pathname, closing: new AbortController(), choice: null, touched: false,
      look: { opacity: 0.7, clip: 99, mass: 1, scale: "fire", smooth: false, own: false },
    }),
    receive,
    build,
    asks: wantedMaps,
    owns: KEYS,
    stepped(view, alone) {
      view.led = !alone; // another picture may come, of which the address speaks, too
      view.choice = readChoice(view.data.header, null);
      redraw(view);
    },
    leave(view) {
      view.closing.abort();
      stopRelevance(view);
      clearTimeout(view.pause);
      clearTimeout(view.rest);
    },
  });
}

function receive(view) {
  const data = decode(view.bytes);
  const same = view.data && JSON.stringify(view.data.header) === JSON.stringify(data.header);
  if (same) {
    redraw(view);
    return;
  }
  const first = !view.data;
  stopRelevance(view);
  Object.assign(view, {
    data, image: null, fetched: new Map(), underWay: new Set(), relevance: new Map(), averages: new Map(), far: null, dots: null,
    pointed: null, overTile: null, failed: "", complete: false, act: actions(view), choice: readChoice(data.header, view.led ? null : view.choice), led: false,
  });
  if (first) watchAddress(view);
  build(view);
  const picture = new Blob([data.picture], { type: "image/jpeg" });
  createImageBitmap(picture).then((image) => {
    if (view.data !== data) return;
    view.image = image;
    redraw(view);
    view.painted = (view.painted || 0) + 1;
    publish(view);
    prefetch(view, () => view.data === data && redraw(view)).then(() => {
      view.complete = view.data === data;
      publish(view);
    });
  });
}

function actions(view) {
  return {
    choose(change) {
      Object.assign(view.choice, change);
      view.failed = "";
      if (view.choice.of !== "relevance") stopRelevance(view);
      redraw(view);
      noteAddress(view);
    },
    look(change) {
      Object.assign(view.look, change);
      redraw(view);
    },
  };
}

function build(view) {
  const { root, data, act } = view;
  view.size = sizeOf(root);
  const width = root.clientWidth;
  view.narrow = width < NARROW;
  root.classList.toggle("narrow", view.narrow);
  view.parts = buildParts(view, act);
  const { parts } = view;
  root.replaceChildren(make("div", "main", {}, parts.left, parts.middle, parts.right));
  const leftWidth = view.narrow ? width : Math.floor(0.36 * width);
  const height = tall(data.header.height);
  view.layout = layoutTiles(view, leftWidth, view.narrow ? 1.2 * width : height - 170);
  view.farSize = [leftWidth, view.narrow ? 130 : Math.max(96, Math.min(190, height - view.layout.height - 70))];
  layoutStage(view);
  handle(view);
  redraw(view);
}

function layoutStage(view) {
  const { parts, data, narrow, root } = view;
  const [wide, high] = data.header.size;
  const room = narrow ? root.clientWidth : parts.middle.clientWidth;
  const words = data.header.reading ? Math.min(150, 26 * Math.ceil(data.header.first.join("").length / 24)) : 0;
  const most = narrow ? 420 : tall(data.header.height) - (words ? 92 + words : 168);
  const scale = Math.min(room / wide, most / high);
  view.frame = { x: 0, y: 0, width: Math.floor(wide * scale), height: Math.floor(high * scale) };
}

function handle(view) {
  const { parts, act, data } = view;
  const { overview, far, stage } = parts;
  const place = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const over = (tile) => {
    if (tile === view.overTile) return;
    view.overTile = tile || null;
    overview.title = tile ? `Layer ${tile.layer + 1}, ${tile.head === "mean" ? "mean of its heads" : `head ${tile.head + 1}`}` : "";
    drawOverview(view);
  };
  overview.addEventListener("pointermove", (event) => event.pointerType === "mouse" && over(tileAt(view.layout, ...place(event))));
  overview.addEventListener("pointerleave", () => over(null));
  overview.addEventListener("click", (event) => {
    const tile = tileAt(view.layout, ...place(event));
    if (tile) act.choose({ of: "attention", layer: tile.layer, head: tile.head });
  });
  overview.addEventListener("keydown", (event) => {
    const tile = nextTile(view, event.key);
    if (!tile) return;
    event.preventDefault();
    act.choose({ of: "attention", layer: tile.layer, head: tile.head });
  });
  far.addEventListener("click", (event) => {
    const dot = dotAt(view, ...place(event));
    if (dot) act.choose({ of: "attention", layer: dot.layer, head: dot.head });
  });
  far.addEventListener("pointermove", (event) => {
    const dot = dotAt(view, ...place(event));
    far.title = dot ? `Layer ${dot.layer + 1}, head ${dot.head + 1}: ${dot.value.toFixed(1)} patches` : "";
    far.style.cursor = dot ? "pointer" : "default";
  });
  const point = (patch) => {
    if (patch === view.pointed) return;
    view.pointed = patch;
    drawStage(view);
  };
  const ask = (patch) => {
    if (patch === null || view.choice.of === "relevance" || data.header.reading) return;
    const token = patch + data.header.first.length;
    act.choose({ token: token === view.choice.token ? startOf(data.header) : token });
  };
  stage.addEventListener("pointermove", (event) => event.pointerType === "mouse" && point(patchAt(data.header, view.frame, ...place(event))));
  stage.addEventListener("pointerleave", () => point(null));
  stage.addEventListener("click", (event) => {
    view.pointed = patchAt(data.header, view.frame, ...place(event));
    ask(view.pointed);
  });
  stage.addEventListener("keydown", (event) => stepPatch(view, event));
}

// Arrow keys move the patch that asks; Escape gives back to the class token.
function stepPatch(view, event) {
  const { header } = view.data;
  if (header.reading) return;
  const [rows, columns] = header.grid;
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (event.key === "Escape") view.act.choose({ token: startOf(header) });
  if (!steps[event.key] || view.choice.of === "relevance") return;
  event.preventDefault();
  const patch = view.choice.token - header.first.length;
  const at = patch >= 0 ? patch : Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  const [down, right] = patch >= 0 ? steps[event.key] : [0, 0];
  const row = Math.max(0, Math.min(rows - 1, Math.floor(at / columns) + down));
  const column = Math.max(0, Math.min(columns - 1, (at % columns) + right));
  view.act.choose({ token: row * columns + column + header.first.length });
}

function redraw(view) {
  const { data, choice } = view;
  view.row = currentRow(view);
  const again = () => view.data === data && redraw(view);
  if (!view.row && !data.header.reading) askFor(view, again);
  if (!view.row && choice.of === "relevance" && !view.failed) askRelevance(view, again);
  if (view.row) view.shown = { row: view.row, title: titleOf(view) };
  drawOverview(view);
  if (!data.header.reading) drawFar(view);
  drawStage(view);
  sync(view);
  publish(view);
}

// What is shown, for those who look from outside.
function publish({ root, choice, row, painted, complete }) {
  const { host } = root.getRootNode();
  if (!host) return;
  const { of, layer, head, token } = choice;
  Object.assign(host.dataset, { of, layer, head, token, here: row ? 1 : 0, painted: painted || 0, complete: complete ? 1 : 0 });
}

const nameOf = (header, token) => {
  if (token === ALL) return "all patches";
  if (token < header.first.length) return header.first[token];
  const patch = token - header.first.length;
  return `patch ${Math.floor(patch / header.grid[1]) + 1},${(patch % header.grid[1]) + 1}`;
};

function titleOf({ choice, data }) {
  if (choice.of === "rollout") return "Rollout through all layers";
  const named = data.header.classes.find(({ label }) => label === choice.label);
  if (choice.of === "relevance") return `Relevance for ${named ? named.name : "a class"}`;
  return `Layer ${choice.layer + 1} · ${choice.head === "mean" ? "mean of its heads" : `head ${choice.head + 1}`}`;
}

// The overlay; while another is on its way the one before stays, fainter.
function drawStage(view) {
  const { parts, frame, palette, look, choice, data, pointed } = view;
  const pen = fitCanvas(parts.stage, frame.width, frame.height);
  const bare = look.scale === "spotlight" ? 0 : 0.55 * look.opacity;
  paintPicture(pen, view, frame, bare);
  const row = view.row || (view.shown && view.shown.row.length === data.header.tokens ? view.shown.row : null);
  const values = onPatches(view, row);
  if (values && view.image) {
    view.top = topOf(values, look.clip);
    const kept = largest(values, look.mass);
    paintOver(pen, view, frame, values, view.top, kept, view.row ? look : { ...look, opacity: look.opacity / 2 });
  }
  const patch = choice.token - data.header.first.length;
  if (choice.of !== "relevance" && patch >= 0) outline(pen, view, blockOf(data.header, frame, patch), palette.primary, 3);
  if (pointed !== null && pointed !== patch) outline(pen, view, blockOf(data.header, frame, pointed), palette.ink, 1.5);
  read(view, values);
}

function read(view, values) {
  const { parts, data, pointed, choice } = view;
  const { header } = data;
  parts.readout.textContent = view.failed || said();

  function said() {
    const relevant = choice.of === "relevance";
    if (pointed !== null && values) {
      const name = nameOf(header, pointed + header.first.length);
      if (!relevant) return `${name} gets ${percent(values[pointed])}`;
      return `${name}: ${percent(values[pointed] / (Math.max(...values) || 1))} of the most relevant patch`;
    }
    if (header.reading) return "Click a word to see where it looks.";
    if (!relevant) return "Click a patch to see where it looks; click it again to go back.";
    return view.row ? "Attention weighed by gradients, through all layers." : "";
  }
}

function sync(view) {
  const { parts, choice, data, palette, look, act } = view;
  const { header } = data;
  if (header.reading) fillReading(view);
  else {
    mark(parts.of, choice.of);
    fillFurther(view, act);
    fillClasses(view, act);
    fillChips(view, act);
  }
  const who = header.reading ? `“${nameOf(header, choice.token)}”` : nameOf(header, choice.token);
  parts.who.textContent = `Where ${who} ${who === "all patches" ? "look" : "looks"}: all heads`;
  parts.title.textContent = titleOf(view);
  parts.direction.textContent = directionOf(view, who);
  parts.direction.hidden = Boolean(header.reading); // it stands beside
  parts.stage.ariaLabel = `${titleOf(view)}. ${parts.direction.textContent}`;
  parts.bar.hidden = !(choice.of === "relevance" && view.waiting !== null && !view.row);
  parts.bar.firstChild.style.width = `${100 * (view.progress || 0)}%`;
  const stops = upTo(9).map((k) => {
    const [r, g, b, a] = tintOf(palette, look, k / 8);
    return `rgb(${r} ${g} ${b} / ${look.scale === "spotlight" ? a / 255 : 1})`;
  });
  const ramp = make("i", "ramp");
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  const most = choice.of === "relevance" ? "most" : percent(view.top || 0);
  parts.legend.replaceChildren(make("span", "", { textContent: "0" }), ramp, make("span", "", { textContent: view.row ? most : "…" }));
  ramp.title = "The middle of the scale is a quarter of its end.";
}

function directionOf(view, who) {
  const { choice, row, data } = view;
  if (choice.of === "relevance") {
    if (view.row) return "bright patches speak for this class";
    return view.told ? `going back: layer ${view.told.done} of ${view.told.total}` : "computing: a pass forward first …";
  }
  const { first, layers, tokens, reading } = data.header;
  if (reading && row) return sharesSaid(who, data.header, row);
  if (!row) return choice.of === "rollout" ? `multiplying ${layers} maps of ${tokens} × ${tokens} …` : "on its way …";
  const kept = first.length ? row.subarray(0, first.length).reduce((sum, value) => sum + value, 0) : 0;
  const beside = first.length ? `; ${percent(kept)} goes to ${first.length === 1 ? first[0] : `the ${first.length} tokens below`}` : "";
  return `${who} ${who === "all patches" ? "attend" : "attends"} to bright patches${beside}`;
}
