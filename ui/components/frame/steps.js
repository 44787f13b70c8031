// Back and forward: what was looked at for a while becomes a step of the browser's history, and a step is followed.

import { STEPPED, visits } from "../shared/visits.js";

const BUSY = 40; // milliseconds until a page that runs is asked again
const PATIENCE = 2000; // milliseconds for a page to say that it heard of a step; some say nothing
const LOOKED = 700; // milliseconds that somebody looks at what they see

export function watchSteps(state) {
  state.base = { path: location.pathname, search: location.search, ready: true };
  let rest = 0;
  const later = () => {
    clearTimeout(rest);
    rest = setTimeout(() => settle(state), LOOKED);
  };
  window.navigation?.addEventListener("currententrychange", (event) => event.navigationType !== "traverse" && later());
  // Before Streamlit's own listener, which would clear the page: a step within a page keeps it until the answer is there.
  window.addEventListener("popstate", (event) => {
    clearTimeout(rest);
    if (history.state?.gazeBetween) { // a lesson passes it: nobody else is to open the page that it names
      event.stopImmediatePropagation();
      return;
    }
    const within = location.pathname === state.base.path;
    if (within && location.search === state.base.search) return;
    if (within) event.stopImmediatePropagation();
    state.base = { path: location.pathname, search: location.search, ready: within };
    const seen = visits();
    seen.turn += 1;
    state.travel = { query: location.search, turn: seen.turn, path: location.pathname };
    if (within) {
      window.dispatchEvent(new Event(STEPPED));
      tell(state);
    }
    state.sync();
  }, true);
}

// The page that the step led to hears of the latest step once it has come and has nothing else to do: Streamlit can hang
// where one run is called off for another at once.
export function tell(state) {
  clearTimeout(state.telling);
  if (!state.travel || state.travel.path !== location.pathname) return;
  const app = document.querySelector('[data-testid="stApp"]');
  const unheard = state.told > visits().heard && performance.now() - state.since < PATIENCE;
  if (unheard || app.dataset.testScriptState !== "notRunning") {
    state.telling = setTimeout(() => tell(state), BUSY);
    return;
  }
  const { query, turn } = state.travel;
  Object.assign(state, { travel: null, told: turn, since: performance.now() });
  state.send("travelled", { page: state.page, query, turn });
}

// The entry keeps the address that it had, and the present one comes after it.
function settle(state) {
  const { base } = state;
  const seen = visits();
  const search = location.search;
  if (seen.refused && location.pathname === base.path) return; // what was refused was not looked at
  if (location.pathname === base.path && search !== base.search && base.ready) {
    const url = location.href;
    seen.pushing = true;
    history.replaceState(history.state, "", `${base.path}${base.search}${location.hash}`);
    history.pushState(history.state, "", url);
    seen.pushing = false;
  }
  state.base = { path: location.pathname, search, ready: true };
  state.sync();
}

// Whether a step back, or forward, stays on this page.
export function reachable(stride) {
  if (!window.navigation) return true;
  const entry = navigation.entries()[navigation.currentEntry.index + stride];
  return Boolean(entry) && new URL(entry.url).pathname === location.pathname;
}

export function step(stride) {
  if (reachable(stride)) history.go(stride);
}
