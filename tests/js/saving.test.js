// A picture that is saved: strokes as they were drawn, documents that hold any text, gaps that are closed.
import assert from "node:assert/strict";
import test from "node:test";
import { meet, shifted } from "../../ui/components/frame/compose.js";
import { Recording, faceOf } from "../../ui/components/frame/record.js";
import { written } from "../../ui/components/frame/svg.js";
import { near } from "./frames.js";

// A canvas of 200 x 100 of its own pixels, half as many on the page; letters are 10 wide, 8 above the line, 2 below.
function fake() {
  const kept = [];
  const real = {
    fillStyle: "#111111", strokeStyle: "#222222", lineWidth: 2, lineCap: "round", lineJoin: "miter", font: "italic 650 12px Face, serif",
    textAlign: "left", textBaseline: "alphabetic", direction: "ltr", globalAlpha: 1, imageSmoothingEnabled: true, matrix: [2, 0, 0, 2, 0, 0],
    getTransform() { const [a, b, c, d, e, f] = real.matrix; return { a, b, c, d, e, f }; },
    getLineDash: () => [4, 2],
    measureText: (text) => ({ width: 10 * text.length, actualBoundingBoxAscent: real.textBaseline === "middle" ? 5 : 8 }),
    translate(x, y) { real.matrix[4] += 2 * x; real.matrix[5] += 2 * y; },
    save() { kept.push([...real.matrix]); },
    restore() { real.matrix = kept.pop(); },
    beginPath() {}, moveTo() {}, lineTo() {}, closePath() {}, fill() {}, stroke() {}, clip() {}, rect() {}, arc() {},
    fillRect() {}, clearRect() {}, fillText() {}, strokeRect() {},
  };
  const canvas = { width: 200, height: 100, style: { width: "100px" }, getContext: () => real };
  const recording = new Recording("white");
  return { canvas, real, pen: recording.pen(canvas), items: () => recording.drawn.get(canvas).items };
}

test("strokes are noted in pixels of the page, under the pen's transform and its clip", () => {
  const { pen, items } = fake();
  pen.save();
  pen.translate(10, 5);
  pen.fillStyle = "#ff0000";
  pen.fillRect(1, 2, 3, 4);
  pen.restore();
  pen.beginPath();
  pen.rect(0, 0, 20, 20);
  pen.clip();
  pen.beginPath();
  pen.moveTo(0, 0);
  pen.lineTo(5, 6);
  pen.stroke();
  const [rect, line] = items();
  assert.deepEqual([rect.d, rect.fill, rect.clip], ["M11 7L14 7L14 11L11 11Z", "#ff0000", null]);
  assert.deepEqual([line.d, line.stroke, line.width, line.dash, line.clip], ["M0 0L5 6", "#222222", 2, [4, 2], [0, 0, 20, 20]]);
});

test("a circle is four curves that keep its radius", () => {
  const { pen, items } = fake();
  pen.beginPath();
  pen.arc(50, 20, 8, 0, 7);
  pen.fill();
  const numbers = items()[0].d.match(/-?[\d.]+/g).map(Number);
  assert.equal(items()[0].d.match(/C/g).length, 4);
  near(assert, [Math.hypot(numbers[0] - 50, numbers[1] - 20), Math.hypot(numbers[6] - 50, numbers[7] - 20)], [8, 8], 0.02);
});

test("text begins at its left end on its base line, however it was set", () => {
  const { pen, real, items } = fake();
  real.textAlign = "right";
  real.textBaseline = "middle";
  pen.fillText("abc", 60, 40);
  real.textAlign = "start";
  real.direction = "rtl";
  pen.fillText("abc", 60, 40, 15);
  const [one, two] = items();
  near(assert, one.matrix.slice(4), [30, 43]); // 8 above the base line are 5 above the middle
  near(assert, two.matrix.slice(4), [45, 43]);
  assert.deepEqual([one.size, one.weight, one.italic, one.family, two.rtl, two.width], [12, 650, true, "Face, serif", true, 15]);
  assert.equal(real.textBaseline, "middle");
  assert.deepEqual(faceOf("bold 9.5px/12px serif"), { size: 9.5, family: "serif", weight: 700, italic: false });
});

test("what is cleared as a whole is forgotten, what is cleared in part is ground again", () => {
  const { pen, items } = fake();
  pen.fillRect(0, 0, 9, 9);
  pen.clearRect(2, 2, 3, 3);
  assert.equal(items()[1].fill, "white");
  pen.clearRect(0, 0, 100, 50);
  assert.equal(items().length, 0);
});

test("a document holds any text and says how wide it was", () => {
  const text = { kind: "text", text: 'a<b>&"\u0007', matrix: [1, 0, 0, 1, 3, 4], width: 50, size: 12, weight: 400, family: 'x "y"', fill: "#000000", rtl: false, opacity: 1 };
  const path = { kind: "path", d: "M0 0L1 1", stroke: "#00ff00", width: 2, dash: [3, 1], opacity: 0.5, clip: [0, 0, 5, 5] };
  const found = written({ items: [text, path], width: 100, height: 50, ground: "#ffffff", title: "T & t", caption: ["c"] }, 400, 400);
  assert.ok(found.includes("a&lt;b&gt;&amp;&quot;·</text>") && found.includes('textLength="50"'));
  assert.ok(found.includes("<title>T &amp; t</title>") && found.includes('stroke-dasharray="3 1"') && found.includes('opacity="0.5"'));
  assert.ok(found.includes('clip-path="url(#clip0)"') && found.includes("translate(0 100) scale(4)")); // in the middle
});

test("rectangles meet, and what is moved takes its clip along", () => {
  assert.deepEqual(meet([0, 0, 10, 10], [5, -5, 10, 10]), [5, 0, 5, 5]);
  assert.deepEqual(meet(null, [1, 2, 3, 4]), [1, 2, 3, 4]);
  assert.deepEqual(meet([0, 0, 1, 1], [5, 5, 1, 1]).slice(2), [0, 0]);
  const one = shifted({ kind: "path", matrix: [1, 0, 0, 1, 2, 3], clip: [0, 0, 4, 4], fill: "#fff" }, 10, 20);
  assert.deepEqual([one.matrix.slice(4), one.clip], [[12, 23], [10, 20, 4, 4]]);
});
