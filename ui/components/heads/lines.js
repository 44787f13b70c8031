// One or several heads as lines from query tokens (left) to key tokens (right), drawn for the window in view.

import { rowOf } from "./decode.js";
import { currentWeights } from "./exact.js";
import { quoted } from "./facts.js";
import { joinPieces } from "./heatmap.js";
import { tipOf } from "./heatmap_hand.js";
import { askedOf, givenTogether, heldWith, placesShown, takenTogether } from "./held.js";
import { samePlace } from "./overview.js";
import { showTip, writeToken } from "./scale.js";
import { fitCanvas } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";
import { LONGEST, clusters, visible } from "../shared/text.js";

const FIRST_LINE = 30;
const LEAST = 0.004; // what gives less is no line
const DASHED = [6, 4]; // of what takes from a token, told apart without colour too

function linesLayout(view, width) {
  const { kind, palette } = view;
  const most = Math.max(kind.rows.length, kind.columns.length);
  const step = Math.max(palette.size * 1.5, Math.min(palette.size * 2.4, (view.linesHeight - FIRST_LINE - 10) / most));
  const longest = Math.max(...[...kind.rows, ...kind.columns].map((token) => clusters(visible(token.text)).length));
  const label = Math.min(width * 0.24, Math.min(longest, LONGEST) * palette.size * 0.62);
  const side = Math.min(width * 0.4, label + palette.size * 5.4);
  return { step, side, label, left: side, right: width - side, height: FIRST_LINE + step * most + 8, most };
}

// The heads on show: those pinned, each in its colour, and the chosen one.
function shownHeads(view) {
  const pins = view.pins.filter((pin) => pin.kind === view.choice.kind);
  const chosen = pins.some((pin) => samePlace(pin, view.choice));
  const pinned = pins.map((pin) => ({ ...pin, ink: view.palette.categories[pin.colour] }));
  return chosen ? pinned : [...pinned, { ...view.choice, ink: pins.length ? view.palette.ink : view.palette.scale[210] }];
}

// The k greatest places of one row, greatest first; all that can be seen when k is "all".
function strongestOf(line, strongest) {
  const places = [];
  line.forEach((value, place) => { if (value > LEAST) places.push(place); });
  if (strongest === "all") return places;
  return places.sort((one, other) => line[other] - line[one]).slice(0, strongest);
}

export function drawLines(view, width, height) {
  const { parts, palette, kind } = view;
  view.linesHeight = height;
  const layout = linesLayout(view, width - 14);
  view.linesPlan = layout;
  parts.spacer.style.height = `${layout.height}px`;
  parts.linesCanvas.style.marginBottom = `${-height}px`;
  const pen = fitCanvas(parts.linesCanvas, width - 14, height);
  const top = parts.scroller.scrollTop;
  const y = (place) => FIRST_LINE + (place + 0.5) * layout.step - top;
  const first = Math.max(0, Math.floor((top - FIRST_LINE) / layout.step));
  const end = Math.min(layout.most, Math.ceil((top + height - FIRST_LINE) / layout.step) + 1);
  const asked = askedOf(kind, placesShown(view));
  pen.save();
  pen.beginPath();
  pen.rect(0, FIRST_LINE - 4, width, height);
  pen.clip();
  const heads = shownHeads(view);
  heads.forEach((head, place) => drawHead(pen, view, layout, head, (place - (heads.length - 1) / 2) * 2.2, y, first, end, asked));
  drawTokens(pen, view, layout, y, first, end, asked, heads);
  pen.restore();
  pen.font = `${palette.small}px ${palette.plain}`;
  pen.fillStyle = palette.quiet;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  pen.fillText(inLanguage("query"), layout.left - 8, 12);
  pen.textAlign = "left";
  pen.fillText(inLanguage(kind.kind === "cross" ? "key (source)" : "key"), layout.right + 8, 12);
  if (asked.rows.size && asked.columns.size) nameWays(pen, palette, heads[0].ink, (layout.left + layout.right) / 2);
}

