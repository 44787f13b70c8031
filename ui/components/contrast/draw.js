// The matrix on its canvas: colours, numbers where they fit, partners framed, and who wins wrongly.

import { best, meets, partnerOf } from "./sums.js";
import { colourOf } from "../panels/colours.js";
import { penOf } from "../shared/saving.js";

const WRITTEN = [34, 19]; // pixels across and down of a cell from which on its number stands in it

export function drawMatrix(view) {
  const { canvas, cell, data, palette } = view;
  const n = data.rows.length;
  const ratio = window.devicePixelRatio || 1;
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, n * cell.across, n * cell.down);
  const values = view.show === "cosines" ? data.cosines : view.judged[view.show].shares;
  const scale = scaleOf(view);
  const written = cell.across >= WRITTEN[0] && cell.down >= WRITTEN[1];
  pen.font = `${Math.min(palette.size, Math.floor(cell.across / 3))}px ${palette.face}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column < n; column += 1) {
      drawCell(view, pen, { row, column, value: values[row * n + column], scale, written });
    }
  }
  frames(view, pen);
}

function scaleOf(view) {
  if (view.show !== "cosines") return { kind: "weight", low: 0, high: 1 };
  const { cosines, kind, rows } = view.data;
  // A view's cosine with itself is 1 and tells nothing.
  const most = cosines.reduce((top, value, at) => {
    const self = kind === "simclr" && at % rows.length === Math.floor(at / rows.length);
    return self ? top : Math.max(top, Math.abs(value));
  }, 0);
  return { kind: "difference", low: -(most || 1), high: most || 1 };
}

function drawCell(view, pen, { row, column, value, scale, written }) {
  const { cell, data, palette } = view;
  const [x, y] = [column * cell.across, row * cell.down];
  if (!meets(data, row, column)) {
    hatch(pen, palette, x, y, cell);
    return;
  }
  // Above zero stands in the page's own hue, so that dashes in the other one are seen on it.
  const colour = colourOf(palette, scale, view.show === "cosines" ? -value : value);
  pen.fillStyle = `rgb(${colour.join(" ")})`;
  pen.fillRect(x, y, Math.ceil(cell.across), Math.ceil(cell.down));
  if (!written) return;
  pen.fillStyle = readable(colour);
  pen.fillText(short(value, view.show === "cosines"), x + cell.across / 2, y + cell.down / 2 + 1);
}

function hatch(pen, palette, x, y, cell) {
  pen.strokeStyle = palette.rule;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, y + cell.down);
  pen.lineTo(x + cell.across, y);
  pen.stroke();
}

const readable = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#10141a" : "#ffffff");

function short(value, cosine) {
  if (cosine) return value.toFixed(2).replace("-0.00", "0.00").replace(/^(-?)0\./, "$1.").replace("-", "−");
  const percent = 100 * value;
  return percent >= 9.95 ? `${percent.toFixed(0)}` : percent >= 0.95 ? percent.toFixed(1) : "·";
}

// Partners in ink; the cell that beats a partner in its line is ringed by dashes.
function frames(view, pen) {
  const { cell, data, palette } = view;
  const n = data.rows.length;
  const alongRows = view.show !== "columns";
  const frame = (row, column, inset) =>
    pen.strokeRect(column * cell.across + inset, row * cell.down + inset, cell.across - 2 * inset, cell.down - 2 * inset);
  pen.lineWidth = cell.across > 22 ? 2 : 1.4;
  for (let line = 0; line < n; line += 1) {
    const own = partnerOf(data, line);
    pen.setLineDash([]);
    pen.strokeStyle = palette.ink;
    frame(alongRows ? line : own, alongRows ? own : line, 1);
    const winner = best(view.judged[alongRows ? "rows" : "columns"].shares, n, line, alongRows);
    if (winner === own) continue;
    pen.setLineDash([3, 3]);
    pen.strokeStyle = palette.orange;
    frame(alongRows ? line : winner, alongRows ? winner : line, 2.5);
  }
  pen.setLineDash([]);
  if (!view.pointed) return;
  pen.strokeStyle = palette.primary;
  pen.lineWidth = 2.5;
  frame(view.pointed.row, view.pointed.column, 0);
}
