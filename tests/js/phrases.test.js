// Sentences in another language: what is put in keeps its place and is never translated where somebody typed it.

import assert from "node:assert/strict";
import test from "node:test";

import { catalogue, numberIn, sayBy } from "../../ui/components/shared/phrases.js";

const GERMAN = { decimal: ",", thousands: "." };
const book = (entries, numbers = GERMAN) => catalogue(entries, numbers);

test("a sentence is said as the catalogue says it, white space around it stays", () => {
  const german = book({ "Switch this head off": "Diesen Kopf ausschalten" });
  assert.equal(sayBy(german, " Switch this  head off\n"), " Diesen Kopf ausschalten\n");
  assert.equal(sayBy(german, "Switch this head on"), null);
});

test("names keep what is put into them, in the order of the other language", () => {
  const german = book({ "{model} knows no {what}: choose {other}.": "Ein {what} kennt {model} nicht: {other} wählen." });
  assert.equal(sayBy(german, "A (b) knows no [MASK]: choose c.d."), "Ein [MASK] kennt A (b) nicht: c.d wählen.");
});

test("a name that stands twice is taken in its order", () => {
  const german = book({ "between {x} and {x} words": "{x} bis {x} Wörter" });
  assert.equal(sayBy(german, "between 3 and 5 words"), "3 bis 5 Wörter");
});

test("what is put in is said too where it is a name of ours, and stays where it is not", () => {
  const german = book({ "Into {language}": "Ins {language}", French: "Französische" });
  assert.equal(sayBy(german, "Into French"), "Ins Französische");
  assert.equal(sayBy(german, "Into Klingon"), "Ins Klingon");
  const quoting = book({ "“{word}” looks at {many}": "„{word}“ schaut auf {many}", head: "Kopf", all: "alle" });
  assert.equal(sayBy(quoting, "“head” looks at all"), "„head“ schaut auf alle"); // a word of the text
});

test("the sentence with the most words of its own wins over a looser one", () => {
  const german = book({ "{n} heads": "{n} Köpfe", "{n} heads in layer {k}": "{n} Köpfe in Schicht {k}" });
  assert.equal(sayBy(german, "2 heads in layer 5"), "2 Köpfe in Schicht 5");
});

test("a short pattern swallows no sentence", () => {
  const german = book({ "{a} of {b}": "{a} von {b}" });
  assert.equal(sayBy(german, "3 of 9"), "3 von 9");
  assert.equal(sayBy(german, "Everything that a head looks at in the whole of the text. It is much"), null);
});

test("a sentence behind one that is put in is known by itself", () => {
  const german = book({ "{moves} Move k, and look.": "{moves} k bewegen und hinsehen." });
  assert.equal(sayBy(german, "PE · PE is kept. Move k, and look."), "PE · PE is kept. k bewegen und hinsehen.");
});

test("of several sentences each is known by itself, where both languages have as many", () => {
  const german = book({ "It waits. {n} left.": "Es wartet. {n} übrig.", "One. Two words.": "Eins und zwei Wörter." });
  assert.equal(sayBy(german, "It waits."), "Es wartet.");
  assert.equal(sayBy(german, "3 left."), "3 übrig.");
  assert.equal(sayBy(german, "Two words."), null);
});

test("a label takes any short name", () => {
  assert.equal(sayBy(book({ "Kind: {name}": "Art: {name}" }), "Kind: Animals & Nature"), "Art: Animals & Nature");
});

test("sentences in a row are said one by one, and an unknown one stays", () => {
  const german = book({ "It waits.": "Es wartet.", "Layer {k}": "Schicht {k}", "Head {k}": "Kopf {k}" });
  assert.equal(sayBy(german, "It waits. Nobody knows."), "Es wartet. Nobody knows.");
  assert.equal(sayBy(german, "Layer 1 · Head 2"), "Schicht 1 · Kopf 2");
});

test("numbers are written as the language writes them; a head's name is no number", () => {
  const german = book({ "{share} of a row": "{share} einer Zeile", "Head {name}": "Kopf {name}" });
  assert.equal(sayBy(german, "12.5 % of a row"), "12,5 % einer Zeile");
  assert.equal(sayBy(german, "Head 3.4"), "Kopf 3.4");
  assert.equal(numberIn(german, "0.53"), "0,53");
  assert.equal(numberIn(german, ".53"), ",53");
  assert.equal(numberIn(german, "10,000"), "10.000");
  assert.equal(numberIn(book({}, { percent: "%" }), "75 %"), "75%");
});

test("an empty translation and signs of patterns are no harm", () => {
  const german = book({ "Not yet": "", "Why? (a+b) [{x}]": "Warum? (a+b) [{x}]" });
  assert.equal(sayBy(german, "Not yet"), null);
  assert.equal(sayBy(german, "Why? (a+b) [1.*]"), "Warum? (a+b) [1.*]");
  assert.equal(sayBy(german, "x".repeat(5000)), null);
});