function nameWays(pen, palette, ink, middle) {
  const ways = [["looks at", ink, [], -1], ["is looked at by", palette.orange, DASHED, 1]];
  ways.forEach(([text, colour, dash, side]) => {
    pen.textAlign = side < 0 ? "right" : "left";
    pen.fillStyle = palette.quiet;
    pen.fillText(inLanguage(text), middle + side * 44, 12);
    pen.strokeStyle = colour;
    pen.lineWidth = 3;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(middle + side * 10, 12);
    pen.lineTo(middle + side * 38, 12);
    pen.stroke();
  });
  pen.setLineDash([]);
}

function drawHead(pen, view, layout, head, offset, y, first, end, asked) {
  const { kind } = view;
  const weights = currentWeights(view, head);
  const strongest = kind.long && view.strongest === "all" ? 5 : view.strongest;
  const { rows, columns } = asked;
  const alone = rows.size + columns.size > 0;
  const taken = rows.size ? [view.palette.orange, DASHED] : [head.ink, []];
  const draw = (row, places, line, ink, dash) => {
    pen.strokeStyle = ink;
    pen.setLineDash(dash);
    places.forEach((column) => drawLine(pen, layout, y(row) + offset, y(column) + offset, line[column], alone));
  };
  pen.lineCap = "round";
  for (let row = first; row < Math.min(end, kind.rows.length); row += 1) {
    const line = rowOf(weights, row, kind.columns.length);
    if (!alone || rows.has(row)) draw(row, strongestOf(line, strongest), line, head.ink, []);
    else draw(row, [...columns].filter((column) => line[column] > LEAST), line, ...taken);
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

function drawLine(pen, layout, from, to, weight, alone) {
  const bend = (layout.right - layout.left) * 0.42;
  pen.globalAlpha = Math.min(1, (alone ? 0.12 : 0.03) + weight ** 0.8);
  pen.lineWidth = 0.6 + 7 * weight;
  pen.beginPath();
  pen.moveTo(layout.left + 2, from);
  pen.bezierCurveTo(layout.left + bend, from, layout.right - bend, to, layout.right - 2, to);
  pen.stroke();
}

function drawTokens(pen, view, layout, y, first, end, { rows, columns, marked }, heads) {
  const { kind, palette } = view;
  const sides = [["row", kind.rows, layout.left - 10, "right"], ["column", kind.columns, layout.right + 10, "left"]];
  sides.forEach(([name, tokens, x, align]) => {
    const last = Math.min(end, tokens.length);
    for (let place = first; place < last; place += 1) {
      pen.font = `${palette.size}px ${palette.face}`;
      writeToken(pen, palette, tokens[place], x, y(place), align, layout.label + 2, { strong: marked[name].has(place) });
      if (view.locks.length && view.hover?.[name] === place) markPointed(pen, palette, layout, x, y(place), align);
    }
    joinPieces(tokens, first, Math.max(first, last), (begin, stop) => {
      pen.fillStyle = palette.faint;
      pen.fillRect(align === "right" ? x + 4 : x - 5, y(begin) - layout.step * 0.3, 1.5, (stop - begin + 0.6) * layout.step);
    });
  });
  if (rows.size) {
    const given = heads.map((head) => givenTogether(currentWeights(view, head), rows, kind.columns.length));
    drawNumbers(pen, view, layout, y, first, end, given, heads, true);
  }
  if (columns.size && (heads.length === 1 || !rows.size)) {
    const taken = heads.map((head) => takenTogether(currentWeights(view, head), columns, kind.rows.length));
    drawNumbers(pen, view, layout, y, first, end, taken, heads, false);
  }
}

// The word that the next click or Enter would hold, where others are held.
function markPointed(pen, palette, layout, x, y, align) {
  const wide = layout.label + palette.size * 2.2;
  pen.strokeStyle = palette.quiet;
  pen.lineWidth = 1;
  pen.strokeRect(align === "right" ? x + 3 - wide : x - 3, y - layout.step * 0.42, wide, layout.step * 0.84);
}

// Beside each key what the rows asked give it on average, or beside each query what it gives the columns asked together.
function drawNumbers(pen, view, layout, y, first, end, lines, heads, byRow) {
  const { palette } = view;
  const edge = byRow ? layout.right + layout.side - 2 : 2;
  for (let place = first; place < Math.min(end, lines[0].length); place += 1) {
    if (heads.length === 1) {
      if (lines[0][place] < 0.005) continue;
      pen.font = `${lines[0][place] >= 0.1 ? 600 : 400} ${palette.size - 1}px ${palette.plain}`;
      pen.fillStyle = palette.ink;
      pen.textAlign = byRow ? "right" : "left";
      pen.textBaseline = "middle";
      const about = currentWeights(view, heads[0]).exact ? "" : "≈";
      pen.fillText(about + Math.round(lines[0][place] * 100), edge, y(place) + 1);
      continue;
    }
    const thick = Math.min(5, (layout.step - 4) / heads.length);
    heads.forEach((head, k) => {
      const long = 34 * Math.min(1, lines[k][place]);
      if (long < 0.5) return;
      pen.fillStyle = head.ink;
      pen.fillRect(byRow ? edge - 34 : edge, y(place) + (k - heads.length / 2) * thick, long, thick - 0.5);
    });
  }
}

function lineTokenAt(view, x, y) {
  const layout = view.linesPlan;
  if (!layout || y < FIRST_LINE - 2) return null;
  const place = Math.floor((y + view.parts.scroller.scrollTop - FIRST_LINE) / layout.step);
  if (x < layout.left + 4 && place >= 0 && place < view.kind.rows.length) return { row: place, column: null };
  if (x > layout.right - 4 && place >= 0 && place < view.kind.columns.length) return { row: null, column: place };
  return null;
}

export function handleLines(view, act) {
  const { scroller, linesCanvas } = view.parts;
  const find = (event) => {
    const frame = linesCanvas.getBoundingClientRect();
    return lineTokenAt(view, event.clientX - frame.left, event.clientY - frame.top);
  };
  linesCanvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    const found = find(event);
    act.point(found);
    const token = found && (found.row !== null ? view.kind.rows[found.row] : view.kind.columns[found.column]);
    const cut = token && clusters(visible(token.text)).length > LONGEST - 2;
    showTip(view, cut ? tipOf(view, found) : null, event.clientX, event.clientY);
  });
  linesCanvas.addEventListener("pointerleave", () => {
    act.point(null);
    showTip(view, null);
  });
  linesCanvas.addEventListener("click", (event) => {
    const found = find(event);
    act.take(found, heldWith);
  });
  linesCanvas.addEventListener("blur", () => act.point(null));
  linesCanvas.addEventListener("keydown", (event) => walkLines(view, act, event));
  scroller.addEventListener("scroll", () => view.choice.view === "lines" && act.redraw());
}

// Up and down go from word to word, left and right to the other side; Enter holds the one that was come to, or lets it go.
function walkLines(view, act, event) {
  const { kind, hover, locks, linesPlan, parts } = view;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    act.take(hover, heldWith);
    return;
  }
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: 0, ArrowRight: 0 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const from = hover ?? locks[locks.length - 1];
  const onRight = step === 0 ? event.key === "ArrowRight" : Boolean(from) && from.row === null;
  const tokens = onRight ? kind.columns : kind.rows;
  const place = Math.min(tokens.length - 1, Math.max(0, (from ? from.row ?? from.column : -step) + (from ? step : 0)));
  act.point(onRight ? { row: null, column: place } : { row: place, column: null });
  act.tell(quoted(tokens[place]));
  const y = FIRST_LINE + place * linesPlan.step - parts.scroller.scrollTop;
  if (y < FIRST_LINE || y + linesPlan.step > view.linesHeight) parts.scroller.scrollTop += y - view.linesHeight / 2;
}
