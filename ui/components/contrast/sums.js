// The arithmetic of contrast: softmax along rows or columns, or a sigmoid of every pair, and the losses.

// Which column belongs to a row: its own number, or in SimCLR the other view of the same picture.
export const partnerOf = (data, row) => (data.kind === "simclr" ? (row + data.rows.length / 2) % data.rows.length : row);

// A view never meets itself.
export const meets = (data, row, column) => data.kind !== "simclr" || row !== column;

// Probabilities [row, column], each row (or each column) summing to 1.
function shares(data, scale, alongRows) {
  const n = data.rows.length;
  const found = new Float64Array(n * n);
  const at = (line, place) => (alongRows ? line * n + place : place * n + line);
  for (let line = 0; line < n; line += 1) {
    let most = -Infinity;
    for (let place = 0; place < n; place += 1) {
      if (meets(data, line, place)) most = Math.max(most, scale * data.cosines[at(line, place)]);
    }
    let sum = 0;
    for (let place = 0; place < n; place += 1) {
      if (!meets(data, line, place)) continue;
      found[at(line, place)] = Math.exp(scale * data.cosines[at(line, place)] - most);
      sum += found[at(line, place)];
    }
    for (let place = 0; place < n; place += 1) found[at(line, place)] /= sum;
  }
  return found;
}

// SigLIP: how likely each pair belongs together, whatever stands beside it; of -score: how likely it does not.
const sigmoid = (score) => (score >= 0 ? 1 / (1 + Math.exp(-score)) : Math.exp(score) / (1 + Math.exp(score)));

// What a sigmoid makes of every pair, and what is paid for it: n pairs belong together, all others do not.
function judgedAlone(data, scale) {
  const n = data.rows.length;
  const found = Float64Array.from(data.cosines, (cosine) => sigmoid(scale * cosine + data.bias));
  let [loss, probability, right] = [0, 0, 0];
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column < n; column += 1) {
      const score = (row === column ? 1 : -1) * (scale * data.cosines[row * n + column] + data.bias);
      loss += (Math.max(0, -score) + Math.log1p(Math.exp(-Math.abs(score)))) / n;
    }
    probability += found[row * n + row] / n;
    right += best(found, n, row, true) === row;
  }
  return { shares: found, loss, probability, right };
}

// Loss in nats, what the partner gets in the middle, and how many lines find their partner before all others.
export function judged(data, scale, alongRows) {
  if (data.kind === "siglip") return judgedAlone(data, scale);
  const n = data.rows.length;
  const found = shares(data, scale, alongRows);
  let [loss, probability, right] = [0, 0, 0];
  for (let line = 0; line < n; line += 1) {
    const own = partnerOf(data, line);
    const share = found[alongRows ? line * n + own : own * n + line];
    loss -= Math.log(Math.max(share, 1e-300)) / n;
    probability += share / n;
    right += best(found, n, line, alongRows) === own;
  }
  return { shares: found, loss, probability, right };
}

// The place in a line with the largest share; the first of equals.
export function best(found, n, line, alongRows) {
  let place = 0;
  for (let other = 1; other < n; other += 1) {
    const value = found[alongRows ? line * n + other : other * n + line];
    if (value > found[alongRows ? line * n + place : place * n + line]) place = other;
  }
  return place;
}

// What one who tells nothing apart pays; with a sigmoid, by giving every pair 1/n.
export function guess(data) {
  const n = data.rows.length;
  if (data.kind === "siglip") return n > 1 ? Math.log(n) - (n - 1) * Math.log1p(-1 / n) : 0;
  return Math.log(data.kind === "simclr" ? n - 1 : n);
}

// The slider of the scale: equal steps multiply it by the same.
export const LEAST = 1; // of the slider, as 10^0
export const STEPS = 400;
export const stepOf = (scale, most) => Math.round((STEPS * Math.log(scale / LEAST)) / Math.log(most / LEAST));
export const scaleAt = (step, most) => LEAST * (most / LEAST) ** (step / STEPS);
