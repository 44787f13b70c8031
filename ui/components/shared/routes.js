// Asking the app for more than a message holds.

// The root of the app, also on a deep link and below a base path: where Streamlit's own script came from.
export function appRoot(header) {
  if (globalThis.gazeSnapshot) return new URL("https://gaze.invalid/"); // nothing is asked: answers came along
  if (header.root) return new URL(header.root.replace(/\/?$/, "/"), location.href);
  const script = Array.from(document.scripts, (one) => one.src).find((source) => source.includes("/static/js/"));
  const base = script ? script.slice(0, script.lastIndexOf("/static/js/") + 1) : ".";
  return new URL(base, location.href);
}

export const NOT_SAVED = 410; // the status of what did not come along into a saved page

// In a page that was saved the answers are those that came along.
export function postJson(url, body, signal) {
  if (globalThis.gazeSnapshot) return globalThis.gazeSnapshot.answer(new URL(url).pathname.split("/").pop(), body);
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}
