// What can be pointed at: views tell where a head, a row, a column or a cell of theirs is drawn, and what is at a place.

// Each is {place({kind, which}), at(x, y)}: a box on the screen or null; the target there or null.
export const targets = () => {
  globalThis.gazeTargets ??= new Set();
  return globalThis.gazeTargets;
};

const KEY = /st-key-([\w-]+)/;

// The class of an element with this key, as Streamlit writes it.
export const classOf = (key) => `st-key-${key.replace(/[^\w-]/g, "-")}`;
const screenBox = (element) => {
  const box = element?.getBoundingClientRect();
  return box && box.width > 2 && box.height > 2 ? box : null;
};

function firstPicture() {
  const some = document.querySelectorAll('.stMain [data-testid="stBidiComponentIsolated"], .stMain [class*="st-key-tall-"]');
  return [...some].find((one) => !one.closest('[class*="st-key-gaze-"]') && screenBox(one));
}

// The box on the screen of {kind, which}; null: it is not to be seen. page: whose choices are meant.
export function placeOfTarget({ kind, which }, page) {
  if (kind === "picture") return screenBox(firstPicture());
  if (kind === "control") return screenBox(document.querySelector(`.stMain .${classOf(`${page || "start"}:${which}`)}`));
  if (kind === "at") {
    const [name, x, y] = which.split(" ");
    const box = /^[\w-]+$/.test(name || "") && screenBox(document.querySelector(`.stMain .st-key-${name}`));
    return box ? { left: box.left + x * box.width - 22, top: box.top + y * box.height - 22, width: 44, height: 44 } : null;
  }
  for (const one of targets()) {
    const box = one.place({ kind, which });
    if (box) return box;
  }
  return null;
}

// What somebody points at; null: nothing that has a name.
export function targetAt(x, y) {
  for (const one of targets()) {
    const found = one.at(x, y);
    if (found) return found;
  }
  const element = document.elementsFromPoint(x, y).map((one) => one.closest('.stMain [class*="st-key-"]')).find(Boolean);
  const name = KEY.exec(element?.className || "")?.[1];
  const box = screenBox(element);
  if (!name || !box) return null;
  const share = (value, from, size) => Math.min(1, Math.max(0, (value - from) / size)).toFixed(3);
  return { kind: "at", which: `${name} ${share(x, box.left, box.width)} ${share(y, box.top, box.height)}` };
}
