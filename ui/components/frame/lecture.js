// A room as the browser holds it: whose it is, the stream of its events, and how a page follows another's address.

import { goAhead, hasten, isAhead } from "./ahead.js";
import { ofPictures, stepAlone } from "./steps.js";
import { appRoot, postJson } from "../shared/routes.js";
import { ADDRESSED, pageRuns, visits } from "../shared/visits.js";
import { addressWith, lessonOf, pageHere, sharedQuery } from "../shared/where.js";

const KEPT = "gaze:room"; // in the browser's memory of this tab
const TOLD_AFTER = 80; // milliseconds between two moves that are told
const ASKED_AGAIN = 1000; // milliseconds before a stream that was refused is asked for once more
const PATIENT = 10000; // milliseconds at most to come to where another lecturer is
const HELD_BACK = 2000; // milliseconds at most that a step waits for its pictures
const LOOKED_AFTER = 500; // milliseconds, for browsers that do not tell of rewrites

export const lecture = () => {
  globalThis.gazeLecture ??= { room: null, now: null, following: true, voted: {}, advice: "", draw() {} };
  return globalThis.gazeLecture;
};

// The room of this tab: from the address on arrival, else from before a reload.
export function beginLecture(draw) {
  const state = lecture();
  Object.assign(state, { draw, order });
  const given = new URLSearchParams(location.search);
  if (given.get("room")) {
    keep({ link: given.get("room"), secret: given.get("lead") || "", browser: nameOfBrowser() });
    const address = new URL(location.href);
    ["room", "lead"].forEach((name) => address.searchParams.delete(name));
    history.replaceState(history.state, "", address);
  } else state.room = kept();
  if (state.room) listen();
  window.navigation?.addEventListener("currententrychange", () => publish());
  window.addEventListener(ADDRESSED, () => publish());
  setInterval(() => publish(), LOOKED_AFTER);
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) || "null");
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(room) {
  lecture().room = room;
  try {
    if (room) sessionStorage.setItem(KEPT, JSON.stringify(room));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // as above: the room lasts until a reload
  }
}

