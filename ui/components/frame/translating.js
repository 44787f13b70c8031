// The page in the reader's language: every text that a catalogue knows is changed where it stands, and changed again with
// the page. English stays the language of the sources; what somebody typed, or a model wrote, is never touched.

import { catalogue, literally, sayBy } from "../shared/phrases.js";
import { REDRAW } from "../shared/saving.js";

const SAID = ["title", "aria-label", "placeholder", "alt", "aria-description", "aria-valuetext", "aria-roledescription"];
const NEVER = '[translate="no"], [dir="auto"], code, pre, kbd, style, script, textarea, [contenteditable], svg title, .xtick, .ytick';
const WATCHED = { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: SAID };

// From now on the window is said in a language. entries: {English: translation}; numbers: how it writes them.
export function speak(entries, { code, direction = "ltr", numbers }) {
  const book = catalogue(entries, numbers);
  globalThis.gazeLanguage = { code, said: (text) => sayBy(book, text) };
  Object.assign(document.documentElement, { lang: code, dir: direction });
  const { watch } = translator(book, direction === "rtl");
  hearShadows(watch);
  watch(document.head.querySelector("title") ?? document.head);
  watch(document.body);
  window.dispatchEvent(new Event(REDRAW));
}

// {watch(root)}: from now on all texts below a root, and below every shadow root within it, are said by the book.
function translator(book, mirrored = false) {
  const written = new WeakMap(); // text node -> what was put there
  const labelled = new WeakMap(); // element -> what was put into its attributes
  const roots = new WeakSet();
  const observer = new MutationObserver((records) => records.forEach(heard));
  function heard({ type, target, addedNodes, attributeName }) {
    if (type === "characterData") text(target);
    else if (type === "attributes") attribute(target, attributeName);
    else addedNodes.forEach(sweep);
  }
  function text(node) {
    if (written.get(node) === node.data || !/\p{L}|%/u.test(node.data)) return;
    const explained = runOf(node);
    if (explained.length > 1) {
      runs(explained);
      return;
    }
    const said = sayBy(book, node.data);
    if (said === null || said === node.data || node.parentElement?.closest(NEVER)) return;
    written.set(node, said);
    node.data = said;
    if (mirrored && node.parentElement) turnSentence(node.parentElement);
  }
  // A sentence in which terms are explained: said as one, and the terms are found again in what is said.
  function runs(nodes) {
    const place = nodes[0].parentElement;
    if (nodes.some((one) => written.has(one)) || place?.closest(NEVER)) return;
    const said = sayBy(book, nodes.map((one) => one.textContent).join(""));
    if (said === null) return;
    const terms = nodes.filter((one) => one.tagName === "ABBR");
    const parts = [said];
    terms.forEach((term) => {
      const word = sayBy(book, term.textContent) ?? term.textContent;
      const k = parts.findIndex((part) => typeof part === "string" && whereIs(part, word) >= 0);
      if (k < 0) return;
      const from = whereIs(parts[k], word);
      const found = parts[k].slice(from, from + word.length);
      parts.splice(k, 1, parts[k].slice(0, from), [term, found], parts[k].slice(from + word.length));
    });
    const made = parts.filter((part) => part.length).map((part) => {
      if (typeof part === "string") return document.createTextNode(part);
      const [term, word] = part;
      term.textContent = word;
      written.set(term.firstChild, word);
      return term;
    });
    made.forEach((one) => written.set(one, one.data ?? {}));
    nodes[0].before(...made);
    nodes.forEach((one) => made.includes(one) || one.remove());
    if (mirrored) turnSentence(place);
  }
  function attribute(element, name) {
    const value = element.getAttribute(name);
    const before = labelled.get(element) ?? {};
    if (!value || before[name] === value) return;
    const said = sayBy(book, value);
    if (said === null || said === value || element.closest('[translate="no"]')) return;
    labelled.set(element, { ...before, [name]: said });
    element.setAttribute(name, said);
  }
  function sweep(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      text(node);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    const all = [];
    for (let one = walker.currentNode; one; one = walker.nextNode()) all.push(one);
    all.forEach((one) => {
      if (one.nodeType === Node.TEXT_NODE) {
        if (one.isConnected) text(one);
      } else if (one.nodeType === Node.ELEMENT_NODE) {
        SAID.forEach((name) => one.hasAttribute(name) && attribute(one, name));
        if (one.shadowRoot) watch(one.shadowRoot);
      }
    });
  }
  function watch(root) {
    if (roots.has(root)) return;
    roots.add(root);
    observer.observe(root, WATCHED);
    sweep(root);
  }
  return { watch };
}

// A sentence from right to left within a picture, whose own direction is the formulas'.
function turnSentence(element) {
  if (getComputedStyle(element).direction === "rtl" || element.namespaceURI !== document.documentElement.namespaceURI) return;
  if (element.childElementCount) element.style.unicodeBidi = "plaintext";
  else element.dir = "rtl";
}

// The text nodes and explained terms that stand together around a text node.
function runOf(node) {
  const begin = node.parentElement?.tagName === "ABBR" ? node.parentElement : node;
  const belongs = (one) => one?.nodeType === Node.TEXT_NODE || one?.tagName === "ABBR";
  const run = [begin];
  while (belongs(run[0].previousSibling)) run.unshift(run[0].previousSibling);
  while (belongs(run.at(-1).nextSibling)) run.push(run.at(-1).nextSibling);
  return run;
}

// Where a term begins in a text: as a word of its own, else as the beginning of one, else (without blanks between words) anywhere.
function whereIs(text, word) {
  const [small, sought] = [text.toLowerCase(), word.toLowerCase()];
  const beginning = small.search(new RegExp(`(?<!\\p{L})${literally(sought)}`, "u"));
  return beginning >= 0 ? beginning : small.indexOf(sought);
}

// Shadow roots are made after their element came: who makes one says so.
function hearShadows(watch) {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function shadow(options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
}
