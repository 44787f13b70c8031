// The lab sheet as the browser keeps it: pins, what each holds, and the scripts that draw them. Nothing leaves the browser.

export const MOST_PINS = 200;
export const CHANGED = "gaze:sheet"; // the sheet is another now, in this window or in one beside it
const BASE_NAME = "gaze lab sheet";
const STORES = ["pins", "bodies", "drawing", "about"];
const LOCKED = "This browser lets pages keep nothing, as in a private window: the lab sheet needs that.";
const FULL = "This browser has no room left for another pin: remove some, or make room on the disk.";

const refused = (advice) => Object.assign(new Error(advice), { advice });
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(BASE_NAME, 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = null;
    console.error(error);
    throw refused(LOCKED);
  });
  return opened;
}

const beside = typeof BroadcastChannel === "function" ? new BroadcastChannel(BASE_NAME) : null;
if (beside) beside.onmessage = () => window.dispatchEvent(new Event(CHANGED));

// act(store): does its work with stores by name, all of it or nothing.
async function inStores(names, act) {
  const base = await database();
  const work = base.transaction(names, "readwrite");
  const ended = new Promise((resolve, reject) => {
    work.oncomplete = resolve;
    work.onabort = () => reject(work.error?.name === "QuotaExceededError" ? refused(FULL) : work.error);
  });
  const result = await act((name) => work.objectStore(name));
  await ended;
  beside?.postMessage("changed");
  window.dispatchEvent(new Event(CHANGED));
  return result;
}

async function read(name, act) {
  const base = await database();
  return act(base.transaction(name, "readonly").objectStore(name));
}

// All pins in their order: {id, order, sentence, task, title, page, query, link, caption, made, small: its picture as PNG}.
export async function pins() {
  const some = await read("pins", (store) => done(store.getAll()));
  return some.sort((one, other) => one.order - other.order);
}

// {scene, view} of a pin.
export const bodyOf = (id) => read("bodies", (store) => done(store.get(id)));

export const drawingOf = async (keys) => Object.fromEntries(await Promise.all(keys.map(
  async (key) => [key, await read("drawing", (store) => done(store.get(key)))],
)));

// {who, title, tasks}: what stands above the pins.
export async function about() {
  return { who: "", title: "Lab sheet", tasks: [], ...await read("about", (store) => done(store.get("sheet"))) };
}

export const setAbout = async (change) => {
  const before = await about();
  return inStores(["about"], (store) => done(store("about").put({ ...before, ...change }, "sheet")));
};

// Adds a pin at the end, or where its own order says; drawing: scripts by their keys.
export async function addPin(pin, body, drawing) {
  const before = await pins();
  if (before.length >= MOST_PINS) throw refused(`The lab sheet holds ${MOST_PINS} pins: remove one first, or hand it in.`);
  const order = pin.order ?? (before.length ? before[before.length - 1].order + 1 : 0);
  await inStores(["pins", "bodies", "drawing"], async (store) => {
    Object.entries(drawing).forEach(([key, part]) => store("drawing").put(part, key));
    store("bodies").put(body, pin.id);
    await done(store("pins").put({ ...pin, order }, pin.id));
  });
}

// What of a pin is another now; the rest is as it is by then, whatever the caller saw.
export const changePin = (id, change) => inStores(["pins"], (store) => changed(store("pins"), id, change));

async function changed(store, id, change) {
  const pin = await done(store.get(id));
  if (pin) await done(store.put({ ...pin, ...change }, id));
}

// Takes a pin out and gives what was in it.
export async function removePin(pin) {
  const body = await bodyOf(pin.id);
  await inStores(["pins", "bodies"], async (store) => {
    store("bodies").delete(pin.id);
    await done(store("pins").delete(pin.id));
  });
  return { pin, body };
}

// Puts all pins into this order, each under its task.
export const setOrder = (some) => inStores(["pins"], (store) => Promise.all(some.map(({ id, task }, order) => changed(store("pins"), id, { order, task }))));

// A sheet without pins, name and tasks.
export const emptySheet = () => inStores(STORES, (store) => Promise.all(STORES.map((name) => done(store(name).clear()))));
