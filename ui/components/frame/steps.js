// Back and forward: what was looked at for a while becomes a step of the browser's history, and a step is followed.

import { STEPPED, isOurs, pageRuns, visits } from "../shared/visits.js";
import { pageHere } from "../shared/where.js";

const BUSY = 40; // milliseconds until a page that runs is asked again
const RUNS = 1000; // milliseconds that a step to another page waits for a page that runs; some run for minutes
const HEARD = 500; // milliseconds until Streamlit has surely begun to run what it was told to open
const SLOW = 3000; // the same on a machine that is busy
const TIMES = 3; // that it is told
const START = "start"; // the page without a name in its address
const LOOKED = 700; // milliseconds that somebody looks at what they see

// On the way to another page Streamlit makes a step of the page left with the parameters of the page to come, which nobody
// looked at: the page left keeps its own address, and one step leads on.
export function passBetween(state) {
  const push = history.pushState.bind(history);
  let left = null;
  history.pushState = (data, title, url) => {
    const seen = visits();
    const within = new URL(url ?? "", location.href).pathname === location.pathname;
    if (within && !seen.pushing) {
      left ??= { path: location.pathname, state: history.state, url: location.href };
      seen.carried = true;
      history.replaceState(data, title, url);
      return;
    }
    if (state.leading && !within) return; // the page left began to run before, and would take the address back
    if (left?.path === location.pathname && !seen.pushing) {
      seen.pushing = true;
      history.replaceState(left.state, "", left.url);
      seen.pushing = false;
    }
    left = null;
    push(data, title, url);
  };
  window.addEventListener("popstate", () => { left = null; }, true);
}

export function watchSteps(state) {
  passBetween(state);
  countRuns(state);
  state.base = { path: location.pathname, search: location.search, ready: true };
  let rest = 0;
  const later = () => {
    if (!visits().pushing) state.last = location.search;
    clearTimeout(rest);
    rest = setTimeout(state.looked, LOOKED);
  };
  state.looked = () => {
    if (rest) settle(state);
    clearTimeout(rest);
    rest = 0;
  };
  if (window.navigation) state.last = location.search; // others do not tell of rewrites: there the page is always asked
  window.navigation?.addEventListener("currententrychange", (event) => event.navigationType !== "traverse" && later());
  window.addEventListener("click", () => state.times && stop(state), true); // the page hears of it, and they want something else
  // Streamlit's own listener came first and has the page run, but with the choices of before: it hears of the step's by tell.
  window.addEventListener("popstate", (event) => {
    if (event.gazeRested) return;
    clearTimeout(rest);
    rest = 0;
    stop(state);
    const within = location.pathname === state.base.path;
    // A page that has not heard of the step before hears of both.
    const alone = within && !state.travel && state.last !== undefined && ofPictures(state.last, location.search);
    if (window.navigation) state.last = location.search;
    if (within && location.search === state.base.search) return;
    event.stopImmediatePropagation();
    state.base = { path: location.pathname, search: location.search, ready: within };
    const seen = visits();
    if (!alone) {
      seen.turn += 1;
      state.travel = { query: location.search, turn: seen.turn, path: location.pathname };
    }
    if (within) {
      window.dispatchEvent(new CustomEvent(STEPPED, { detail: { alone } }));
      if (!alone) tell(state);
    } else {
      lead(state, performance.now());
    }
    state.sync();
  }, true);
}

// To another address of this page, for which no page need run.
export function stepAlone(state, address) {
  write(state, address);
  if (state.travel) state.travel.query = location.search; // the page has not heard of the step before: it hears of both
  window.dispatchEvent(new CustomEvent(STEPPED, { detail: { alone: true } }));
}

// The same, where its pictures are at hand: the page hears of it when tell is called.
export function stepAhead(state, address) {
  const seen = visits();
  write(state, address);
  seen.turn += 1;
  state.travel = { query: location.search, turn: seen.turn, path: location.pathname };
  window.dispatchEvent(new CustomEvent(STEPPED, { detail: { alone: false } }));
  state.sync();
}

function write(state, address) {
  visits().pushing = true; // nobody puts the address of before back meanwhile
  history.replaceState(history.state, "", address);
  visits().pushing = false;
  if (window.navigation) state.last = location.search;
  state.base = { path: location.pathname, search: location.search, ready: true };
}

// Whether two addresses of a page differ in what its pictures choose by themselves, a head, a token: no page need run for it.
export function ofPictures(before, after) {
  const [one, other] = [before, after].map((query) => new URLSearchParams(query));
  const differs = [...new Set([...one.keys(), ...other.keys()])]
    .filter((name) => isOurs(name) && one.getAll(name).join("\n") !== other.getAll(name).join("\n"));
  const owned = new Set([...(globalThis.gazeShown?.values() ?? [])].flatMap(({ owns }) => owns));
  return differs.length > 0 && differs.every((name) => owned.has(name) && !visits().names.includes(name));
}

// How often a page has begun to run.
function countRuns(state) {
  state.runs = 0;
  const app = document.querySelector('[data-testid="stApp"]');
  new MutationObserver(() => { state.runs += Number(app.dataset.testScriptState !== "notRunning"); })
    .observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}

const isThere = (state) => (pageHere() || START) === state.page;

// Streamlit opens the page of the address; it hears of it again where the page left had something to ask in the same moment.
function lead(state, since, times = 0) {
  state.times = times;
  const waited = performance.now() - since;
  const began = waited >= SLOW || (state.runs > state.before && waited >= HEARD); // what ran before may still have pages to show
  if (times ? began && (waited >= SLOW || !pageRuns()) : waited >= RUNS || !pageRuns()) {
    if (times === TIMES || (times && isThere(state))) {
      stop(state);
      tell(state); // where the page had come before it was left to be opened, nobody else does
      return;
    }
    state.before = state.runs;
    window.dispatchEvent(Object.assign(new PopStateEvent("popstate", { state: history.state }), { gazeRested: true }));
    since = performance.now();
    times += 1;
  }
  state.leading = setTimeout(() => lead(state, since, times), BUSY);
}

function stop(state) {
  clearTimeout(state.leading);
  Object.assign(state, { leading: 0, times: 0 });
}

// The page that the step led to hears of the latest step once it has come and has nothing else to do.
export function tell(state) {
  clearTimeout(state.telling);
  if (!state.travel || state.travel.path !== location.pathname || !isThere(state)) return;
  if (pageRuns()) {
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
  if (stride < 0 && !pageRuns()) window.gazeFrame?.looked?.(); // who goes back has looked at what they leave, however briefly
  if (reachable(stride)) history.go(stride);
}
