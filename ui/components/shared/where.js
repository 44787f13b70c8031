// Where somebody is: the page, and what its address says of it, in one order.

import { appRoot } from "./routes.js";
import { isOurs } from "./visits.js";

export const LESSON = "lesson"; // parameters of the lesson that runs beside any page
export const LESSON_STEP = "lesson_step";
const isShared = (name) => isOurs(name) || name === LESSON || name === LESSON_STEP;

export const pageHere = () => location.pathname.slice(appRoot({}).pathname.length).split("/")[0];

function sorted(search, wanted) {
  const own = [...new URLSearchParams(search)].filter(([name]) => wanted(name)).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  return own.length ? `?${new URLSearchParams(own)}` : "";
}

// What an address says of a page: its own parameters alone.
export const ownQuery = (search) => sorted(search, isOurs);

// The same with the lesson: what who follows in a room must know.
export const sharedQuery = (search) => sorted(search, isShared);

// Which lesson runs beside the page, and how far it is.
export const lessonOf = (search) => sorted(search, (name) => name === LESSON || name === LESSON_STEP);

// The address with other parameters of the page and of its lesson; what belongs to the window alone stays.
export function addressWith(query) {
  const address = new URL(location.href);
  address.search = query;
  new URLSearchParams(location.search).forEach((value, name) => !isShared(name) && address.searchParams.set(name, value));
  return address;
}
