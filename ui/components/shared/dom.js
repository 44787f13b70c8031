// Elements and canvases, made in one way.

import { penOf } from "./saving.js";

// Builds an element; text goes in as text, never as markup. given: its text, or its properties and attributes.
export function make(tag, name = "", given = {}, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  const properties = typeof given === "object" ? given : { textContent: given };
  Object.entries(properties).forEach(([key, value]) => {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  });
  element.append(...children);
  return element;
}

// A lesson's own words: they stay in the language in which it was written.
export const AS_WRITTEN = { lang: "en", dir: "auto", translate: false };
export const asWritten = (tag, name, text) => make(tag, name, { textContent: text, ...AS_WRITTEN });

// A canvas of so many CSS pixels, sharp on this screen; returns a pen that measures in CSS pixels.
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

// Shows one square of a sheet of pictures, `across` a row and `down` rows, as the ground of an element of any size.
export function showSquare(element, sheet, across, down, place) {
  const percent = (index, count) => (count > 1 ? (100 * index) / (count - 1) : 0);
  element.style.backgroundImage = `url(${sheet})`;
  element.style.backgroundSize = `${100 * across}% ${100 * down}%`;
  const [row, column] = [Math.floor(place / across), place % across];
  element.style.backgroundPosition = `${percent(column, across)}% ${percent(row, down)}%`;
}
