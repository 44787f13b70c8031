// Views as one HTML file that needs no server and no network.

import { LANGUAGES, sentencesOf } from "./languages.js";
import { asText, packed } from "../shared/bytes.js";
import { appRoot } from "../shared/routes.js";

export const FORMAT = "gaze sheet";
export const VERSION = 1;
export const LARGEST_SHEET = 150_000_000; // bytes of a handed-in file that are read
const ALLOWED = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

// {parts: {name: {script, style}}, theme: {light, dark}}: what views are drawn with, as the app has it now.
export async function partsFor(names) {
  const url = new URL("gaze/parts", appRoot({}));
  url.search = new URLSearchParams({ names: names.join(",") });
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(reply.statusText);
  return reply.json();
}

// The language of the interface, with all its sentences: which of them a view will say, nobody knows before.
async function languageOfPage() {
  const code = globalThis.gazeLanguage?.code;
  const reply = code && await sentencesOf(code);
  if (!reply?.ok) return null;
  return { code, ...LANGUAGES[code], sentences: asText(await packed(new Uint8Array(await reply.arrayBuffer()))) };
}

// Within a script element nothing may end it.
const inScript = (value) => JSON.stringify(value).replace(/</g, "\\u003c").replace(/\u2028|\u2029/g, " ");
const inText = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

// sheet: {title, who, tasks, pins: [{sentence, task, title, caption, link, made, scene, view}]}; drawing: the scripts of its
// views by their keys.
export async function fileOf(sheet, drawing) {
  const { parts: { snapshot, stage }, theme } = await partsFor(["snapshot", "stage"]);
  const language = await languageOfPage();
  const style = `:root { ${theme.light} } :root[data-theme="dark"] { ${theme.dark} } ${snapshot.style}`.replace(/</g, "\\3c ");
  return new Blob([
    `<!doctype html>\n<html lang="${language?.code ?? "en"}" dir="${language?.direction ?? "ltr"}" data-theme="light">\n<head>\n<meta charset="utf-8">\n`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta http-equiv="Content-Security-Policy" content="${ALLOWED}">\n`,
    `<title>${inText(sheet.title)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<script type="application/json" id="gaze-sheet">${inScript({ format: FORMAT, version: VERSION, ...sheet })}</script>\n`,
    `<script type="application/json" id="gaze-parts">${inScript({ parts: { ...drawing, stage }, theme, language })}</script>\n`,
    `<script>${snapshot.script}\ngazeComponents.snapshot();</script>\n</body>\n</html>\n`,
  ], { type: "text/html" });
}
