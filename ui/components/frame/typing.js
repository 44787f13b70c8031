// The text of a page under one's fingers: by a key, or at once where somebody came to type.

const BOXES = '.stMain [data-testid="stTextInput"] input, .stMain [data-testid="stTextArea"] textarea';
const ARRIVAL = 8000; // milliseconds that a page may take to draw its box
const COVERED = 700; // pixels across up to which a keyboard would cover half of the page

// The page's text, marked whole, so that what is typed takes its place; undefined where a page has none.
export function typeText() {
  const box = [...document.querySelectorAll(BOXES)].find((one) => one.checkVisibility() && !one.disabled);
  box?.focus();
  box?.select();
  return box;
}

// As soon as the page has its text.
export function typeOnArrival() {
  if (window.innerWidth <= COVERED || typeFirst()) return;
  const watch = new MutationObserver(() => typeFirst() && watch.disconnect());
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), ARRIVAL);
}

// The first key finds all marked, also where the page has filled its box meanwhile; who clicks into it begins there.
function typeFirst() {
  const box = typeText();
  const mark = () => box.select();
  box?.addEventListener("keydown", mark, { once: true });
  box?.addEventListener("pointerdown", () => box.removeEventListener("keydown", mark), { once: true });
  return box;
}
