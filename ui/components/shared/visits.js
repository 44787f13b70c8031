// What the window knows of its address: which page wrote it last, and how often somebody went back or forward in it.

export const STEPPED = "gaze:stepped"; // somebody went back or forward within a page
export const ADDRESSED = "gaze:addressed"; // a page has written its address
const NO_PAGES = ["projector", "room", "lead", "tasks", "lesson", "lesson_step"]; // parameters that are no page's

export const isOurs = (name) => !name.startsWith("embed") && !NO_PAGES.includes(name);

const PATIENCE = 2000; // milliseconds for a page to say that it heard of a step; some say nothing

// turn: counts steps back and forward; a page that has not heard of the latest does not write over it.
export function visits() {
  globalThis.gazeVisits ??= { path: location.pathname, page: "", names: [], carried: false, turn: 0, heard: 0, pushing: false };
  return globalThis.gazeVisits;
}

// Whether the page runs, or is about to: Streamlit can hang where one run is called off for another at once.
export function pageRuns() {
  const { told = 0, since = 0 } = globalThis.gazeFrame || {};
  if (told > visits().heard && performance.now() - since < PATIENCE) return true;
  return document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState !== "notRunning";
}
