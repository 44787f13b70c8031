// Address: a page writes its choices into the address bar, without a step in the history of the browser.

import { remember } from "../shared/recent.js";
import { ADDRESSED, isOurs, visits } from "../shared/visits.js";
import { ownQuery } from "../shared/where.js";

const RESTED = 4000; // milliseconds that somebody stays with what they see until it is remembered

// Streamlit takes the query along from page to page; only a step that was given parameters of its own keeps them.
function watch(state) {
  if (state.watched) return;
  state.watched = true;
  window.navigation?.addEventListener("currententrychange", (event) => {
    const pushed = event.navigationType === "push" && !state.pushing;
    if (location.pathname === state.path) return;
    state.path = location.pathname;
    if (pushed && !state.carried) write((query) => [...query.keys()].forEach((name) => drop(query, name)));
    state.carried = false;
  });
}

function drop(query, name) {
  if (isOurs(name)) query.delete(name);
}

function write(change) {
  const address = new URL(location.href);
  change(address.searchParams);
  if (address.search !== location.search) history.replaceState(history.state, "", address);
}

export default function show({ data }) {
  const state = visits();
  watch(state);
  state.heard = data.turn;
  if (data.turn < state.turn) return; // somebody went back meanwhile: what the page knows is older
  state.drawn = { path: location.pathname, turn: data.turn, pictures: data.pictures };
  write((query) => {
    if (state.page !== data.page) state.names.forEach((name) => drop(query, name));
    data.names.forEach((name) => {
      const values = data.values[name] ?? [];
      if (values.length === query.getAll(name).length && values.every((v, k) => v === query.getAll(name)[k])) return;
      drop(query, name);
      values.forEach((value) => query.append(name, value));
    });
  });
  state.page = data.page;
  state.names = data.names;
  state.refused = data.refused;
  state.path = location.pathname;
  window.dispatchEvent(new Event(ADDRESSED));
  clearTimeout(state.remembering);
  state.remembering = setTimeout(() => rested(data), RESTED);
}

function rested({ page, refused }) {
  if (!refused && visits().page === page) remember(page, document.title.replace("Gaze: ", ""), ownQuery(location.search));
}
