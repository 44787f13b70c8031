// What the message does not hold is asked for: maps of a layer or head, rollout, distances, relevance with progress.

import { FUSIONS } from "./address.js";
import { asCodes, keep, rolloutName, upTo } from "./decode.js";
import { appRoot, postJson } from "../shared/routes.js";

const PREFETCHED = 12e6; // bytes of all maps, up to which they are fetched while nothing is done
const LARGE_LAYER = 2.5e6; // bytes of a layer's maps, from which on one head is asked for at a time

const routeOf = (name) => new URL(`gaze/${name}`, appRoot({}));

// Fetches once; done() when it is here. Nothing that was under way for another picture is kept.
async function fetchMaps(view, name, body, bits, done) {
  if (view.fetched.has(name) || view.underWay.has(name)) return;
  view.underWay.add(name);
  const { data, closing } = view;
  try {
    const reply = await postJson(routeOf("patches"), { request: data.header.request, ...body }, closing.signal);
    if (!reply.ok) throw new Error((await reply.json()).advice);
    const buffer = await reply.arrayBuffer();
    if (view.data !== data) return;
    view.underWay.delete(name);
    if (bits === 32) view.far = new Float32Array(buffer);
    else keep(view, name, asCodes(buffer, bits));
    done();
  } catch (error) {
    if (view.data !== data || closing.signal.aborted) return;
    view.underWay.delete(name);
    view.failed = error.message || "This did not arrive. Choose it again.";
    done();
  }
}

function layerBytes({ heads, tokens }) {
  return heads * tokens * tokens;
}

// What a saved page should know: distances, rollouts, relevance that was computed, then maps, the chosen layer first.
export function wantedMaps(view) {
  const { choice, data: { header, parts } } = view;
  if (header.reading) return { what: "", orders: [] };
  const { request, heads } = header;
  const order = (body) => ["patches", { request, ...body }];
  const { discard, residual, label, layer: chosen } = choice;
  const fusions = [choice.fusion, ...FUSIONS.filter((one) => one !== choice.fusion)];
  const layers = [chosen, ...upTo(header.layers).filter((one) => one !== chosen)];
  const whole = layerBytes(header) <= LARGE_LAYER;
  const maps = whole ? layers.map((layer) => order({ what: "layer", layer }))
    : layers.flatMap((layer) => upTo(heads).map((head) => order({ what: "head", layer, head })));
  return {
    what: "sets of maps",
    orders: [
      order({ what: "distances" }), ...(view.relevance.has(label) ? [["relevance", { request, label }]] : []),
      ...fusions.map((fusion) => order({ what: "rollout", fusion, discard, residual })), ...(parts.maps ? [] : maps),
    ],
  };
}

// Asks for what the choice needs and the message does not hold; draws again when it is here.
export function askFor(view, redraw) {
  const { choice, data } = view;
  const { header } = data;
  if (choice.of === "rollout") {
    const { fusion, discard, residual } = choice;
    clearTimeout(view.pause);
    const ask = () => fetchMaps(view, rolloutName(choice), { what: "rollout", fusion, discard, residual }, 16, redraw);
    if (!view.fetched.has(rolloutName(choice))) view.pause = setTimeout(ask, 60);
    return;
  }
  if (choice.of !== "attention") return;
  if (layerBytes(header) <= LARGE_LAYER) {
    fetchMaps(view, `layer ${choice.layer}`, { what: "layer", layer: choice.layer }, 8, redraw);
  } else {
    const { layer, head } = choice;
    if (!view.fetched.has(`layer ${layer}`)) fetchMaps(view, `head ${layer} ${head}`, { what: "head", layer, head }, 8, redraw);
  }
}

// Once a picture stands: distances, and all maps where they are not too many, the chosen layer first.
export async function prefetch(view, redraw) {
  const { data, choice } = view;
  const { header, parts } = data;
  if (header.reading) return; // all that is shown has come
  await fetchMaps(view, "far", { what: "distances" }, 32, redraw);
  if (parts.maps || header.layers * layerBytes(header) > PREFETCHED) return;
  const order = [choice.layer, ...upTo(header.layers).filter((layer) => layer !== choice.layer)];
  for (const layer of order) {
    if (view.data !== data) return;
    await fetchMaps(view, `layer ${layer}`, { what: "layer", layer }, 8, redraw);
  }
}

// Relevance of the chosen class: told line by line while it is computed, stopped by asking for something else.
export async function askRelevance(view, redraw) {
  const { label } = view.choice;
  if (view.choice.of !== "relevance" || view.relevance.has(label) || view.waiting === label) return;
  stopRelevance(view);
  const stop = new AbortController();
  const { data } = view;
  Object.assign(view, { waiting: label, stop, told: null, progress: 0, failed: "" });
  redraw();
  try {
    const reply = await postJson(routeOf("relevance"), { request: data.header.request, label }, stop.signal);
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const lines = text.split("\n");
      text = lines.pop();
      for (const line of lines) hear(view, label, JSON.parse(line));
      redraw();
    }
  } catch (error) {
    if (!stop.signal.aborted) view.failed = "The relevance did not arrive. Choose the class again.";
  }
  if (view.stop === stop) Object.assign(view, { waiting: null, stop: null });
  redraw();
}

function hear(view, label, told) {
  if (told.total) Object.assign(view, { told, progress: told.done / told.total });
  if (told.advice) view.failed = told.advice;
  if (told.row) view.relevance.set(label, Float32Array.from(told.row));
}

export function stopRelevance(view) {
  if (view.stop) view.stop.abort();
  Object.assign(view, { waiting: null, stop: null });
}
