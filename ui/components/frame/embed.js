// A page in a frame of somebody's course: its name, the view, and a way to the whole app.

import { make } from "../shared/dom.js";

export const isEmbedded = () => new URLSearchParams(location.search).get("embed") === "true";

// What stands in the row above an embedded page.
export function outsideLink(root) {
  if (!isEmbedded()) return [];
  document.documentElement.classList.add("gaze-embed");
  root.classList.add("embedded");
  const link = make("a", "outside", { textContent: "Open in Gaze", target: "_blank", rel: "noopener", href: location.href });
  link.addEventListener("click", () => { // the view as it is by now
    const address = new URL(location.href);
    address.searchParams.delete("embed");
    link.href = address;
  });
  return [link];
}
