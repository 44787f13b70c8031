// Views read the address by one way alone: a page that was saved has none of its own.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const HERE = new URL("../../ui/components/", import.meta.url);
const NO_PICTURES = ["address", "frame", "lesson", "lessons", "recall", "start", "shared", "snapshot", "offers", "lasting"];

test("no view of a picture reads the window's own address", () => {
  const folders = readdirSync(HERE, { withFileTypes: true }).filter((one) => one.isDirectory() && !NO_PICTURES.includes(one.name));
  const found = folders.flatMap(({ name }) => readdirSync(new URL(`${name}/`, HERE)).filter((file) => file.endsWith(".js"))
    .filter((file) => /\blocation\.search\b|[^.\w]fetch\(/.test(readFileSync(new URL(`${name}/${file}`, HERE), "utf8"))).map((file) => `${name}/${file}`));
  assert.ok(folders.length > 12);
  assert.deepEqual(found, []);
});
