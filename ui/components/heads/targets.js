// What of the heads can be pointed at: a head in the overview, a row, a column or a cell of the map.

import { cellAt, tileAt } from "./layout.js";
import { shortName } from "./names.js";

const shownBox = (canvas) => {
  const box = canvas.getBoundingClientRect();
  return box.width > 2 && box.height > 2 ? box : null;
};
const within = (box, left, top, width, height) => ({ left: box.left + left, top: box.top + top, width, height });

export const headTargets = (view) => ({
  place({ kind, which }) {
    if (!view.data) return null;
    return kind === "head" ? placeOfHead(view, which) : placeInMap(view, kind, which);
  },
  at(x, y) {
    if (!view.data) return null;
    const over = shownBox(view.parts.overviewTop);
    const tile = over && view.overview && tileAt(view.overview, x - over.left, y - over.top);
    if (tile) return { kind: "head", which: shortName(view.kind, tile.layer, tile.head) };
    const box = view.choice.view === "heatmap" && view.grid && shownBox(view.parts.top);
    const cell = box && cellAt(view.grid, x - box.left, y - box.top);
    if (!cell) return null;
    if (cell.row === null) return { kind: "column", which: String(cell.column) };
    return cell.column === null ? { kind: "row", which: String(cell.row) } : { kind: "cell", which: `${cell.row} ${cell.column}` };
  },
});

function placeOfHead({ kind, overview, parts }, which) {
  const box = shownBox(parts.overviewTop);
  const tile = box && overview?.tiles.find((one) => shortName(kind, one.layer, one.head) === which);
  return tile ? within(box, tile.x, tile.y, overview.side, overview.side) : null;
}

function placeInMap({ grid, choice, parts }, kind, which) {
  const box = choice.view === "heatmap" && grid && shownBox(parts.top);
  if (!box) return null;
  const [first, second] = which.split(" ").map(Number);
  const row = kind === "column" ? null : first;
  const column = kind === "row" ? null : kind === "column" ? first : second;
  const [firstRow, endRow, firstColumn, endColumn] = grid.region;
  if ((row !== null && (row < firstRow || row >= endRow)) || (column !== null && (column < firstColumn || column >= endColumn))) return null;
  const left = column === null ? grid.left : grid.left + (column - firstColumn) * grid.cellWidth;
  const top = row === null ? grid.top : grid.top + (row - firstRow) * grid.cellHeight;
  return within(box, left, top, column === null ? grid.width : grid.cellWidth, row === null ? grid.height : grid.cellHeight);
}
