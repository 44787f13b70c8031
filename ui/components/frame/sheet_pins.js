// A pin: what the page shows now, as a drawing, as a view that goes on by itself, and as an address.

import { whole } from "./ahead.js";
import { announced } from "./menu.js";
import { pixels, sceneOfPage } from "./pictures.js";
import { addPin } from "./sheet_store.js";
import { MOST_PINNED, viewOfPage } from "./snapshot.js";
import { saving } from "../shared/saving.js";

const SMALL_PICTURE = [840, 340]; // pixels at most: as wide as the list, twice as sharp

// Puts the page on the lab sheet; task: the number of the task that it answers, -1: none. Gives the pin.
export async function pinPage(task) {
  await whole();
  const caption = announced();
  const page = saving().page || "start";
  const scene = await sceneOfPage(caption, true); // it is handed in, and seen beside others'
  const { view, drawing } = await viewOfPage(page, caption, MOST_PINNED);
  const pin = {
    id: crypto.randomUUID?.() ?? `${Date.now()} ${Math.random()}`, sentence: "", task, title: view.title, page, caption,
    query: location.search, link: location.href, made: new Date().toISOString(), small: await small(scene),
  };
  await addPin(pin, { scene: slim(scene), view }, drawing);
  return pin;
}

// The picture as the list of pins shows it: a drawing of thousands of strokes would hold up who scrolls.
function small(scene) {
  const share = Math.min(...SMALL_PICTURE.map((most, k) => most / [scene.width, scene.height][k]));
  return pixels(scene, Math.round(scene.width * share), Math.round(scene.height * share));
}

// Numbers of a picture need no more than hundredths of a pixel.
function slim(scene) {
  const round = (value) => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value);
  const items = scene.items.map((item) => Object.fromEntries(
    Object.entries(item).filter(([, value]) => value !== undefined && value !== null).map(([key, value]) => [key, Array.isArray(value) ? value.map(round) : round(value)]),
  ));
  return { ...scene, items };
}
