// Finds: buttons with their part of one sheet, a name and a cosine; a click names the picture.

import { make, showSquare } from "../shared/dom.js";
import { live, sizeOf } from "../shared/life.js";
import { unpack } from "../shared/message.js";
import { tall } from "../shared/room.js";

export default function show(component) {
  return live(component, {
    selector: ".gaze-finds",
    fresh: () => ({}),
    receive,
    build: bound,
    ready: (view) => view.data.finds.length,
    leave: (view) => URL.revokeObjectURL(view.sheet),
  });
}

function receive(view) {
  const { root, sheet: old } = view;
  root.dataset.saved = ""; // its buttons are the picture
  const { header, arrays } = unpack(view.bytes);
  Object.assign(view, { data: header, sheet: URL.createObjectURL(new Blob([arrays.sheet.values], { type: "image/jpeg" })) });
  bound(view);
  root.replaceChildren(...header.finds.map((find, place) => card(view, find, place)));
  if (old) URL.revokeObjectURL(old);
}

function bound(view) {
  const { height } = view.data;
  view.size = sizeOf(view.root);
  view.root.style.maxHeight = height ? `${tall(height)}px` : "";
}

function card(view, find, place) {
  const { across, finds } = view.data;
  const button = make("button", find.right ? "right" : "", { type: "button", title: `${place + 1}. ${find.title}` });
  const square = make("span", "square");
  showSquare(square, view.sheet, across, Math.ceil(finds.length / across), place);
  const name = make("span", "name", { textContent: find.title, dir: "auto" });
  button.append(square, name, make("span", "cosine", find.cosine.toFixed(3).replace("-", "−")));
  button.addEventListener("click", () => view.send("picked", find.name));
  return button;
}