const nameOfBrowser = () => kept()?.browser || [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");

const route = (what) => new URL(`gaze/room/${what}`, appRoot({}));

// Sends an order; what is wrong with it becomes advice. Gives the reply, or null.
export async function order(what, body = {}) {
  const state = lecture();
  const own = state.room ? { link: state.room.link, secret: state.room.secret, browser: state.room.browser } : {};
  try {
    const reply = await postJson(route(what), { ...own, ...body });
    const said = await reply.json();
    state.advice = reply.ok ? "" : said.advice;
    state.refused = !reply.ok;
    state.draw();
    return reply.ok ? said : null;
  } catch {
    state.refused = false;
    state.advice = "The server does not answer. It is tried again when you press the button.";
    state.draw();
    return null;
  }
}

export async function openRoom() {
  const made = await order("open");
  if (!made) return;
  keep({ ...made, browser: nameOfBrowser() });
  listen();
}

export async function joinRoom(code) {
  const found = await order("find", { code });
  if (!found) return;
  keep({ link: found.link, secret: "", browser: nameOfBrowser() });
  listen();
}

export function leaveRoom() {
  const state = lecture();
  state.source?.close();
  Object.assign(state, { now: null, following: true, voted: {}, source: null });
  keep(null);
  hasten();
  state.draw();
}

// A dropped stream comes back by itself: that is what EventSource does.
function listen() {
  const state = lecture();
  state.source?.close();
  const { link, secret, browser } = state.room;
  const address = route("events");
  Object.entries({ link, browser, ...(secret ? { secret } : {}) }).forEach(([name, value]) => address.searchParams.set(name, value));
  state.source = new EventSource(address);
  state.source.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  state.source.addEventListener("closed", (event) => {
    const { advice } = JSON.parse(event.data);
    leaveRoom();
    Object.assign(state, { advice });
    state.draw();
  });
  state.source.addEventListener("error", () => {
    // While it is open it tries again by itself; closed, the server has refused it, or the page is being left.
    if (state.source?.readyState === EventSource.CLOSED) setTimeout(again, ASKED_AGAIN);
  });
  if (secret) publish(true);
}

// Asks whether the room is there still: then its stream begins anew.
async function again() {
  const state = lecture();
  if (!state.room || state.source?.readyState !== EventSource.CLOSED) return;
  const found = await order("look");
  if (found) listen();
  else if (state.refused) {
    const { advice } = state;
    leaveRoom();
    state.advice = advice;
    state.draw();
  } else setTimeout(again, ASKED_AGAIN);
}

function hear(message) {
  const state = lecture();
  const together = state.now && message.clash > state.now.clash;
  state.now = message;
  state.advice = together ? "Two lecturers moved at the same moment. The last move counts." : "";
  follow();
  state.draw();
}

export function setFollowing(on) {
  lecture().following = on;
  lecture().followed = "";
  if (!on) hasten();
  follow();
  lecture().draw();
}

// Where the lecturer is: to another page by its link in the list of pages, as a hand would go; within it by a step of its history,
// once it has come to rest. What was followed once is not followed again: a page may leave out what it cannot show.
export function follow() {
  const { now, room, following } = lecture();
  if (now && room && !room.secret && following) moveTo(follow);
}

// Whether another lecturer of this room has moved it to where this one is not.
export function isLedAway() {
  const { now, room } = lecture();
  return Boolean(room?.secret && now?.mover && now.mover !== room.browser && `${now.page}${sharedQuery(now.query)}` !== `${pageHere()}${sharedQuery(location.search)}`);
}

// Goes where the other one is; what is passed on the way moves nobody.
export function goThere() {
  const state = lecture();
  Object.assign(state, { followed: "", going: true });
  setTimeout(() => { state.going = false; }, PATIENT);
  const on = () => moveTo(on);
  on();
}

function moveTo(again) {
  const state = lecture();
  const { now } = state;
  const wanted = `${now.page}${sharedQuery(now.query)}`;
  if (state.followed === wanted) return;
  clearTimeout(state.stepping);
  const app = document.querySelector('[data-testid="stApp"]');
  if (app?.dataset.testScriptState !== "notRunning") { // Streamlit can hang where one run is called off for another
    state.stepping = setTimeout(again, TOLD_AFTER);
    return;
  }
  if (pageHere() !== now.page) {
    go(now.page);
    state.stepping = setTimeout(again, ASKED_AGAIN); // until the new page has come
    return;
  }
  state.followed = wanted;
  setTimeout(() => { state.going = false; }, ASKED_AGAIN);
  if (sharedQuery(location.search) !== sharedQuery(now.query)) moveWithin(now, () => state.followed === wanted);
}

// To another address of this page; wanted(): whether that is still where to go.
async function moveWithin(now, wanted) {
  const frame = globalThis.gazeFrame;
  const [before, after] = [sharedQuery(location.search), sharedQuery(now.query)];
  if (ofPictures(before, after) && (!frame.travel || isAhead())) {
    stepAlone(frame, addressWith(now.query)); // three hundred pages need not run for another head
    return;
  }
  const still = () => wanted() && isFollower() && pageHere() === now.page;
  if (isFollower() && lessonOf(before) === lessonOf(after)) {
    if (await goAhead(now, still)) return;
    if (!still()) return;
  }
  frame.base = { path: location.pathname, search: location.search, ready: true }; // the step is one within this page
  visits().pushing = true; // nobody puts the address of before back meanwhile
  history.replaceState(history.state, "", addressWith(now.query));
  visits().pushing = false;
  window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}

const isFollower = () => Boolean(lecture().room && !lecture().room.secret && lecture().following);

function go(page) {
  const address = new URL(page, appRoot({}));
  const links = [...document.querySelectorAll('[data-testid="stSidebarNavLink"]')];
  const link = links.find((one) => new URL(one.href).pathname === address.pathname);
  if (link) link.click();
  else location.assign(address); // a phone may have no list of pages
}

// Tells the room where its lecturer is and which pictures stand there, when that has changed and came to rest.
function publish(now = false) {
  const state = lecture();
  if (now) state.said = "";
  if (!isLeading(state) || JSON.stringify(placeHere()) === state.said) return;
  clearTimeout(state.telling);
  state.telling = setTimeout(() => {
    if (!isLeading(state)) return; // a browser tells of a new address before it tells of the step that led to it
    const place = placeHere();
    state.said = JSON.stringify(place);
    order("change", place);
  }, now ? 0 : TOLD_AFTER);
}

const isLeading = (state) => Boolean(state.room?.secret) && !state.now?.frozen && !state.going && !drawsSoon(state);
const placeHere = () => ({ page: pageHere(), query: sharedQuery(location.search), pictures: picturesHere() });

// Those of the page's last run, if it was of this address.
function picturesHere() {
  const { drawn, turn } = visits();
  return drawn?.path === location.pathname && drawn.turn === turn ? drawn.pictures : [];
}

// Whether somebody stepped back and the pictures of that address are on their way: they are told with it.
function drawsSoon(state) {
  const { drawn, turn, heard } = visits();
  const comes = drawn?.path === location.pathname && drawn.pictures.length > 0 && turn > heard && pageRuns();
  state.heldBack = comes ? state.heldBack || performance.now() : 0;
  return comes && performance.now() - state.heldBack < HELD_BACK;
}

export function linkOf(secret = false) {
  const { room } = lecture();
  const address = new URL("", appRoot({}));
  address.searchParams.set("room", room.link);
  if (secret) address.searchParams.set("lead", room.secret);
  return address.href;
}

export const codeOf = (address) => {
  const picture = route("picture");
  picture.searchParams.set("address", address);
  return picture.href;
};
