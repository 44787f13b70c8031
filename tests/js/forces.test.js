// Contrastive losses of points in a plane: by pencil, and their gradients by finite differences.
import assert from "node:assert/strict";
import test from "node:test";
import { candidatesOf, kept, lossAt, stepped } from "../../ui/components/forces/sums.js";
import { near } from "./frames.js";

const close = (found, wanted, most = 1e-12) => near(assert, [found], [wanted], most);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const PLACES = [[0.9, 0.5], [-0.6, 1.2], [1.3, -0.2], [0.1, 0.8], [-1.1, 0.3], [0.4, -0.9]];

test("skip-gram: a pull by one minus its share, a push by every other share", () => {
  const found = lossAt("skip-gram", [[1, 0], [2, 5], [-1, 3]], 1);
  close(found.loss, -Math.log(sigmoid(2)) - Math.log(sigmoid(1)));
  near(assert, found.shares[0], [sigmoid(2), sigmoid(-1)], 1e-12);
  near(assert, found.gradient[1], [sigmoid(2) - 1, 0], 1e-12);
  near(assert, found.gradient[2], [sigmoid(-1), 0], 1e-12);
  near(assert, found.gradient[0], [2 * (sigmoid(2) - 1) - sigmoid(-1), 5 * (sigmoid(2) - 1) + 3 * sigmoid(-1)], 1e-12);
});

test("SimCLR: partners together, all others opposite", () => {
  const [right, left] = [[1, 0], [-3, 0]];
  const found = lossAt("simclr", [right, left, right, left], 0.5); // views of two pictures
  close(found.loss, -Math.log(Math.exp(2) / (Math.exp(2) + 2 * Math.exp(-2))));
  assert.deepEqual(candidatesOf("simclr", found, 4, 1).map(({ place, wanted }) => [place, wanted]), [[0, 0], [2, 0], [3, 1]]);
});

test("CLIP: rows and columns count alike, and pictures do not meet pictures", () => {
  const found = lossAt("clip", [[1, 0], [0, 1], [1, 0], [1, 0]], 1); // both texts lie on the first picture
  const rows = (-Math.log(0.5) - Math.log(0.5)) / 2;
  const columns = (-Math.log(Math.E / (Math.E + 1)) - Math.log(1 / (Math.E + 1))) / 2;
  close(found.loss, (rows + columns) / 2);
  const text = candidatesOf("clip", found, 4, 3);
  assert.deepEqual(text.map(({ place, wanted }) => [place, wanted]), [[0, 0], [1, 1]]);
  near(assert, text.map(({ share }) => share), [Math.E / (Math.E + 1), 1 / (Math.E + 1)], 1e-12);
  near(assert, text.map(({ score }) => score), [1, 0], 1e-12);
  near(assert, candidatesOf("clip", found, 4, 0).map(({ share }) => share), [0.5, 0.5], 1e-12);
});

test("gradients are those of finite differences", () => {
  for (const mode of ["skip-gram", "simclr", "clip"]) {
    for (const temperature of [0.3, 1.4]) {
      const { gradient } = lossAt(mode, PLACES, temperature);
      PLACES.forEach((_, k) => [0, 1].forEach((axis) => {
        const at = (by) => lossAt(mode, PLACES.map((one, i) => one.map((x, a) => (i === k && a === axis ? x + by : x))), temperature).loss;
        close(gradient[k][axis], (at(1e-5) - at(-1e-5)) / 2e-5, 1e-8);
      }));
    }
  }
});

test("steps lower the loss; only skip-gram leaves the circle", () => {
  for (const mode of ["skip-gram", "simclr", "clip"]) {
    let places = PLACES.map((one) => kept(mode, one));
    const first = lossAt(mode, places, 0.5);
    places = stepped(mode, places, first.gradient, 0.05);
    assert.ok(lossAt(mode, places, 0.5).loss < first.loss, mode);
    if (mode !== "skip-gram") places.forEach(([x, y]) => close(Math.hypot(x, y), 1, 1e-12));
  }
  assert.deepEqual(kept("skip-gram", [9, -9]), [2, -2]);
});
