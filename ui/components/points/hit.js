// Which points a pointer or a loop means. Pure geometry.

// The point nearest to a place, nearer than so many pixels, or -1.
export function nearestTo(pane, x, y, most) {
  let [best, found] = [most * most, -1];
  for (let i = 0; i < pane.side.count; i += 1) {
    const [dx, dy] = [pane.at[2 * i] - x, pane.at[2 * i + 1] - y];
    const away = dx * dx + dy * dy;
    if (away < best) [best, found] = [away, i];
  }
  return found;
}

// Whether a place lies within a loop.
export function inside(path, x, y) {
  let within = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [path[i], path[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}
