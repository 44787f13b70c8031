// Which cell of another panel a cell is: the same place of maps over the same words, else the same word in the same column.

const same = (one, other) => one.length === other.length && one.every((name, k) => name === other[k]);

// {row, column} in `other`; row null where it writes no such word; null where the two have nothing in common.
export function placeIn(other, panel, cell) {
  if (other.group !== panel.group) return null;
  const alike = String(other.shape) === String(panel.shape);
  if (alike && same(other.rows, panel.rows)) return cell;
  if (!other.columns.length || !same(other.columns, panel.columns) || !other.rows.length || !panel.rows.length) return alike ? cell : null;
  // Words that are written differently: the same one, counted among its likes.
  const word = panel.rows[cell.row];
  const before = panel.rows.slice(0, cell.row).filter((one) => one === word).length;
  const found = other.rows.map((one, row) => (one === word ? row : -1)).filter((row) => row >= 0);
  return { row: found[before] ?? null, column: cell.column };
}
