// A saved page goes on in the language in which it was saved: its sentences came along.

import { speak } from "../frame/translating.js";
import { fromText, unpacked } from "../shared/bytes.js";

// language: {code, direction, numbers, sentences: a packed catalogue}, or null for English.
export async function goOnIn(language) {
  if (!language) return;
  const sentences = new TextDecoder().decode(await unpacked(fromText(language.sentences)));
  speak(JSON.parse(sentences), language);
}
