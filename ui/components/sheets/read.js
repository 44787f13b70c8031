// A handed-in lab sheet read as data: whatever else a file holds is never run, and only what a picture may hold is kept.

import { FORMAT, VERSION } from "../frame/snapshot_file.js";

const OPENING = '<script type="application/json" id="gaze-sheet">';
const CLOSING = "</script>";
const [MOST_PINS_READ, MOST_TASKS_READ] = [200, 50];
const [LONGEST_SENTENCE, LONGEST_LINE, LONGEST_QUERY, MOST_LINES] = [5000, 600, 8000, 20];

const refusedFile = (name, why) => Object.assign(new Error(why), { advice: `“${name}” ${why}` });

// {who, title, tasks, pins: [{sentence, task, title, page, query, caption, scene}]} of a file's text; an error with .advice
// where it is no lab sheet. A picture that holds what none may hold is null.
export function sheetFrom(name, text) {
  const data = dataIn(name, text);
  if (data?.format !== FORMAT) throw refusedFile(name, "is no lab sheet: one is handed in as HTML or JSON from the lab sheet beside a page.");
  if (data.version > VERSION) throw refusedFile(name, "comes from a later Gaze: bring this one up to date to read it.");
  if (!Array.isArray(data.pins) || !Array.isArray(data.tasks)) throw refusedFile(name, "was changed after it was handed in: ask for it again.");
  return {
    who: said(data.who, LONGEST_LINE) || name,
    title: said(data.title, LONGEST_LINE),
    tasks: data.tasks.slice(0, MOST_TASKS_READ).map((task) => said(task, LONGEST_SENTENCE)),
    pins: data.pins.slice(0, MOST_PINS_READ).filter((pin) => pin && typeof pin === "object").map(pinFrom),
  };
}

function dataIn(name, text) {
  const begin = text.indexOf(OPENING);
  const end = begin < 0 ? -1 : text.indexOf(CLOSING, begin);
  if (begin >= 0 && end < 0) throw refusedFile(name, "ends in the middle: ask for it again.");
  const written = begin < 0 ? text : text.slice(begin + OPENING.length, end);
  try {
    return JSON.parse(written);
  } catch (error) {
    if (begin < 0 && !text.includes(FORMAT)) return null;
    throw refusedFile(name, "was cut off or changed after it was handed in: ask for it again.");
  }
}

const said = (value, most) => (typeof value === "string" ? value.slice(0, most) : "");

function pinFrom(pin) {
  const lines = Array.isArray(pin.caption) ? pin.caption.slice(0, MOST_LINES) : [];
  return {
    sentence: said(pin.sentence, LONGEST_SENTENCE),
    task: Number.isInteger(pin.task) ? pin.task : -1,
    title: said(pin.title, LONGEST_LINE),
    page: /^[a-z_]{1,40}$/.test(pin.page) ? pin.page : "",
    query: /^\?[^\s<>"]*$/.test(pin.query) && pin.query.length <= LONGEST_QUERY ? pin.query : "",
    caption: lines.map((line) => said(line, LONGEST_LINE)).filter(Boolean),
    scene: sceneFrom(pin.scene),
  };
}

const [MOST_STROKES, LONGEST_SIDE] = [60_000, 20_000];

// The same picture of known parts only, or null.
export function sceneFrom(scene) {
  if (!scene || !Array.isArray(scene.items) || scene.items.length > MOST_STROKES) return null;
  const { width, height } = scene;
  if (![width, height].every((side) => Number.isFinite(side) && side >= 1 && side <= LONGEST_SIDE)) return null;
  try {
    return { width, height, ground: colourFrom(scene.ground) ?? "#ffffff", title: said(scene.title, LONGEST_LINE), caption: [], items: scene.items.map(itemFrom) };
  } catch (error) {
    return null;
  }
}

function itemFrom(item) {
  const common = { kind: item.kind, matrix: numbersFrom(item.matrix ?? [1, 0, 0, 1, 0, 0], 6), opacity: item.opacity === undefined ? 1 : numberFrom(item.opacity) };
  if (item.clip) common.clip = numbersFrom(item.clip, 4);
  if (!Object.hasOwn(PARTS, item.kind)) throw new Error("no part of a picture");
  return { ...common, ...PARTS[item.kind](item) };
}

const PARTS = {
  path: ({ d, fill, stroke, width, dash, cap, join, evenodd }) => ({
    d: matched(d, /^[\sMLHVCSQTAZmlhvcsqtaz\d.,eE+-]*$/), fill: colourFrom(fill), stroke: colourFrom(stroke), width: numberFrom(width ?? 1),
    dash: dash ? numbersFrom(dash, dash.length) : [], cap: matched(cap ?? "butt", /^[a-z]+$/), join: matched(join ?? "miter", /^[a-z]+$/), evenodd: Boolean(evenodd),
  }),
  text: ({ text, size, family, weight, italic, fill, width, rtl }) => ({
    text: matched(text, /^[^]*$/), size: numberFrom(size), family: matched(family, /^[\w\s,.'"-]*$/), weight: numberFrom(weight), italic: Boolean(italic),
    fill: colourFrom(fill) ?? "#000000", width: numberFrom(width), rtl: Boolean(rtl),
  }),
  image: ({ href, width, height, smooth }) => ({
    href: matched(href, /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]*=*$/), width: numberFrom(width), height: numberFrom(height), smooth: Boolean(smooth),
  }),
};

function matched(text, form) {
  if (typeof text !== "string" || !form.test(text)) throw new Error("not of this form");
  return text;
}

function numberFrom(value) {
  if (!Number.isFinite(value)) throw new Error("no number");
  return value;
}

function numbersFrom(some, count) {
  if (!Array.isArray(some) || some.length !== count || count > 40) throw new Error("no numbers");
  return some.map(numberFrom);
}

function colourFrom(text) {
  if (text === undefined || text === null || text === "") return null;
  return matched(text, /^(#[0-9a-f]{3,8}|rgba?\([\d.,%\s/]+\)|[a-z]{3,20})$/i);
}
