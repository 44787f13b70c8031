// Words as they are drawn: direction, white space made visible, and cuts between whole characters.

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
export const CHINESE_JAPANESE = /[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const CLUSTERS = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;
export const LONGEST = 14;

export const directionOf = (text) => (RIGHT_TO_LEFT.test(text) ? "rtl" : "ltr");
export const clusters = (text) => (CLUSTERS ? Array.from(CLUSTERS.segment(text), (part) => part.segment) : [...text]);

// White space and control characters have no shape of their own.
export function visible(text) {
  const shown = text.replace(/\r?\n/g, "⏎").replace(/\t/g, "⇥").replace(/\p{Cc}/gu, "·");
  return shown.trim() === "" ? "␣".repeat(Math.max(1, Math.min(3, shown.length))) : shown;
}

// Cut between whole characters (an accent or an emoji stays whole) until the pen says it fits.
export function elide(pen, text, room) {
  const parts = clusters(visible(text).slice(0, 80));
  let count = Math.min(parts.length, parts.length > LONGEST ? LONGEST - 1 : LONGEST);
  let cut = parts.slice(0, count).join("") + (count < parts.length ? "…" : "");
  while (count > 1 && pen.measureText(cut).width > room) {
    count -= 1;
    cut = `${parts.slice(0, count).join("")}…`;
  }
  return cut;
}

// Cut to a width in pixels, however long that is in letters.
export function shortened(pen, text, most) {
  if (pen.measureText(text).width <= most) return text;
  const letters = [...text];
  while (letters.length > 1 && pen.measureText(`${letters.join("")}…`).width > most) letters.pop();
  return `${letters.join("")}…`;
}

const EVERY = [1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 400, 512];
// Which labels are written when each needs so many pixels and a cell gives fewer: every second, every fourth ...
export const everyFor = (cell, needed) => EVERY.find((step) => step * cell >= needed) || 1024;
