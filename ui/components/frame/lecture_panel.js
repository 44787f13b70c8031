// What is seen of a room: the lecturer's panel, the follower's bar, questions with their bars, the code on the whole screen.

import { codeOf, goThere, isLedAway, joinRoom, leaveRoom, lecture, linkOf, openRoom, order, setFollowing } from "./lecture.js";
import { isPointing, startPointing, stopPointing } from "./pointing.js";
import { make } from "../shared/dom.js";

const pressed = (text, act, more = {}) => {
  const one = make("button", "item", { type: "button", textContent: text, ...more });
  one.addEventListener("click", act);
  return one;
};

// The panel in its menu; what somebody types in it stays while the room goes on.
export function drawPanel(panel) {
  const { room, now, advice } = lecture();
  const kind = !room ? "none" : room.secret ? "leads" : "follows";
  if (panel.dataset.kind !== kind || (kind !== "none" && !panel.dataset.full && now)) {
    panel.dataset.kind = kind;
    panel.dataset.full = now ? "1" : "";
    panel.replaceChildren(...{ none: entrance, leads: leading, follows: followed }[kind]());
  }
  panel.querySelector(".advice").textContent = advice;
  if (kind === "leads" && now) refresh(panel, now);
  if (kind === "follows" && now) panel.querySelector(".here").textContent = presence(now.here);
}

const presence = (count) => (count === 1 ? "1 follows" : `${count.toLocaleString("en")} follow`);
const adviceLine = () => make("p", "advice", { role: "status" });

function entrance() {
  const code = make("input", "code", { type: "text", maxLength: 9, placeholder: "code", ariaLabel: "Code of a room", autocomplete: "off" });
  const form = make("form", "line", {}, make("span", "what", "Follow a lecture"), code, pressed("Follow", () => joinRoom(code.value)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    joinRoom(code.value);
  });
  return [
    make("div", "line", {}, make("span", "what", "Give a lecture"), pressed("Open a room", openRoom)),
    form,
    make("p", "quiet", "Who follows sees your page, and moves when you move. No accounts; all is forgotten when you close it."),
    adviceLine(),
  ];
}

function followed() {
  return [make("p", "here", ""), pressed("Leave the room", leaveRoom), adviceLine()];
}

function leading() {
  const picture = make("img", "qr", { src: codeOf(linkOf()), alt: "The link of this room as a QR code" });
  const alone = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const told = alone ? "This address works on this machine alone: open Gaze by the machine’s own name or number." : "";
  const text = make("input", "ask", { type: "text", maxLength: 300, placeholder: "Predict: which word will “it” look at?", ariaLabel: "Question" });
  const options = make("textarea", "options", { rows: 3, placeholder: "One answer a line", ariaLabel: "Answers, one a line" });
  const ask = () => {
    lecture().right = -1;
    order("ask", { text: text.value, options: options.value.split("\n") });
  };
  const left = make("div", "column", {}, picture, pressed("On the whole screen", wholeScreen));
  const right = make("div", "column", {},
    make("p", "codeline", {}, make("b", "bigcode", "")), make("p", "here", ""),
    make("div", "items", {}, copier("Copy link", () => linkOf()), copier("Co-lecturer’s link", () => linkOf(true))),
    make("div", "items", {}, toggle("door", "Code works"), toggle("frozen", "Freeze")),
    make("div", "items", {}, pressed("Point at something", point, { title: "Then press a head, a row, a cell or anything else: all see a ring round it" }), pressed("Light off", stopPointing)),
    make("p", "quiet", told));
  return [
    make("div", "columns", {}, left, right),
    make("div", "asking", {}, text, options, make("div", "items", {}, pressed("Ask all", ask), pressed("Reveal", reveal), pressed("Results as CSV", results))),
    make("div", "bars", {}), make("div", "said", {}),
    make("div", "items", {}, pressed("Take the sentence off the screen", () => order("change", { shown: "" })), pressed("Close the room", close)),
    adviceLine(),
  ];
}

function copier(name, what) {
  return pressed(name, async ({ target }) => {
    try {
      await navigator.clipboard.writeText(what());
      target.textContent = "Copied";
    } catch {
      lecture().advice = what();
      lecture().draw();
    }
  });
}

function toggle(name, title) {
  const box = make("input", "", { type: "checkbox" });
  box.dataset.name = name;
  box.addEventListener("change", () => order("change", { [name]: box.checked }));
  return make("label", "tick", {}, box, make("span", "", title));
}

// The panel would lie over what is to be pressed.
function point({ target }) {
  target.closest("[popover]").hidePopover();
  startPointing();
  lecture().draw();
}

