// Views read the address by one way alone: a page that was saved has none of its own.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { ofPictures } from "../../ui/components/frame/steps.js";

const HERE = new URL("../../ui/components/", import.meta.url);
const NO_PICTURES = ["address", "frame", "lesson", "lessons", "recall", "start", "shared", "snapshot", "offers", "lasting"];

test("no view of a picture reads the window's own address", () => {
  const folders = readdirSync(HERE, { withFileTypes: true }).filter((one) => one.isDirectory() && !NO_PICTURES.includes(one.name));
  const found = folders.flatMap(({ name }) => readdirSync(new URL(`${name}/`, HERE)).filter((file) => file.endsWith(".js"))
    .filter((file) => /\blocation\.search\b|[^.\w]fetch\(/.test(readFileSync(new URL(`${name}/${file}`, HERE), "utf8"))).map((file) => `${name}/${file}`));
  assert.ok(folders.length > 12);
  assert.deepEqual(found, []);
});

test("a step in which nothing differs but what pictures choose by themselves asks no page", () => {
  globalThis.location = { pathname: "/attention", search: "" };
  globalThis.gazeVisits = { names: ["text", "layer"] };
  globalThis.gazeShown = new Map([[1, { owns: ["head", "layer"] }], [2, { owns: [] }]]);
  assert.equal(ofPictures("?text=a&head=1", "?text=a&head=2"), true);
  assert.equal(ofPictures("?text=a", "?text=a&head=2&lesson=x"), true); // a lesson is no page's
  assert.equal(ofPictures("?text=a&head=1", "?text=b&head=2"), false);
  assert.equal(ofPictures("?layer=1", "?layer=2"), false); // here the page asks for it too
  assert.equal(ofPictures("?at=1", "?at=2"), false); // nobody follows it
  assert.equal(ofPictures("?head=1", "?head=1"), false);
  ["location", "gazeVisits", "gazeShown"].forEach((name) => delete globalThis[name]);
});
