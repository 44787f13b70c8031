// How much of the screen a picture may take: heights are given for a laptop's screen, a share says how much of them there is.

const SHARE = "--gaze-tall"; // of the page's root; the frame round every page keeps it
export const ROOM_CHANGED = "gaze:room";

// 1 on a laptop of 768 lines, more where the screen is higher.
export const tallness = () => Number(document.documentElement.style.getPropertyValue(SHARE)) || 1;

// Pixels on this screen of so many on a laptop's.
export const tall = (pixels) => Math.round(pixels * tallness());

// The same for what does not shrink, and grows to twice its size: cells that hold a number.
export const larger = (pixels) => pixels * Math.min(2, Math.max(1, tallness()));

export function setTallness(share) {
  document.documentElement.style.setProperty(SHARE, share.toFixed(3));
  window.dispatchEvent(new Event(ROOM_CHANGED));
}
