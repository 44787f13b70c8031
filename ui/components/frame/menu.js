// The Save menu: the same on every page. Pictures are made here, exact numbers and other files by the page.

import { whole } from "./ahead.js";
import { isDark } from "./paper.js";
import { FORMS, savePage, savePicture } from "./pictures.js";
import { make } from "../shared/dom.js";
import { inLanguage } from "../shared/said.js";
import { SAVING, saving } from "../shared/saving.js";

const MARGIN = 8; // pixels between the menu and the edge of the window

export function saveMenu(button) {
  const menu = make("div", "menu", { popover: "auto" });
  const told = make("p", "told");
  told.setAttribute("role", "status");
  saving().told = (sentence) => { told.textContent = sentence; };
  menu.addEventListener("keydown", (event) => move(menu, event));
  const fill = () => menu.replaceChildren(...lines(), told);
  saving().refresh = () => {
    const open = menu.matches(":popover-open");
    const names = (menu.dataset.names ??= "");
    const now = JSON.stringify(saving().offers);
    menu.dataset.names = now;
    if (!open || names === now) return;
    const label = menu.getRootNode().activeElement?.ariaLabel; // who stands on a button stays there
    fill();
    [...menu.querySelectorAll("button")].find((one) => one.ariaLabel === label)?.focus();
  };
  const show = popped(button, menu, "Save", () => {
    told.textContent = "";
    fill();
  });
  return { menu, show };
}

// What shows a menu below its button, or hides it; fill(): make what stands in it.
export function popped(button, menu, name, fill) {
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", name);
  menu.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button")?.focus();
  });
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  return () => {
    if (menu.matches(":popover-open")) {
      menu.hidePopover();
      return;
    }
    fill();
    const frame = button.getBoundingClientRect();
    menu.style.top = `${frame.bottom + 4}px`;
    const mirrored = document.documentElement.dir === "rtl";
    menu.style.right = mirrored ? "auto" : `${Math.max(MARGIN, document.documentElement.clientWidth - frame.right)}px`;
    menu.style.left = mirrored ? `${Math.max(MARGIN, frame.left)}px` : "auto";
    menu.showPopover();
  };
}

function lines() {
  const state = saving();
  const picture = Object.entries(FORMS).map(([form, { name, title }]) => item(name, title, () => handedOut((caption) => savePicture(form, caption))));
  const found = [line("Picture", ...picture), ...(isDark() ? [colours()] : [])];
  state.offers.forEach(({ title, forms }) => {
    found.push(line(title, ...forms.map((form) => {
      const one = item(form, `${title}: ${form}`, () => ask(title, form));
      one.ariaLabel = one.title; // else those who listen hear CSV, CSV, CSV
      return one;
    })));
  });
  const page = item("Interactive page (HTML)", "One file that goes on without Gaze: layers, heads, hovering", () => handedOut(savePage));
  found.push(line("This view", page, item("Copy link", "Copy the address of what you see", copyLink)));
  return found;
}

// Where the screen is dark: whether pictures are too.
function colours() {
  const ways = [["As on screen", false], ["White paper", true]].map(([name, paper]) => {
    const one = item(name, `Colours of the picture: ${name}`, () => {
      saving().paper = paper;
      ways.forEach((way) => way.setAttribute("aria-pressed", String(way === one)));
    });
    one.setAttribute("aria-pressed", String(saving().paper === paper));
    return one;
  });
  return line("Colours", ...ways);
}

const line = (title, ...items) => make("div", "line", {}, make("span", "what", title), make("span", "items", {}, ...items));

function item(name, title, act) {
  const one = make("button", "item", { type: "button", title, textContent: name });
  one.addEventListener("click", act);
  return one;
}

// Arrows go from button to button, as in any menu.
function move(menu, event) {
  const stride = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!stride) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("button")];
  const here = items.indexOf(menu.getRootNode().activeElement);
  items[(here + stride + items.length) % items.length].focus();
}

const EDIT = /^Edit: /; // the one line of the page that is a sentence: all others are texts and names of models

// The caption. Pictures that choose for themselves write it into the address first, and say what they show.
export function announced() {
  const lines = [];
  window.dispatchEvent(new CustomEvent(SAVING, { detail: { lines } }));
  const ofPage = saving().caption.map((line) => (EDIT.test(line) ? inLanguage(line) : line));
  return [...ofPage, ...new Set(lines)];
}

async function ask(title, form) {
  const state = saving();
  state.told(`Making the ${form} …`);
  await whole();
  announced();
  state.asked = Math.max(state.asked, state.turn) + 1;
  state.send("wanted", { turn: state.asked, title, form, query: location.search });
}

// make(caption): gives the sentence for whoever waits.
async function handedOut(make) {
  const { told } = saving();
  told("Making the file …");
  try {
    await whole();
    told(await make(announced()));
  } catch (error) {
    console.error(error);
    told(error.advice || "The file could not be made. Reload the page and save again.");
  }
}

async function copyLink() {
  announced();
  try {
    await navigator.clipboard.writeText(location.href);
    saving().told("The link is copied: it opens just this view.");
  } catch (error) {
    saving().told("This browser keeps pages from copying: copy the address from its own line.");
  }
}
