// Links by hand: none, sure, possible, none; with everything that was done, to be undone.

export const linkName = (i, j) => `${i}-${j}`;

export function linksFrom({ sure, possible }) {
  const found = new Map();
  sure.forEach(([i, j]) => found.set(linkName(i, j), "sure"));
  possible.forEach(([i, j]) => found.set(linkName(i, j), "possible"));
  return found;
}

const AFTER = { undefined: "sure", sure: "possible", possible: undefined };

// The next state of a link; gives what it was before.
export function turnLink(links, name) {
  const before = links.get(name);
  const after = AFTER[before];
  if (after) links.set(name, after);
  else links.delete(name);
  return before;
}

export function putBack(links, { name, before }) {
  if (before) links.set(name, before);
  else links.delete(name);
}

export function asLists(links) {
  const all = [...links].map(([name, kind]) => [name.split("-").map(Number), kind]);
  const of = (wanted) => all.filter(([, kind]) => kind === wanted).map(([places]) => places).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { sure: of("sure"), possible: of("possible") };
}
