// The picture fills the screen: its share grows and shrinks until the page ends where the screen does.

import { setTallness, tallness } from "../shared/room.js";

const [LEAST, MOST] = [0.72, 3];
const [LAPTOP, AROUND] = [768, 230]; // lines of the screen that heights are given for, and of what stands round a picture there
const PHONE = 700; // pixels across up to which a page scrolls
const END = 14; // pixels that stay free below
const CLOSE = 12; // a page that ends so near is left as it is
const SLACK = 80; // what a page that was fitted may lose before it is fitted anew: pictures do not jump while somebody types
const TURNS = 7;
const REST = 60; // milliseconds without a change
const AGAIN = 250; // milliseconds until a page that is on its way is looked at again

const within = (share) => Math.min(MOST, Math.max(LEAST, share));
const usual = () => (window.innerWidth <= PHONE ? 1 : within(Math.max(1, (window.innerHeight - AROUND) / (LAPTOP - AROUND))));

// Before a page's pictures are there: as they were the last time, else what most pages take.
export function prepare(state) {
  setTallness(state.shares.get(placeOf()) ?? usual());
}

const placeOf = () => `${location.pathname} ${window.innerWidth}x${window.innerHeight}`;

export function watchRoom(state) {
  state.shares = new Map();
  const later = () => {
    clearTimeout(state.rest);
    state.rest = setTimeout(() => fit(state), REST);
  };
  const told = { attributes: true, attributeFilter: ["data-test-script-state", "data-ready"], subtree: true };
  new MutationObserver(later).observe(document.body, told);
  const grown = new ResizeObserver(later);
  let seen = null;
  // Streamlit makes the block of a page anew when another page comes.
  new MutationObserver(() => {
    const block = blockOf();
    if (block === seen) return;
    grown.disconnect();
    seen = block;
    if (block) grown.observe(block);
  }).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("resize", () => {
    state.fitted = "";
    prepare(state);
    later();
  });
  later();
}

const blockOf = () => document.querySelector('[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"]');
const picturesOf = (block) => [...block.querySelectorAll('[data-testid="stBidiComponentIsolated"], [class*="st-key-tall-"]')]
  .filter((one) => !one.closest('[class*="st-key-gaze-"]'));

// A page that is still on its way says nothing of the height that it will take.
function arrived(block, pictures) {
  const app = document.querySelector('[data-testid="stApp"]');
  return app.dataset.testScriptState === "notRunning" && !block.querySelector('[data-testid="stSkeleton"]')
    && pictures.every((one) => one.dataset.testid !== "stBidiComponentIsolated" || one.dataset.ready || !one.offsetWidth);
}

const BELOW = ".st-key-along"; // ways to other pages may lie below the fold

// Pixels left below the page; what somebody unfolded takes nothing from its picture.
function leftBelow(block) {
  const main = block.closest(".stMain");
  let bottom = 0;
  block.querySelectorAll('[data-testid="stElementContainer"]').forEach((one) => {
    const box = one.getBoundingClientRect();
    if (box.height > 2 && !one.closest(BELOW)) bottom = Math.max(bottom, box.bottom);
  });
  const unfolded = [...block.querySelectorAll('[data-testid="stExpanderDetails"]')].reduce((sum, one) => sum + one.offsetHeight, 0);
  return window.innerHeight - END - bottom - main.scrollTop + unfolded;
}

function fit(state) {
  const block = blockOf();
  if (!block || window.innerWidth <= PHONE) return;
  const pictures = picturesOf(block);
  if (!arrived(block, pictures)) {
    clearTimeout(state.rest);
    state.rest = setTimeout(() => fit(state), AGAIN); // nothing tells of a chart that takes the place of its skeleton
    return;
  }
  const shown = [placeOf(), ...pictures.map((one) => one.closest('[class*="st-key-"]')?.className || "")].join();
  const again = state.fitted === shown;
  state.fitted = shown;
  let left = leftBelow(block);
  if (left >= -2 && left <= (again ? SLACK : CLOSE)) return;
  if (again && left < 0 && state.long) return;
  let share = tallness();
  let good = left >= -2 ? share : 0;
  let slope = 420; // pixels of a page for one share more
  for (let turn = 0; turn < TURNS && !(left >= -2 && left <= CLOSE); turn += 1) {
    const next = within(share + (left - CLOSE / 2) / slope);
    if (Math.abs(next - share) < 0.004) break;
    setTallness(next);
    const now = leftBelow(block);
    slope = Math.min(2000, Math.max(100, (left - now) / (next - share)));
    [share, left] = [next, now];
    if (left >= -2) good = Math.max(good, share);
  }
  state.long = !good; // it scrolls anyway: its picture fits the screen alone
  if (share !== (good || usual())) setTallness(good || usual());
  state.shares.set(placeOf(), tallness());
}
