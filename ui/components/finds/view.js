// Finds: buttons with their part of one sheet, a name and a cosine; a click names the picture.

const SHEETS = new WeakMap();

export default function show(component) {
  const root = component.parentElement.querySelector(".gaze-finds");
  const bytes = component.data;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const old = SHEETS.get(root);
  const sheet = URL.createObjectURL(new Blob([bytes.subarray(4 + length)], { type: "image/jpeg" }));
  SHEETS.set(root, sheet);
  root.style.maxHeight = header.height ? `${header.height}px` : "";
  const down = Math.ceil(header.finds.length / header.across);
  root.replaceChildren(...header.finds.map((find, place) => card(component, header, sheet, down, find, place)));
  if (old) URL.revokeObjectURL(old);
  root.getRootNode().host?.setAttribute("data-ready", header.finds.length);
}

const make = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });

function card(component, { across }, sheet, down, find, place) {
  const button = make("button", find.right ? "right" : "");
  button.type = "button";
  button.title = `${place + 1}. ${find.title}`;
  const square = make("span", "square");
  const at = (index, count) => (count > 1 ? (100 * index) / (count - 1) : 0);
  square.style.backgroundImage = `url(${sheet})`;
  square.style.backgroundSize = `${100 * across}% ${100 * down}%`;
  square.style.backgroundPosition = `${at(place % across, across)}% ${at(Math.floor(place / across), down)}%`;
  const name = make("span", "name", find.title);
  name.dir = "auto";
  button.append(square, name, make("span", "cosine", find.cosine.toFixed(3).replace("-", "−")));
  button.addEventListener("click", () => component.setTriggerValue("picked", find.name));
  return button;
}
