// A Leitner box: what was known waits twice as long each time, what was not begins anew.
// Source: Sebastian Leitner 1972, "So lernt man lernen"; five compartments, here of 1, 2, 4, 8 and 16 days.

export const WAITS = [1, 2, 4, 8, 16]; // days, by compartment from 1
const DAY = 86400000;

// A short name of a card, made of its question: what is kept of it stays its own when lessons change.
export function nameOf(ask) {
  let hash = 2166136261; // FNV-1a, 32 bits
  for (const letter of ask) {
    hash ^= letter.codePointAt(0);
    hash = Math.imul(hash, 16777619) >>> 0;
  }
  return hash.toString(36);
}

// Days since 1970 where the reader lives: a card that is due today is due from midnight on.
export const dayOf = (time, offset) => Math.floor((time - offset * 60000) / DAY);

// What is kept of a card after an answer: [compartment, day on which it is due].
export function answered(before, known, today) {
  const box = known ? Math.min(WAITS.length, (before?.[0] || 0) + 1) : 1;
  return [box, known ? today + WAITS[box - 1] : today];
}

// The day on which a card is due; where a clock was ahead when it was answered, no later than its compartment says from
// today on: else it would not come for as long as the clock was wrong.
const dueOn = (one, today) => Math.min(one[1], today + WAITS[one[0] - 1]);

// Cards in the order in which they are asked: those that are due, the longest overdue first, then new ones as they come.
export function inTurn(cards, kept, today) {
  const due = cards.filter((card) => kept[card.name]?.[1] <= today);
  const fresh = cards.filter((card) => !kept[card.name]);
  return [...due.sort((one, other) => kept[one.name][1] - kept[other.name][1]), ...fresh];
}

// What is kept of cards, with no day further off than it can be.
export const inReach = (kept, today) => Object.fromEntries(Object.entries(kept).map(([name, one]) => [name, [one[0], dueOn(one, today)]]));

// {due, fresh, next}: how many are due, how many are new, and in how many days the next one is due; 0: none waits.
export function standing(cards, kept, today) {
  const waits = cards.map((card) => kept[card.name]?.[1] - today).filter((days) => days > 0);
  return {
    due: cards.filter((card) => kept[card.name]?.[1] <= today).length,
    fresh: cards.filter((card) => !kept[card.name]).length,
    next: waits.length ? Math.min(...waits) : 0,
  };
}