async function close() {
  await order("close");
  leaveRoom();
}

function reveal() {
  order("reveal", { right: lecture().right ?? -1 });
}

function results() {
  const { question } = lecture().now || {};
  if (!question) return;
  const safe = (text) => `"${(/^[=+\-@\t]/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
  const rows = question.options.map((option, k) => [safe(question.text), safe(option), question.counts?.[k] ?? ""].join(","));
  const link = make("a", "", { href: URL.createObjectURL(new Blob([`\ufeffquestion,answer,count\n${rows.join("\n")}\n`], { type: "text/csv" })), download: "room.csv" });
  link.click();
}

function refresh(panel, now) {
  panel.querySelector(".bigcode").textContent = `${now.code.slice(0, 3)} ${now.code.slice(3)}`;
  panel.querySelector(".here").textContent = presence(now.here);
  panel.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = now[box.dataset.name]; });
  panel.querySelector(".bars").replaceChildren(...(now.question ? barsOf(now.question, true) : []));
  panel.querySelector(".said").replaceChildren(...now.said.map((text, place) => make("div", "sent", {},
    make("span", "", text), pressed("Show", () => order("take", { place, show: true })), pressed("Aside", () => order("take", { place, show: false })))));
}

// A question with its answers: buttons for who votes, bars once they may be seen.
function barsOf(question, leads) {
  const { voted } = lecture();
  const total = Math.max(1, ...(question.counts || []));
  const rows = question.options.map((option, place) => {
    const row = make("button", "answer", { type: "button", disabled: !leads && question.revealed });
    const full = make("i", "", "");
    const count = question.counts?.[place];
    full.style.width = `${count === undefined ? 0 : (100 * count) / total}%`;
    row.append(full, make("span", "", option), make("b", "", count === undefined ? "" : String(count)));
    row.classList.toggle("mine", !leads && voted[question.number] === place);
    row.classList.toggle("right", question.revealed ? question.right === place : leads && lecture().right === place);
    row.addEventListener("click", () => {
      if (leads) lecture().right = lecture().right === place ? -1 : place;
      else if (!question.revealed) vote(question.number, place);
      lecture().draw();
    });
    row.title = leads ? "Mark as the right answer, for Reveal" : option;
    return row;
  });
  return [make("p", "question", question.text), ...rows];
}

async function vote(number, choice) {
  if (await order("vote", { question: number, choice })) {
    lecture().voted[number] = choice;
    lecture().draw();
  }
}

// The bar at the foot of a follower's page.
export function drawBar(bar) {
  const { room, now, following, advice } = lecture();
  const show = Boolean(room && !room.secret && now);
  const told = isPointing() ? ["Press what all shall see. Escape ends it."] : isLedAway() ? ["Another lecturer leads: the room is elsewhere.", pressed("Go there", goThere)] : [];
  bar.hidden = !show && !told.length && !(advice && (!room || room.secret));
  if (!show) {
    bar.replaceChildren(make("div", "foot", {}, ...told, make("span", "advice", advice)));
    return;
  }
  const typing = bar.querySelector("input")?.matches(":focus");
  if (typing) return; // a sentence is being written
  const go = following ? pressed("Let go", () => setFollowing(false)) : pressed("Come back", () => setFollowing(true));
  const text = make("input", "ask", { type: "text", maxLength: 300, placeholder: "Send a question", ariaLabel: "Send the lecturer a sentence" });
  const form = make("form", "send", {}, text, pressed("Send", () => form.requestSubmit()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await order("say", { text: text.value })) text.value = "";
    text.blur();
  });
  const line = make("div", "foot", {}, make("span", "dot", ""), make("span", "state", following ? "Following" : "On your own"),
    make("span", "quiet", presence(now.here)), go, form, make("span", "advice", advice));
  bar.classList.toggle("away", !following);
  bar.replaceChildren(...(now.shown ? [make("p", "shown", now.shown)] : []), ...(now.question ? [make("div", "asked", {}, ...barsOf(now.question, false))] : []), line);
}

function wholeScreen() {
  const { now } = lecture();
  const big = make("div", "whole", { popover: "manual" });
  const address = linkOf();
  big.append(make("img", "", { src: codeOf(address), alt: "QR code" }), make("p", "wholecode", now ? `${now.code.slice(0, 3)} ${now.code.slice(3)}` : ""), make("p", "", new URL(address).host));
  big.addEventListener("click", () => big.remove());
  globalThis.gazeFrame.root.append(big);
  big.showPopover();
}
