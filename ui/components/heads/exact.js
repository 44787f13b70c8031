// Exact weights of single heads from the server: asked after a short pause, cancelled when outdated, eight kept.

import { exactWeights, weightsOf } from "./decode.js";
import { NOT_SAVED, appRoot, postJson } from "../shared/routes.js";

const KEPT = 8;
const PAUSE = 80;

const orderOf = ({ request, shown }, { kind, layer, head }) => ({ request, shown, kind, layer, head });

// What a saved page should know: heads that the message holds only roughly, the chosen one and its neighbours first.
export function exactHeads(view) {
  const { data: { header, kinds }, choice } = view;
  const far = ({ kind, layer, head }) => [kind !== choice.kind, layer !== choice.layer, head !== choice.head].map(Number).join("");
  const places = kinds.filter((kind) => kind.approximate).flatMap((kind) => (
    Array.from({ length: kind.layers * kind.heads }, (_, k) => ({ kind: kind.kind, layer: Math.floor(k / kind.heads), head: k % kind.heads }))));
  places.push(...(typeof choice.head === "string" && view.kind.approximate ? [choice] : []));
  places.sort((one, other) => far(one).localeCompare(far(other)));
  return { what: "heads with exact numbers", orders: places.map((place) => ["head", orderOf(header, place)]) };
}

export const headKey = (choice) => [choice.kind, choice.layer, choice.head].join(".");

export function routeOf(header, name) {
  return new URL(`${header.endpoint.replace(/^\/+|\/+$/g, "")}/${name}`, appRoot(header));
}

// The best weights at hand: exact ones when they have come, else those of the payload.
export function currentWeights(view, choice = view.choice) {
  const kind = view.data.kinds.find((one) => one.kind === choice.kind);
  const name = headKey(choice);
  const exact = view.exact.get(name);
  if (exact) return exact;
  if (!view.coarse.has(name)) {
    if (view.coarse.size >= 24) view.coarse.delete(view.coarse.keys().next().value);
    view.coarse.set(name, weightsOf(kind, choice.layer, choice.head));
  }
  return view.coarse.get(name);
}

// Whether the payload's 8 bits are all a picture needs: a number is asked for only when somebody points at one.
const onlyRounded = (kind) => kind.block[0] === 1 && kind.block[1] === 1;

// Begins to fetch the chosen head when the payload holds it only roughly; calls done(sentence) once.
export function askExact(view, done) {
  const name = `${view.data.header.key} ${headKey(view.choice)}`;
  if (view.askedFor === name) return; // under way, or it did not arrive
  clearTimeout(view.pause);
  if (view.asking) view.asking.abort();
  const { header } = view.data;
  const choice = { ...view.choice };
  const kind = view.kind;
  view.askedFor = null;
  if (!kind.approximate || view.exact.has(headKey(choice)) || !header.endpoint) return;
  if (onlyRounded(kind) && !view.hover && !view.locks.length) return;
  view.askedFor = name;
  view.asking = new AbortController();
  const { signal } = view.asking;
  const fetchHead = async () => {
    try {
      const reply = await postJson(routeOf(header, "head"), orderOf(header, choice), signal);
      if (reply.status === NOT_SAVED) {
        done((await reply.json()).advice);
        return;
      }
      if (!reply.ok) throw new Error(reply.statusText);
      const buffer = await reply.arrayBuffer();
      if (buffer.byteLength !== 4 * kind.rows.length * kind.columns.length) throw new Error("size");
      if (signal.aborted) return;
      if (view.exact.size >= KEPT) view.exact.delete(view.exact.keys().next().value);
      view.exact.set(headKey(choice), exactWeights(kind, new Float32Array(buffer)));
      view.askedFor = null;
      done("");
    } catch (error) {
      if (!signal.aborted) done("The exact numbers did not arrive: what you see is rounded.");
    }
  };
  view.pause = setTimeout(fetchHead, PAUSE);
}
