"""Sentences to begin with, a list for each family of models; the first is what a page opens on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.requests import TextRequest

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@dataclass(frozen=True)
class Example:
    """A text (or a pair) and what to look for in it."""

    text: str
    look: str
    pair: str = ""


EXAMPLES = {
    "encoder-decoder": (
        Example(
            "The black cat sleeps on the old chair.",
            "The adjective and the noun change places in French and Spanish: watch the lines cross.",
        ),
        Example(
            "The animal did not cross the street because it was too tired.",
            "Which word does “it” look at in the encoder, and which gender does the translation choose?",
        ),
        Example(
            "I have never seen such a big dog.", "“never” becomes two words in French: which rows share its column?"
        ),
        Example(
            "The children are playing in the garden.", "“are playing” becomes one verb: its row takes from two columns."
        ),
        Example("Can you open the window?", "A question changes the order of words in German and Dutch."),
        Example(
            "Tom said that Mary told him that Tom was late.",
            "The same word twice: the index beside each token tells them apart.",
        ),
    ),
    "encoder": (
        Example("The [MASK] chased the mouse.", "What does the mask attend to, and which words attend to it?"),
        Example("The cat sat on the mat because it was tired.", "Which word does “it” look at, and in which head?"),
        Example(
            "The cat sat on the mat.",
            "Two segments: which heads stay inside a sentence?",
            pair="It was a very comfortable mat.",
        ),
        Example(
            "He sat on the river bank and went to the bank for money.",
            "The same word with two meanings: compare its two rows.",
        ),
    ),
    "decoder": (
        Example("The cat sat on the mat because it was", "Nothing above the diagonal: a decoder cannot look ahead."),
        Example(
            "When Mary and John went to the shop, John gave a drink to", "Which head finds the name that comes next?"
        ),
        Example("one two three one two three one two", "Some heads look at what followed the same word before."),
    ),
}
EXAMPLES["vision-language"] = EXAMPLES["decoder"]
EXAMPLES["recurrent"] = (
    Example(
        "The black cat sleeps on the old chair.",
        "One map: each French word takes its weights from the states of an encoder that read the whole sentence.",
    ),
    Example("I have never seen such a big dog.", "“never” becomes two words in French: which rows share its column?"),
    Example("I did not go to work because I was ill.", "“did” has no French word of its own: who looks at it?"),
    Example("The children are playing in the garden.", "“are playing” becomes one verb: from where does it take?"),
)

#: (text, the same with a word changed): what there is to compare it with.
COUNTERPARTS = {
    "The black cat sleeps on the old chair.": "The black dog sleeps on the old chair.",
    "The animal did not cross the street because it was too tired.": (
        "The animal did not cross the street because it was too wide."
    ),
    "I have never seen such a big dog.": "I have often seen such a big dog.",
    "The children are playing in the garden.": "The children were playing in the garden.",
    "Can you open the window?": "Can you close the window?",
    "Tom said that Mary told him that Tom was late.": "Tom said that Mary told him that Mary was late.",
    "The [MASK] chased the mouse.": "The [MASK] chased the girl.",
    "The cat sat on the mat because it was tired.": "The cat sat on the mat because it was warm.",
    "The cat sat on the mat.": "The cat sat on the bed.",
    "He sat on the river bank and went to the bank for money.": (
        "He sat on the garden bench and went to the bank for money."
    ),
    "The cat sat on the mat because it was": "The man sat on the mat because he was",
    "When Mary and John went to the shop, John gave a drink to": (
        "When Mary and John went to the shop, Mary gave a drink to"
    ),
    "one two three one two three one two": "one two three one two three one three",
    "I did not go to work because I was ill.": "I did not go to school because I was ill.",
}

#: What the Attention page opens on; its picture ships computed, so that it needs no model.
FIRST = TextRequest(model="translator", text=EXAMPLES["encoder-decoder"][0].text, language="fr")
FIRST_FILE = ASSETS / "lessons" / "first.npz"
