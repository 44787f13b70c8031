// Three contrastive losses of points in the plane: scores, shares, the loss, and its gradient by every point.

import { judged, partnerOf } from "../contrast/sums.js";

const logistic = (score) => 1 / (1 + Math.exp(-score));
const softplus = (score) => Math.max(0, score) + Math.log1p(Math.exp(-Math.abs(score)));
const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const sizeOfPoint = (a) => Math.max(1e-9, Math.hypot(a[0], a[1]));

// {loss, gradient: [point][2], scores, shares, slopes}: the last three [line][candidate], slopes of the loss by a score.
// places: [x, y] of every point; in "clip" the first half are pictures, the second their texts; in "simclr" two views
// of each picture; in "skip-gram" the centre, its context, then negatives.
export function lossAt(mode, places, temperature) {
  return mode === "skip-gram" ? negativeSampling(places, temperature) : softmaxLoss(mode, places, temperature);
}

// -ln s(u_o v) - sum of ln s(-u_k v), Mikolov et al. (2013), equation 4.
function negativeSampling(places, temperature) {
  const [centre, ...others] = places;
  const scores = others.map((one) => dot(centre, one) / temperature);
  const shares = scores.map(logistic);
  const slopes = shares.map((share, k) => share - (k === 0 ? 1 : 0));
  const loss = scores.reduce((sum, score, k) => sum + softplus(k === 0 ? -score : score), 0);
  const gradient = places.map(() => [0, 0]);
  others.forEach((one, k) => {
    add(gradient[0], one, slopes[k] / temperature);
    add(gradient[k + 1], centre, slopes[k] / temperature);
  });
  return { loss, gradient, scores: [scores], shares: [shares], slopes: [slopes] };
}

function softmaxLoss(mode, places, temperature) {
  const count = mode === "clip" ? places.length / 2 : places.length;
  const rows = places.slice(0, count);
  const columns = mode === "clip" ? places.slice(count) : places;
  const cosines = rows.flatMap((a) => columns.map((b) => dot(a, b) / (sizeOfPoint(a) * sizeOfPoint(b))));
  const data = { kind: mode, cosines, rows: Array(count), bias: 0 };
  const along = judged(data, 1 / temperature, true);
  const across = mode === "clip" ? judged(data, 1 / temperature, false) : null;
  const grid = (cell) => Array.from({ length: count }, (_, i) => Array.from({ length: count }, (__, k) => cell(i, k)));
  const wanted = (i, k) => (partnerOf(data, i) === k ? 1 : 0);
  const slope = (i, k) => {
    const row = along.shares[i * count + k] - wanted(i, k);
    return (across ? (row + across.shares[i * count + k] - wanted(i, k)) / 2 : row) / count;
  };
  const gradient = places.map(() => [0, 0]);
  const offset = mode === "clip" ? count : 0;
  rows.forEach((a, i) => columns.forEach((b, k) => {
    if (mode === "simclr" && i === k) return;
    turn(gradient[i], a, b, slope(i, k) / temperature);
    turn(gradient[k + offset], b, a, slope(i, k) / temperature);
  }));
  return {
    loss: across ? (along.loss + across.loss) / 2 : along.loss,
    gradient,
    scores: grid((i, k) => cosines[i * count + k] / temperature),
    shares: grid((i, k) => along.shares[i * count + k]),
    across: across && grid((i, k) => across.shares[k * count + i]), // [text][picture]
    slopes: grid(slope),
  };
}

function add(sum, vector, times) {
  sum[0] += times * vector[0];
  sum[1] += times * vector[1];
}

// The gradient of the cosine of a and b by a, so many times.
function turn(sum, a, b, times) {
  const [one, other] = [sizeOfPoint(a), sizeOfPoint(b)];
  const cosine = dot(a, b) / (one * other);
  add(sum, b, times / (one * other));
  add(sum, a, (-times * cosine) / (one * one));
}

// What an anchor is compared with: {place, score, share, wanted} of every candidate, in their order.
export function candidatesOf(mode, found, count, anchor) {
  if (mode === "skip-gram") {
    return found.shares[0].map((share, k) => ({ place: k + 1, score: found.scores[0][k], share, wanted: k === 0 ? 1 : 0 }));
  }
  const half = count / 2;
  if (mode === "clip") {
    const text = anchor >= half;
    const line = text ? anchor - half : anchor;
    return (text ? found.across : found.shares)[line].map((share, k) => ({
      place: text ? k : k + half, score: text ? found.scores[k][line] : found.scores[line][k], share, wanted: k === line ? 1 : 0,
    }));
  }
  return found.shares[anchor].map((share, k) => ({ place: k, score: found.scores[anchor][k], share, wanted: k === (anchor + half) % count ? 1 : 0 }))
    .filter(({ place }) => place !== anchor);
}

// All points after a step against the gradient; with cosines only directions count, so they stay on the circle.
export function stepped(mode, places, gradient, rate) {
  return places.map(([x, y], k) => kept(mode, [x - rate * gradient[k][0], y - rate * gradient[k][1]]));
}

export const REACH = 2; // of the plane of skip-gram, to each side

export function kept(mode, [x, y]) {
  if (mode !== "skip-gram") {
    const size = sizeOfPoint([x, y]);
    return [x / size, y / size];
  }
  const within = (value) => Math.max(-REACH, Math.min(REACH, value));
  return [within(x), within(y)];
}
