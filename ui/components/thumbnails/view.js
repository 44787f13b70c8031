// Thumbnails: buttons that show their part of one sheet; a click names the picture.

const SHEETS = new WeakMap();

export default function show(component) {
  const root = component.parentElement.querySelector(".gaze-thumbnails");
  const bytes = component.data;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const old = SHEETS.get(root);
  const sheet = URL.createObjectURL(new Blob([bytes.subarray(4 + length)], { type: "image/jpeg" }));
  SHEETS.set(root, sheet);
  const buttons = header.pictures.map(({ name, title }, place) => {
    const button = Object.assign(document.createElement("button"), { type: "button", title });
    button.setAttribute("aria-label", title);
    button.setAttribute("aria-pressed", name === header.chosen);
    const [row, column] = [Math.floor(place / header.across), place % header.across];
    const rows = Math.ceil(header.pictures.length / header.across);
    // In percent, so that a button may have any size.
    const at = (index, count) => (count > 1 ? (100 * index) / (count - 1) : 0);
    button.style.backgroundImage = `url(${sheet})`;
    button.style.backgroundSize = `${100 * header.across}% ${100 * rows}%`;
    button.style.backgroundPosition = `${at(column, header.across)}% ${at(row, rows)}%`;
    button.addEventListener("click", () => component.setTriggerValue("picked", name));
    return button;
  });
  const place = root.scrollTop;
  root.replaceChildren(...buttons);
  root.scrollTop = place;
  if (old) URL.revokeObjectURL(old);
  root.getRootNode().host?.setAttribute("data-ready", header.chosen);
}
