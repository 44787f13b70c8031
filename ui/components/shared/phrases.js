// English sentences said in another language: by a catalogue of sentences, whose {names} stand for what is put in later.

const PLACES = /\{\w*\}/g;
const WORDS_OF = /\p{L}+/gu;
const MOST_SAID = 4000; // sentences whose translation is kept
const DEEPEST_SAID = 3; // translations within translations: a name put into a sentence, and one put into that
const LONGEST_SAID = 3000; // letters of a text that is looked up
const MANY_LETTERS = 12; // that it needs where sentences may be put into it
const FEWEST_LETTERS = 6; // letters that a sentence has of its own, else only numbers and names of ours are put into it

// entries: {English: translation}; decimal, thousands: the signs of the language's numbers; percent: what stands before %.
export function catalogue(entries, { decimal = ".", thousands = ",", percent = " %" } = {}) {
  const exact = new Map();
  const patterns = new Map();
  const whole = Object.entries(entries).filter(([, said]) => said);
  const known = new Set(whole.map(([english]) => english));
  const within = whole.flatMap(([english, said]) => [...tail(english, said), ...sentences(english, said)]).filter(([english]) => !known.has(english));
  [...whole, ...within].forEach(([english, said]) => {
    if (!english.match(PLACES)) exact.set(english, said);
    else {
      const words = english.replace(PLACES, " ").match(WORDS_OF) || [];
      const rarest = words.reduce((best, word) => (word.length > best.length ? word : best), "");
      if (!rarest) return;
      if (!patterns.has(rarest)) patterns.set(rarest, []);
      patterns.get(rarest).push(patternOf(english, said, words.join("").length));
    }
  });
  patterns.forEach((list) => list.sort((one, other) => other.letters - one.letters));
  return { exact, patterns, numbers: { decimal, thousands, percent }, kept: new Map() };
}

// A sentence behind one that is put in: "{moves} Move k." is also known as "Move k."
function tail(english, said) {
  const [, first, rest] = /^(\{\w*\}) (\p{Lu}.*)$/u.exec(english) || [];
  return first && said.startsWith(`${first} `) ? [[rest, said.slice(first.length + 1)]] : [];
}

// What is said of several sentences is also said of each, where both languages have as many.
function sentences(english, said) {
  const [ours, theirs] = [english.split(/(?<=[.!?])\s+/), said.split(/(?<=[.!?؟])\s+|(?<=[。！？])\s*/u).filter(Boolean)];
  if (ours.length < 2 || ours.length !== theirs.length) return [];
  const places = (text) => (text.match(PLACES) || []).sort().join();
  const pairs = ours.map((one, k) => [one, theirs[k]]);
  return pairs.every(([one, other]) => places(one) === places(other)) ? pairs.filter(([one]) => /\p{L}{3}/u.test(one.replace(PLACES, ""))) : [];
}

