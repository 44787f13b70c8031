// The buttons above a page: a row, and on a phone a menu behind one of them.

import { make } from "../shared/dom.js";

const NARROW = window.matchMedia("(max-width: 700px)");
const WIDTH = "--gaze-actions"; // of the row, for what stands left of it

// {actions, more}: the buttons' place, and the button that opens it where it is a menu.
export function actionBar(buttons) {
  const actions = make("div", "actions", {}, ...buttons);
  const more = make("button", "more", { type: "button", title: "Menu", ariaLabel: "Menu", "aria-haspopup": "dialog", textContent: "⋯" });
  more.addEventListener("click", () => {
    const box = more.getBoundingClientRect();
    actions.style.top = `${box.bottom + 4}px`;
    actions.togglePopover();
  });
  // What a button opens stands where the button stood.
  actions.addEventListener("click", (event) => NARROW.matches && event.target !== actions && actions.matches(":popover-open") && actions.hidePopover());
  const change = () => {
    if (NARROW.matches) Object.assign(actions, { popover: "auto", role: "dialog", ariaLabel: "Menu" });
    else ["popover", "role", "aria-label", "style"].forEach((name) => actions.removeAttribute(name));
  };
  change();
  NARROW.addEventListener("change", change);
  new ResizeObserver(() => document.documentElement.style.setProperty(WIDTH, `${actions.offsetWidth}px`)).observe(actions);
  return { actions, more };
}
