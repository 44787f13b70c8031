// What a step says, as elements: paragraphs, **strong** words and `code`; never markup.

import { AS_WRITTEN, make } from "../shared/dom.js";

export function paragraphs(text) {
  return text.split("\n\n").map((part) => make("p", "", AS_WRITTEN, ...part.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map((piece) => {
    if (piece.startsWith("**")) return make("b", "", piece.slice(2, -2));
    if (piece.startsWith("`")) return make("code", "", piece.slice(1, -1));
    return document.createTextNode(piece);
  })));
}
