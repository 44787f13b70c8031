// The picture first, the page behind it: who follows is shown what the lecturer's page drew, and the own page runs later.

import { stepAhead, tell } from "./steps.js";
import { catchUp, showAhead } from "../shared/ahead.js";
import { appRoot } from "../shared/routes.js";
import { classOf } from "../shared/targets.js";
import { pageRuns, visits } from "../shared/visits.js";
import { addressWith } from "../shared/where.js";

const PAGES_A_SECOND = 20; // of those who follow that run in a second: two cores do three times as many
const HEAD_START = 0.1; // of the time that all pages take: until then the pictures travel alone
const GLANCE = 100; // milliseconds between two looks at whether the page has run
const QUIET_FOR = 200; // milliseconds of rest after which it brings nothing more
const UNHEARD_FOR = 1000; // the same of a page that did not say that it heard of the step
const SAVED_WITHIN = 10000; // milliseconds that somebody who saves waits for it

const shownHere = () => [...globalThis.gazeShown?.values() ?? []].filter(({ view }) => view.bytes);
export const isAhead = () => shownHere().some(({ view }) => view.ahead);

// The views that show these pictures, in their order; null where one of either has none of the other.
// pictures: [component, key, name of its message] each; views: {component, place: the class of its element} each.
export function paired(pictures, views) {
  if (!pictures.length || pictures.length !== views.length) return null;
  const found = pictures.map(([component, key]) => views.find((one) => one.component === component && one.place === classOf(key)));
  return found.every(Boolean) && new Set(found).size === found.length ? found : null;
}

function viewsHere() {
  return shownHere().map(({ name, view }) => {
    const box = view.root.getRootNode().host?.closest('[class*="st-key-"]');
    return { component: name, place: [...box?.classList ?? []].find((one) => one.startsWith("st-key-")), view };
  });
}

async function messageOf(name) {
  const reply = await fetch(new URL(`gaze/room/shown/${name}`, appRoot({})));
  if (!reply.ok) throw new Error(reply.statusText);
  return new Uint8Array(await reply.arrayBuffer());
}

// Shows the pictures of a lecturer's move within the page, and has the page run later; gives whether that could be.
// wanted(): whether that is still where to go.
export async function goAhead({ pictures = [], query, here }, wanted) {
  if (!paired(pictures, viewsHere())) return false;
  let messages = [];
  try {
    messages = await Promise.all(pictures.map(([, , name]) => messageOf(name)));
  } catch {
    return false; // another server drew them, or they were given up
  }
  const found = wanted() && paired(pictures, viewsHere());
  if (!found) return false;
  stepAhead(globalThis.gazeFrame, addressWith(query));
  runLater(((HEAD_START + Math.random()) * here * 1000) / PAGES_A_SECOND);
  found.forEach(({ view }, at) => showAhead(view, messages[at]));
  return true;
}

// The newest move alone has the page run; then what it brought counts.
function runLater(pause) {
  const frame = globalThis.gazeFrame;
  clearTimeout(frame.behind);
  frame.behind = setTimeout(hasten, pause);
  clearInterval(frame.watching);
  let since = performance.now();
  frame.watching = setInterval(() => {
    const { heard, turn } = visits();
    if (frame.travel || pageRuns()) since = performance.now();
    else if (performance.now() - since >= (heard < turn ? UNHEARD_FOR : QUIET_FOR)) {
      clearInterval(frame.watching);
      shownHere().forEach(({ view }) => catchUp(view));
    }
  }, GLANCE);
}

// Has the page run now.
export function hasten() {
  clearTimeout(globalThis.gazeFrame.behind);
  tell(globalThis.gazeFrame);
}

// Who acts on the page means what they see.
export function watchHands() {
  ["pointerdown", "focusin"].forEach((name) => window.addEventListener(name, () => isAhead() && hasten(), true));
}

// Comes when picture and words are of one address: who saves waits for a page that is behind.
export async function whole() {
  if (!isAhead()) return;
  let now = performance.now();
  let since = now; // what the page sent last is drawn a little after it has run
  const end = now + SAVED_WITHIN;
  hasten();
  while (now < end && now - since < QUIET_FOR) {
    await new Promise((resolve) => { setTimeout(resolve, GLANCE); });
    now = performance.now();
    if (isAhead() || pageRuns()) since = now;
  }
}
