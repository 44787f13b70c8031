// How large each grid's cells are, so that a step fits its line: numbers where they fit, colours alone where not.

import { larger, tallness } from "../shared/room.js";
import { elide } from "../shared/text.js";

export const NARROW = 640;
const SIGN = 26;
const GAP = 10;
const READABLE = 34; // pixels across that a number with two digits behind the point needs
const WIDEST = 84;
const FEW = 16;
const MANY = 6; // grids of one line
const LOW = 22; // pixels down of a cell that is coloured alone

export const shownGrids = (view) => view.steps[view.step].shown
  .filter((name) => view.grids.has(name)).map((name) => view.grids.get(name));

export function labelWidth(pen, palette, labels, most) {
  pen.font = `${palette.size}px ${palette.face}`;
  const widths = labels.slice(0, 400).map((label) => pen.measureText(elide(pen, label, most)).width);
  return Math.max(0, ...widths);
}

// Sizes of every shown grid: {left, top, stand, cell: [width, height], box: [width, height], numbers}.
export function fit(view, width) {
  const pen = view.parts.ruler.getContext("2d");
  const grids = shownGrids(view);
  const step = view.steps[view.step];
  const lefts = grids.map((grid) => Math.ceil(labelWidth(pen, view.palette, grid.rows, 90)) + 10);
  const signs = step.shown.length - grids.length;
  const taken = lefts.reduce((sum, left) => sum + left, 0) + signs * SIGN + (step.shown.length - 1) * GAP;
  const room = width - taken - 2 * grids.length;
  const narrow = width < NARROW;
  // On a phone small pictures stand two in a line.
  const most = Math.max(...grids.map((grid) => grid.columns.length));
  const half = narrow ? Math.max(5, Math.floor((width / 2 - Math.max(...lefts) - GAP) / most)) : larger(WIDEST);
  // Small pictures that belong together stay in one line while their cells can still be told apart.
  const columns = grids.reduce((sum, grid) => sum + grid.columns.length, 0);
  // Many of few rows stand in two lines, with larger cells.
  const rows = Math.max(...grids.map((grid) => grid.rows.length));
  const lines = grids.length >= MANY && 2 * rows * LOW <= view.height ? 2 : 1;
  const small = narrow ? half : Math.min(half, Math.max(8, Math.floor((lines * room) / columns)));
  const few = grids.every((grid) => grid.columns.length <= FEW && grid.rows.length <= FEW);
  const line = { room, narrow, grids, few, most: step.cell ? Math.min(larger(step.cell), small) : larger(WIDEST) };
  const sizes = grids.map((grid, place) => {
    const left = lefts[place];
    return { left, ...sizeOfGrid(view, line, grid, width - left - 4) };
  });
  const heads = sizes.map((size, place) => labelHeight(pen, view.palette, grids[place], size.cell[0]));
  // Side by side, first rows stand at one height.
  const top = Math.max(...heads.map((head) => head.top));
  return new Map(grids.map((grid, place) => {
    const { stand, top: own } = heads[place];
    return [grid.name, { ...sizes[place], stand, top: narrow ? own : top }];
  }));
}

// Cell and box of one grid; alone is the width that it has when it stands alone in its line.
function sizeOfGrid(view, { room, narrow, grids, few, most }, grid, alone) {
  const count = grid.columns.length;
  const sum = (of) => grids.reduce((total, one) => total + of(one.columns.length), 0);
  const together = narrow ? 0 : room / sum((columns) => columns);
  const share = narrow ? alone : Math.min(alone, Math.max(110, (room * Math.sqrt(count)) / sum(Math.sqrt)));
  const fits = together >= READABLE;
  const large = Math.min(Math.floor(fits ? together : alone / count), larger(fits ? WIDEST : 40));
  const wished = few ? large : Math.min(larger(22), share / count);
  let across = Math.min(Math.max(1, wished), most);
  const numbers = view.numbers || (few && across >= READABLE);
  if (view.numbers) across = Math.max(across, READABLE + 8);
  // Few rows all come into sight; many scroll.
  const each = view.height / grid.rows.length;
  const tall = Math.min(larger(52), Math.max(25, across * Math.min(1, 0.66 * Math.max(1, tallness()))), few ? Math.max(18, Math.floor(each)) : larger(52));
  const down = numbers ? tall : Math.min(larger(22), most, Math.max(1.5, each));
  // Numbers that scroll do so by whole cells.
  const whole = (space, cell, number) => Math.min(numbers ? Math.floor(space / cell) * cell : space, cell * number);
  const wide = whole(few ? alone : share, across, count);
  const high = whole(view.height, down, grid.rows.length);
  return { cell: [across, down], numbers, box: [Math.ceil(wide), Math.ceil(high)] };
}

// Column labels lie flat where they fit over their cells, stand where they are long, and thin out where they are many.
function labelHeight(pen, palette, grid, across) {
  const widest = labelWidth(pen, palette, grid.columns, 90);
  if (widest + 6 <= across) return { top: palette.size + 8, stand: false };
  const short = grid.columns.every((label) => label.length <= 3);
  return short ? { top: palette.size + 8, stand: false } : { top: Math.ceil(widest) + 8, stand: true };
}
