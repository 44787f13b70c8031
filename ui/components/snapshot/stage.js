// The stage within a saved page: one view's parts, drawn by the scripts that came along, told of no other window.

import { goOnIn } from "./language.js";
import { unpacked, fromText } from "../shared/bytes.js";
import { make } from "../shared/dom.js";
import { ROOM_CHANGED, setTallness } from "../shared/room.js";
import { NOT_SAVED } from "../shared/routes.js";

// given: the view, with theme, tall and language. Everything that a view asks for goes through globalThis.gazeSnapshot.
export default async function show(given) {
  const kept = new Map(given.answers.index.map(([order, ...place]) => [order, place]));
  const bytes = fromText(given.answers.data);
  setTheme(given.theme);
  globalThis.gazeSnapshot = {
    query: given.query,
    choose(query) {
      this.query = query;
      tell({ query });
    },
    answer: (route, body) => answer(kept.get(JSON.stringify([route, body])), bytes),
  };
  window.addEventListener("message", ({ data, source }) => source === window.parent && hear(data));
  setTallness(given.tall);
  await goOnIn(given.language);
  const main = make("main", "stage");
  document.body.replaceChildren(main);
  new ResizeObserver(() => tell({ height: Math.ceil(main.getBoundingClientRect().height) })).observe(main);
  given.rows.forEach((columns) => {
    const row = make("div", "row");
    main.append(row);
    columns.forEach(({ share, parts }) => {
      const column = make("div", "column");
      column.style.flexGrow = share;
      column.style.flexBasis = `${Math.round(100 * share) - 2}%`;
      row.append(column);
      parts.forEach((part) => {
        const place = make("div", part.kind);
        column.append(place);
        FILLED[part.kind](place, part);
      });
    });
  });
}

const tell = (what) => window.parent.postMessage({ gaze: what }, "*");

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function hear({ gaze }) {
  if (gaze?.theme) setTheme(gaze.theme);
  if (gaze?.tall) setTallness(gaze.tall);
  else window.dispatchEvent(new Event(ROOM_CHANGED)); // views read the theme anew
}

async function answer(place, bytes) {
  if (!place) return new Response(JSON.stringify({ advice: "This file does not hold it: open the view in Gaze." }), { status: NOT_SAVED });
  const [start, length] = place;
  return new Response(await unpacked(bytes.subarray(start, start + length)));
}

const FILLED = {
  async live(place, { name, data }) {
    const host = make("div", "host");
    place.append(host);
    const inside = host.attachShadow({ mode: "open" });
    inside.append(make("style", "", globalThis.gazeStyles[name]), make("div", `gaze-${name}`, { dir: "ltr" })); // as on the page
    const message = await unpacked(fromText(data));
    const asked = () => tell({ asked: true });
    globalThis.gazeComponents[name]({ data: message, parentElement: inside, setTriggerValue: asked, setStateValue: asked });
  },
  drawn(place, { svg, width, height }) {
    const src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    place.append(make("img", "", { src, width, height, alt: "" }));
  },
  words(place, { words }) {
    words.forEach(([head, text]) => place.append(make("p", "", { dir: "auto" }, ...(head ? [make("b", "", head)] : []), text)));
  },
};
