// Where the view of a pin is seen.

import { appRoot } from "../shared/routes.js";

// Its address in this app, whoever made the pin and wherever.
export function addressOf({ page, query }) {
  const address = new URL(page === "start" ? "" : page, appRoot({}));
  address.search = query;
  return address.href;
}
