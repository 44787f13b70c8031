// Whole texts of many points, of which a message has the beginnings: asked for one by one, or by a word in them.

import { appRoot, postJson } from "../shared/routes.js";

const POINTED = 120; // milliseconds that a pointer rests on a point before its text is asked for

// What a point is called and the text that it is from, as much of them as is here.
export function textOf(side, index) {
  return side.whole?.get(index) || [side.labels[index], side.texts[side.owners[index]]];
}

export const isCut = (text, cut) => [...text].length >= cut;

const lacks = (side, index) => Boolean(side.long) && !side.whole?.has(index)
  && (isCut(side.labels[index], side.cut) || isCut(side.texts[side.owners[index]], side.cut));

// Asks for a point's text once it has been pointed at for a while; then(): it is here.
export function askText(view, side, index, then) {
  clearTimeout(view.wait);
  if (!lacks(side, index)) return;
  view.wait = setTimeout(async () => {
    const reply = await asked(view, side, { points: [index] });
    if (!reply) return;
    side.whole ||= new Map();
    side.whole.set(index, (await reply.json()).texts[0]);
    then();
  }, POINTED);
}

// Asks which texts have a word in what the message left out of them; then(): it is told.
export function askWord(view, word, then) {
  clearTimeout(view.search);
  const sides = word ? view.data.sides.filter((side) => side.long && side.having?.word !== word) : [];
  if (!sides.length) return;
  view.search = setTimeout(() => sides.forEach(async (side) => {
    const reply = await asked(view, side, { word });
    if (!reply || view.looked !== word) return;
    side.having = { word, bits: new Uint8Array(await reply.arrayBuffer()) };
    then();
  }), POINTED);
}

// Whether the whole text of a point has the word, by what was told: a bit a point, the first of a byte its highest.
export const hasWord = ({ bits }, index) => Boolean(bits[index >> 3] & (128 >> (index & 7)));

// The reply; null where these texts are not to be had: their beginnings do.
async function asked(view, side, body) {
  const { data } = view;
  try {
    const reply = await postJson(new URL("gaze/texts", appRoot({})), { key: side.long, ...body });
    if (!reply.ok) side.long = "";
    return reply.ok && view.data === data ? reply : null;
  } catch {
    return null; // no way to the server at this moment: asked again when it is pointed at again
  }
}
