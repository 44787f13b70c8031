// One map on one canvas: cells, edges, and the cell that is pointed at.

import { colourOf } from "./colours.js";
import { MOST_NAME, MOST_WIDE, nameOf, thinned, widest } from "./labels.js";
import { shortened } from "../shared/text.js";
import { penOf } from "../shared/saving.js";

const FINE = 4; // pixels of a column under which unequal ones are seen

// The numbers as an image of one pixel a cell, made once for each message and theme.
export function imageOf(panel, scale, palette) {
  const [rows, columns, parts] = panel.shape; // parts: of a colour, three, or four with how opaque it is
  const image = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const pen = image.getContext("2d");
  const pixels = pen.createImageData(columns, rows);
  for (let cell = 0; cell < rows * columns; cell += 1) {
    const colour = panel.scale === "picture"
      ? panel.values.subarray(parts * cell, parts * cell + parts)
      : colourOf(palette, scale, panel.values[cell]);
    pixels.data[4 * cell + 3] = 255;
    pixels.data.set(colour, 4 * cell);
  }
  pen.putImageData(pixels, 0, 0);
  return image;
}

// Where the map lies on a canvas of this size: edges take what their labels need.
export function layout(panel, palette, width, height) {
  const [rows, columns] = panel.shape;
  const pen = penOf(panel.canvas);
  pen.font = `${palette.size}px ${palette.face}`;
  const bare = panel.scale === "picture";
  const most = panel.square ? Math.min(MOST_NAME, 0.28 * width) : Math.min(MOST_WIDE, width / 3);
  const left = bare ? 0 : Math.ceil(widest(pen, panel.rows, rows, most)) + 8;
  // Names stand upright only where they would touch.
  const turned = panel.columns.length > 0 && widest(pen, panel.columns, columns) + 8 > (width - left) / columns;
  const top = bare ? 0 : turned ? Math.ceil(widest(pen, panel.columns, columns, most)) + 8 : palette.size + 8;
  let across = Math.max(40, width - left - 2);
  let down = Math.max(40, height - top - 2);
  if (panel.square) {
    const cell = Math.min(across / columns, down / rows);
    [across, down] = [cell * columns, cell * rows];
  } else if (across / columns < FINE) across = even(across, columns);
  return { left, top, across, down, turned, bare, most };
}

// A width that gives each of many thin columns as many of the screen's own pixels, so that stripes stay even.
export function even(across, columns, ratio = window.devicePixelRatio || 1) {
  const each = Math.floor((across * ratio) / columns);
  return each ? (each * columns) / ratio : across;
}

export function drawPanel(panel, palette, pointed) {
  const { canvas, place } = panel;
  const pen = penOf(canvas);
  const ratio = window.devicePixelRatio || 1;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const [rows, columns] = panel.shape;
  pen.imageSmoothingEnabled = place.across * ratio < columns || place.down * ratio < rows;
  pen.drawImage(panel.image, place.left, place.top, place.across, place.down);
  pen.strokeStyle = palette.rule;
  pen.lineWidth = 1;
  pen.strokeRect(place.left - 0.5, place.top - 0.5, place.across + 1, place.down + 1);
  if (!place.bare) drawEdges(pen, panel, palette, pointed);
  if (pointed) drawPointed(pen, panel, palette, pointed);
}

function drawEdges(pen, panel, palette, pointed) {
  const { left, top, across, down, turned, most } = panel.place;
  const [rows, columns] = panel.shape;
  pen.font = `${palette.size}px ${palette.face}`;
  pen.textBaseline = "middle";
  const inked = (on) => { pen.fillStyle = on ? palette.ink : palette.quiet; };
  pen.textAlign = "right";
  for (const row of thinned(rows, down, palette.size + 1)) {
    inked(pointed && pointed.row === row);
    pen.fillText(shortened(pen, nameOf(panel.rows, row), most), left - 5, top + ((row + 0.5) / rows) * down);
  }
  for (const column of thinned(columns, across, turned ? palette.size + 1 : pen.measureText(String(columns)).width + 12)) {
    inked(pointed && pointed.column === column);
    const name = shortened(pen, nameOf(panel.columns, column), most);
    const half = turned ? 0 : pen.measureText(name).width / 2;
    pen.save();
    pen.translate(Math.min(left + ((column + 0.5) / columns) * across, left + across + 2 - half), top - 5);
    if (turned) pen.rotate(-Math.PI / 2);
    pen.textAlign = turned ? "left" : "center";
    if (!turned) pen.textBaseline = "alphabetic";
    pen.fillText(name, 0, 0);
    pen.restore();
  }
}

function drawPointed(pen, panel, palette, { row, column }) {
  const { left, top, across, down } = panel.place;
  const [rows, columns] = panel.shape;
  const [width, height] = [across / columns, down / rows];
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 2;
  const [y, high] = row === null ? [top, down] : [top + row * height, Math.max(3, height)]; // no such word: the column
  pen.strokeRect(left + column * width, y, Math.max(3, width), high);
}

// The cell under a pointer, or null.
export function cellAt(panel, event) {
  const box = panel.canvas.getBoundingClientRect();
  const { left, top, across, down } = panel.place;
  const column = Math.floor(((event.clientX - box.left - left) / across) * panel.shape[1]);
  const row = Math.floor(((event.clientY - box.top - top) / down) * panel.shape[0]);
  return row >= 0 && column >= 0 && row < panel.shape[0] && column < panel.shape[1] ? { row, column } : null;
}
