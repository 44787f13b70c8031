// Which language the page is said in: the browser's, or the one that was chosen by hand.

import { speak } from "./translating.js";
import { make } from "../shared/dom.js";
import { appRoot } from "../shared/routes.js";

const CHOSEN = "gaze:language"; // the place in the browser's storage
const ENGLISH = "en";
const COOKIE = "gaze_language";
const YEAR = 31_536_000; // seconds

// How each language writes numbers: its decimal sign, the sign between thousands, and what stands before a percent sign.
export const LANGUAGES = {
  en: { name: "English" },
  zh: { name: "中文", numbers: { percent: "%" } },
  es: { name: "Español", numbers: { decimal: ",", thousands: "." } },
  fr: { name: "Français", numbers: { decimal: ",", thousands: "\u202f", percent: "\u202f%" } },
  de: { name: "Deutsch", numbers: { decimal: ",", thousands: "." } },
  ar: { name: "العربية", direction: "rtl", numbers: { percent: "%" } },
};

const chosenLanguage = () => {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
};

// The language chosen by hand, else the first of the browser's languages that there is.
export function languageNow(chosen = chosenLanguage(), wanted = navigator.languages) {
  if (chosen in LANGUAGES) return chosen;
  return wanted.map((one) => one.toLowerCase().split("-")[0]).find((one) => one in LANGUAGES) ?? ENGLISH;
}

// The server labels the boxes that show what is chosen.
const tellServer = (code) => { document.cookie = `${COOKIE}=${code}; path=/; max-age=${YEAR}; SameSite=Lax`; };

// Until the sentences have come, and where they do not come, the page is in English.
export async function beginLanguage() {
  const code = languageNow();
  tellServer(code);
  if (code === ENGLISH || globalThis.gazeLanguage) return;
  globalThis.gazeLanguage = { code, said: () => null };
  const reply = await sentencesOf(code).catch(() => null);
  if (reply?.ok) speak(await reply.json(), { code, ...LANGUAGES[code] });
}

export const sentencesOf = (code) => fetch(new URL(`gaze/language/${code}`, appRoot({})));

// What stands in the menu: the languages, and who translated.
export function languageList() {
  const now = globalThis.gazeLanguage?.code ?? ENGLISH;
  const choose = (code) => {
    try {
      localStorage.setItem(CHOSEN, code);
      tellServer(code);
    } catch { /* a browser that keeps nothing goes on in its own language */ }
    location.reload();
  };
  const lines = Object.entries(LANGUAGES).map(([code, { name }]) => {
    const line = make("button", "choice", { type: "button", textContent: name, lang: code, translate: false, "aria-pressed": String(code === now) });
    line.addEventListener("click", () => choose(code));
    return line;
  });
  const who = "The translations are by the project. To mend one, edit its line in assets/languages and send it in.";
  return [...lines, make("p", "told", who), make("p", "told", "Lessons are in English so far.")];
}
