// Lab sheets: tasks from a lecturer's file, ZIP files, and sheets of strangers of which only data is taken.
import assert from "node:assert/strict";
import test from "node:test";
import { tasksAsText, tasksAsWord, tasksFrom, tasksFromWord } from "../../ui/components/frame/sheet_tasks.js";
import { crc32, zipOf } from "../../ui/components/frame/zip.js";
import { asText, fromText, packed, unpacked } from "../../ui/components/shared/bytes.js";
import { sceneFrom, sheetFrom } from "../../ui/components/sheets/read.js";

const advised = (part) => (error) => {
  assert.ok(error.advice?.includes(part), error.advice ?? String(error));
  return true;
};

test("tasks are a title and a numbered list, whose lines go on", () => {
  const found = tasksFrom("\ufeff# Heads\r\n\r\n1. Find one\r\n   that looks left.\r\n2) And another.\n");
  assert.deepEqual(found, { title: "Heads", tasks: ["Find one that looks left.", "And another."] });
  assert.deepEqual(tasksFrom(tasksAsText(found)), found);
});

test("a broken file of tasks is refused with its line", () => {
  assert.throws(() => tasksFrom(""), advised("Line 1: a file of tasks begins with a title"));
  assert.throws(() => tasksFrom("1. Find a head"), advised("Line 1: a file of tasks begins with a title"));
  assert.throws(() => tasksFrom("# T\n\nWords without a number"), advised("Line 3: below the title each task"));
  assert.throws(() => tasksFrom("# T\n\n1.\n"), advised("Line 3: this task has no words"));
  assert.throws(() => tasksFrom("# T\n1. a\n## More\n"), advised("Line 3: there is one title"));
  assert.throws(() => tasksFrom("# T\n"), advised("no task was found"));
  assert.throws(() => tasksFrom(`# T\n${"1. a\n".repeat(51)}`), advised("Line 52: a sheet has up to 50"));
  assert.throws(() => tasksFrom(`# T\n1. ${"a".repeat(2001)}`), advised("Line 2: a task is up to 2000 letters"));
});

test("tasks travel in a link, and what is no such word is refused", async () => {
  const given = { title: "头部 & Köpfe", tasks: ["Find “one”.", "?a=1#b"] };
  const word = await tasksAsWord(given);
  assert.match(word, /^[\w-]+$/);
  assert.deepEqual(await tasksFromWord(word), given);
  for (const wrong of ["", "abc", "%%%", word.slice(5), "a".repeat(6001)]) {
    await assert.rejects(tasksFromWord(wrong), advised("not whole"));
  }
  const bomb = asText(await packed(new Uint8Array(3_000_000))).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");
  assert.ok(bomb.length < 6000);
  await assert.rejects(tasksFromWord(bomb), advised("not whole"));
});

test("bytes come back from text", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, k) => (k * k) % 251);
  assert.deepEqual(await unpacked(fromText(asText(await packed(bytes)))), bytes);
});

test("a ZIP holds its files as they are", async () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926); // the check value of the standard
  const bytes = new Uint8Array(await zipOf([["a.md", "hé"], ["b/c.svg", "<svg/>"]]).arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  assert.ok(text.startsWith("PK\u0003\u0004") && text.includes("a.mdhé") && text.includes("b/c.svg<svg/>"));
  const end = new DataView(bytes.buffer, bytes.length - 22);
  assert.deepEqual([end.getUint32(0, true), end.getUint16(10, true)], [0x06054b50, 2]);
});

const picture = (item) => ({ width: 10, height: 10, ground: "#fff", title: "", caption: [], items: [item] });
const path = { kind: "path", d: "M0 0L1 1", fill: "rgb(1, 2, 3)", matrix: [1, 0, 0, 1, 0, 0], opacity: 1 };
const text = { kind: "text", text: "<b>", size: 12, weight: 400, family: "x", fill: "#000", width: 4 };
const image = { kind: "image", href: "data:image/png;base64,AA==", width: 1, height: 1 };

