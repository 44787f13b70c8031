// Thumbnails: buttons that show their part of one sheet; a click names the picture.

import { make, showSquare } from "../shared/dom.js";
import { live } from "../shared/life.js";
import { unpack } from "../shared/message.js";

export default function show(component) {
  return live(component, {
    selector: ".gaze-thumbnails",
    fresh: () => ({}),
    receive,
    build() {}, // the same at any size
    ready: (view) => view.data.chosen,
    leave: (view) => URL.revokeObjectURL(view.sheet),
  });
}

function receive(view) {
  const { root, sheet: old } = view;
  const { header, arrays } = unpack(view.bytes);
  Object.assign(view, { data: header, sheet: URL.createObjectURL(new Blob([arrays.sheet.values], { type: "image/jpeg" })) });
  const rows = Math.ceil(header.pictures.length / header.across);
  const buttons = header.pictures.map(({ name, title }, place) => {
    const button = make("button", "", {
      type: "button", title, "aria-label": title, "aria-pressed": name === header.chosen,
    });
    showSquare(button, view.sheet, header.across, rows, place);
    button.addEventListener("click", () => view.send("picked", name));
    return button;
  });
  root.dataset.unsaved = ""; // a choice
  const place = root.scrollTop;
  root.replaceChildren(...buttons);
  root.scrollTop = place;
  if (old) URL.revokeObjectURL(old);
}