export const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function patternOf(english, said, letters) {
  const names = english.match(PLACES);
  const parts = english.split(PLACES).map(literally);
  const source = parts.map((part, k) => part + (k < names.length ? "(.*?)" : "")).join("");
  // Of one name that stands twice, the first in the translation is the first in the English sentence.
  const taken = names.map(() => false);
  const order = (said.match(PLACES) || []).map((name) => {
    const at = names.findIndex((one, k) => one === name && !taken[k]);
    taken[at] = true;
    return at;
  });
  const free = names.map((name) => name === "{more}"); // sentences of their own
  const quoted = names.map((_, k) => /[“„«"'‘]\s?$/.test(english.split(PLACES)[k])); // what somebody typed, or a model wrote
  const label = /^[^{}]*: \{\w*\}$/.test(english); // "Group: {name}"
  return { letters, label, free, quoted, regex: new RegExp(`^${source}$`, "su"), order, said: said.split(PLACES) };
}

// The text in the language of the catalogue, or null where it knows none of it.
export function sayBy(book, text) {
  if (text.length > LONGEST_SAID) return null;
  const { kept } = book;
  if (kept.has(text)) return kept.get(text);
  const [, before, middle, after] = /^(\s*)(.*?)(\s*)$/su.exec(text);
  const said = middle && found(book, middle.replace(/\s+/g, " "), 0);
  const whole = said ? before + said + after : null;
  if (kept.size >= MOST_SAID) kept.clear();
  kept.set(text, whole);
  return whole;
}

// A whole sentence, else sentences that are all known, else what is longer than a name put into one, else what is known.
function found(book, text, depth) {
  return book.exact.get(text) ?? byPattern(book, text, depth) ?? inParts(book, text, depth, true)
    ?? byPattern(book, text, depth, true) ?? inParts(book, text, depth, false);
}

// loose: what is put in may be sentences of its own.
function byPattern(book, text, depth, loose = false) {
  let best = null;
  new Set(text.match(WORDS_OF)).forEach((word) => (book.patterns.get(word) || []).forEach((one) => {
    if (best && best.one.letters >= one.letters) return;
    const match = one.regex.exec(text);
    if (!match) return;
    const values = match.slice(1);
    const fits = loose ? one.letters >= MANY_LETTERS : values.every((value, k) => one.free[k] || isName(value));
    const own = one.label || one.letters >= FEWEST_LETTERS || values.every((value) => isSmall(book, value));
    if (fits && own) best = { one, match };
  }));
  if (!best) return null;
  const { one: { order, said, quoted }, match } = best;
  const value = (at) => (quoted[at] ? match[at + 1] : valueOf(book, match[at + 1], depth));
  return said.reduce((line, part, k) => line + value(order[k - 1]) + part);
}

const NUMBER = /^[\d.,\s%+−-]+$/;
const isName = (value) => !/[.?!;:]\s|\s·\s/.test(value.replace(/“[^”]*”/g, ""));
const isSmall = (book, value) => value.length <= 24 && (/^\S*$|\d/.test(value) || book.exact.has(value));

// What was put into a sentence: a name that has a translation, a number, or what somebody typed.
function valueOf(book, value, depth) {
  if (!value) return "";
  if (NUMBER.test(value)) return numberIn(book, value);
  if (depth >= DEEPEST_SAID) return value;
  const [, before, middle, after] = /^(\s*)(.*?)(\s*)$/su.exec(value);
  return before + (found(book, middle, depth + 1) ?? middle) + after;
}

// Several sentences, or names with a dot between: as many together as are known, and what is unknown stays.
const CUTS = [/(?<=[.!?…:;])\s+/u, /\s+[·–—]\s+/u, /,\s+/u];
const MOST_PARTS = 24;

function inParts(book, text, depth, all) {
  for (const cut of CUTS) {
    const parts = text.split(cut);
    if (parts.length < 2 || parts.length > MOST_PARTS) continue;
    const said = joined(book, parts, text.match(new RegExp(cut, "gu")), depth, all);
    if (said) return said;
  }
  return null;
}

// A part, with or without the sign that ends it.
function alone(book, text, depth) {
  const said = book.exact.get(text) ?? byPattern(book, text, depth);
  if (said !== null && said !== undefined) return said;
  const [, bare, sign] = /^(.*?)([.;:,!?…]?)$/su.exec(text);
  const short = sign && (book.exact.get(bare) ?? byPattern(book, bare, depth));
  return short ? short + sign : null;
}

function joined(book, parts, between, depth, all) {
  let line = "";
  let known = 0;
  for (let k = 0; k < parts.length;) {
    let end = parts.length - (k === 0 ? 1 : 0); // the whole of it is not known
    let said = null;
    for (; end > k && said === null; end -= 1) {
      const some = parts.slice(k, end).reduce((so, part, i) => so + (i ? between[k + i - 1] : "") + part, "");
      said = alone(book, some, depth);
      if (said !== null) break;
    }
    if (said === null && depth < DEEPEST_SAID) {
      said = inParts(book, parts[k], depth + 1, all);
      end = k + 1;
    }
    if (said === null && all && /\p{L}{2}/u.test(parts[k])) return null;
    if (said !== null) known += 1;
    const next = said === null ? k + 1 : end;
    line += (said ?? (NUMBER.test(parts[k]) ? numberIn(book, parts[k]) : parts[k])) + (between[next - 1] ?? "");
    k = next;
  }
  return known ? line : null;
}

// A number of an English sentence as the language writes it. "3.4" is layer 3, head 4 as often as a number: it stays where
// nothing says that it is one.
export function numberIn({ numbers: { decimal, thousands, percent } }, value) {
  return value
    .replace(/\d{1,3}(?:,\d{3})+(?!\d)/g, (number) => number.replaceAll(",", thousands))
    .replace(/(?<![\d.])(0?)\.(\d+)|(\d+)\.(\d+)(?=\s?%)/g, (_, zero, small, whole, rest) => `${whole ?? zero}${decimal}${small ?? rest}`)
    .replace(/\s%/g, percent);
}