test("a picture of known parts is taken, without what is beside them", () => {
  assert.equal(sceneFrom(picture({ ...path, onload: "alert(1)" })).items[0].onload, undefined);
  assert.equal(sceneFrom(picture(text)).items[0].text, "<b>");
  assert.equal(sceneFrom(picture(image)).items[0].href, image.href);
});

test("a picture that holds anything else is left out", () => {
  const hostile = [
    { ...path, d: 'M0 0"/><script>alert(1)</script>' }, { ...path, fill: "url(https://evil.example/a)" }, { ...path, stroke: "red;x:url(a)" },
    { ...path, matrix: ["1", 0, 0, 1, 0, '0)"><script>'] }, { ...path, clip: [0, 0, 1, "1"] }, { ...path, width: "1\" onload=\"x" }, { ...path, cap: '"x' },
    { ...image, href: "https://evil.example/a.png" }, { ...image, href: "javascript:alert(1)" }, { ...image, href: "data:image/svg+xml;base64,AA==" },
    { ...text, size: "12" }, { ...text, family: 'x" onclick="y' }, { ...text, text: 5 },
    { kind: "foreignObject", html: "<script>" }, { kind: "constructor", d: '"><script>' }, { kind: "__proto__" }, { kind: "toString" }, null,
  ];
  hostile.forEach((item) => assert.equal(sceneFrom(picture(item)), null, JSON.stringify(item)));
  [null, {}, { ...picture(path), width: 1e9 }, { ...picture(path), items: "x" }, { ...picture(path), items: Array(60_001).fill(path) }].forEach((one) => assert.equal(sceneFrom(one), null));
});

const sheet = (more) => ({ format: "gaze sheet", version: 1, title: "T", who: "Ada", tasks: ["a"], pins: [], ...more });

test("of a handed-in file only the data is read", () => {
  const pin = { sentence: "s", task: 0, title: "Attention", page: "attention", query: "?text=a&layer=1", caption: ["c"], scene: picture(path), view: { rows: "<script>" }, link: "https://evil.example" };
  const written = JSON.stringify(sheet({ pins: [pin] })).replace(/</g, "\\u003c");
  const html = `<html><script>alert(1)</script><script type="application/json" id="gaze-sheet">${written}</script><script>boom</script>`;
  for (const file of [html, JSON.stringify(sheet({ pins: [pin] }))]) {
    const found = sheetFrom("a.html", file);
    assert.deepEqual([found.who, found.tasks, Object.keys(found.pins[0]).sort()], ["Ada", ["a"], ["caption", "page", "query", "scene", "sentence", "task", "title"]]);
    assert.deepEqual([found.pins[0].page, found.pins[0].query, found.pins[0].scene.items.length], ["attention", "?text=a&layer=1", 1]);
  }
  const odd = sheetFrom("b.json", JSON.stringify(sheet({ who: {}, pins: [{ page: "//evil.example", query: 'javascript:"<', task: "0", caption: [{}, "x"] }, 7] })));
  assert.deepEqual(odd.who, "b.json");
  assert.deepEqual(odd.pins, [{ sentence: "", task: -1, title: "", page: "", query: "", caption: ["x"], scene: null }]);
});

test("what is no lab sheet is refused by its name", () => {
  assert.throws(() => sheetFrom("a.png", "\u0089PNG"), advised("“a.png” is no lab sheet"));
  assert.throws(() => sheetFrom("a.json", "[1]"), advised("“a.json” is no lab sheet"));
  assert.throws(() => sheetFrom("a.json", JSON.stringify(sheet()).slice(0, -4)), advised("was cut off or changed"));
  assert.throws(() => sheetFrom("a.html", '<script type="application/json" id="gaze-sheet">{"format'), advised("ends in the middle"));
  assert.throws(() => sheetFrom("a.json", JSON.stringify(sheet({ version: 2 }))), advised("comes from a later Gaze"));
  assert.throws(() => sheetFrom("a.json", JSON.stringify(sheet({ pins: {} }))), advised("was changed after"));
});
