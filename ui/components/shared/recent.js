// Where this browser was lately: one place a page, the last one first, kept in the browser alone.

const PLACES = "gaze:recent";
const MOST_PLACES = 8;
const LONGEST_PLACE = 1500; // characters of an address that is kept
const SAID = ["text", "phrases", "source", "words", "sentence", "question", "picture", "texts"]; // what tells one place from another

export function recent() {
  try {
    const found = JSON.parse(localStorage.getItem(PLACES) || "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.page === "string" && typeof one?.query === "string") : [];
  } catch {
    return []; // a browser that keeps nothing, or something else under this name
  }
}

function writePlaces(some) {
  try {
    localStorage.setItem(PLACES, JSON.stringify(some.slice(0, MOST_PLACES)));
  } catch {
    // as above
  }
}

// page: its name in the address; title: as people read it; query: of its address. A page as it begins is no place of one's own.
export function remember(page, title, query) {
  if (!page || !query || query.length > LONGEST_PLACE) return;
  const given = new URLSearchParams(query);
  const key = SAID.find((name) => given.get(name));
  const said = (key ? given.get(key) : "").split("\n")[0].slice(0, 60);
  writePlaces([{ page, title, query, said }, ...recent().filter((one) => one.page !== page)]);
}

export const forgetRecent = () => writePlaces([]);
