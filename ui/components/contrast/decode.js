// The message as the picture wants it, and squares of the sheet with the pictures.

import { make, showSquare } from "../shared/dom.js";
import { unpack } from "../shared/message.js";

export function decode(bytes) {
  const { header, arrays } = unpack(bytes);
  return { ...header, cosines: arrays.cosines.values, jpeg: arrays.sheet.values };
}

// A square that shows its part of the sheet, at any size.
export function square(view, edge, side) {
  const one = make("span", "thumbnail", { title: edge.text });
  Object.assign(one.style, { width: `${side}px`, height: `${side}px` });
  if (edge.picture < 0 || !view.sheet) return one;
  const { across, pictures } = view.data;
  showSquare(one, view.sheet, across, Math.ceil(pictures / across), edge.picture);
  return one;
}
