// The picture and what lies over it: patch (r, c) of the grid on block (r, c) of the part that the model saw.

import { shareOf, tintOf } from "./colours.js";
import { make } from "../shared/dom.js";

// Where the model's part lies in a picture drawn at frame {x, y, width, height}.
function seenIn(header, frame) {
  const [left, top, width, height] = header.box;
  return {
    x: frame.x + left * frame.width,
    y: frame.y + top * frame.height,
    width: width * frame.width,
    height: height * frame.height,
  };
}

export function blockOf(header, frame, patch) {
  const [rows, columns] = header.grid;
  const seen = seenIn(header, frame);
  const [row, column] = [Math.floor(patch / columns), patch % columns];
  const [w, h] = [seen.width / columns, seen.height / rows];
  return { x: seen.x + column * w, y: seen.y + row * h, width: w, height: h };
}

export function patchAt(header, frame, x, y) {
  const [rows, columns] = header.grid;
  const seen = seenIn(header, frame);
  const column = Math.floor(((x - seen.x) / seen.width) * columns);
  const row = Math.floor(((y - seen.y) / seen.height) * rows);
  return row >= 0 && column >= 0 && row < rows && column < columns ? row * columns + column : null;
}

// look: {scale, opacity, smooth}; values by patch, top: the value that is brightest, kept: which are shown, or null.
export function paintOver(pen, view, frame, values, top, kept, look) {
  const [rows, columns] = view.data.header.grid;
  view.canvas ||= make("canvas");
  Object.assign(view.canvas, { width: columns, height: rows });
  const small = view.canvas.getContext("2d");
  const pixels = small.createImageData(columns, rows);
  values.forEach((value, patch) => {
    const share = kept && !kept[patch] ? 0 : shareOf(value, top);
    pixels.data.set(tintOf(view.palette, look, share), 4 * patch);
  });
  small.putImageData(pixels, 0, 0);
  const seen = seenIn(view.data.header, frame);
  pen.imageSmoothingEnabled = Boolean(look.smooth);
  pen.drawImage(view.canvas, seen.x, seen.y, seen.width, seen.height);
}

export function paintPicture(pen, view, frame, grey) {
  pen.imageSmoothingEnabled = true;
  if (!view.image) return;
  pen.drawImage(view.image, frame.x, frame.y, frame.width, frame.height);
  if (grey) {
    pen.save();
    pen.globalCompositeOperation = "saturation";
    pen.globalAlpha = grey;
    pen.fillStyle = "hsl(0 0% 50%)";
    pen.fillRect(frame.x, frame.y, frame.width, frame.height);
    pen.restore();
  }
  dimUnseen(pen, view, frame);
}

// What the model did not see is there, but faint.
function dimUnseen(pen, view, frame) {
  const seen = seenIn(view.data.header, frame);
  if (seen.width > frame.width - 1 && seen.height > frame.height - 1) return;
  pen.save();
  pen.beginPath();
  pen.rect(frame.x, frame.y, frame.width, frame.height);
  pen.rect(seen.x, seen.y, seen.width, seen.height);
  pen.globalAlpha = 0.78;
  pen.fillStyle = view.palette.ground;
  pen.fill("evenodd");
  pen.restore();
}

export function outline(pen, view, block, colour, thick) {
  for (const [style, width] of [[view.palette.ground, thick + 2], [colour, thick]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.strokeRect(block.x, block.y, block.width, block.height);
  }
}
