// The choice of a picture in the address of the page, beside the keys of others.

import { visits } from "./visits.js";

// What the address says; a page that was saved has none of its own and keeps what it would say.
export const addressQuery = () => globalThis.gazeSnapshot?.query ?? location.search;

// Sets keys, or takes out those without a value. Writes only what differs, so that answering a rewrite by the server can
// never go round in circles.
export function writeQuery(values) {
  if (visits().pushing) return; // the address of the step before, for a moment
  const saved = globalThis.gazeSnapshot;
  const address = saved ? new URL(`https://gaze.invalid/${saved.query}`) : new URL(location.href);
  Object.entries(values).forEach(([key, value]) => {
    if (value === null || value === undefined) address.searchParams.delete(key);
    else address.searchParams.set(key, value);
  });
  if (address.search === addressQuery()) return;
  if (saved) saved.choose(address.search);
  else history.replaceState(history.state, "", address);
}
