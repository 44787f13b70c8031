"""Translation: one sentence, five translators, from Bahdanau's attention to the transformer's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.examples import EXAMPLES
from core.data.pairs import lesson
from core.types import Refused
from ui import along, widgets
from ui.views.translation import maps, others, steps, train
from ui.views.translation.common import FIRST, LANGUAGE, OWN, PAGE, SAME, Sentence, answer

#: View -> (what is chosen for it alone, what draws it).
VIEWS: dict[str, tuple[Callable[[], Any], Callable[[Sentence, Any], tuple[str, str]]]] = {
    "Maps": (lambda: maps.choose_head(PAGE["model"]), maps.maps),
    "Table": (lambda: maps.choose_head(PAGE["model"]), maps.table),
    "Inside": (steps.choose, steps.inside),
    "Bottleneck": (others.choose_one, others.bottleneck),
    "Beams": (others.choose_beams, others.beams),
    "Efficiency": (lambda: None, others.training),
    "Train here": (train.choose, train.train),
    "Spans": (others.choose_spans, others.spans),
}
SENTENCES = (*(one.source_text for one in lesson(LANGUAGE)), *(one.text for one in EXAMPLES["recurrent"]))
OTHER = "translator"
CAREFUL = {
    "Maps": widgets.CAREFUL,
    "Table": "The word that is taken from most is no translation: a verb may be written from a noun beside it.",
    "Inside": "Keys and values are the same states here; a transformer makes them with two matrices of their own.",
    "Bottleneck": "A model that learned with attention is lost without it; its twin (one run, as many steps) had none.",
    "Beams": "The likeliest text is not the best translation: with many beams short texts win.",
    "Efficiency": "One run each, with one seed: differences of a point of BLEU may be chance.",
    "Train here": "A sentence of six words from a grammar is no language: what is learned here does not carry further.",
    "Spans": "Any word that fits is right here: the model guesses what often stands there.",
}


def put(number: int) -> None:
    PAGE.update(text=SENTENCES[number], target="")


def choose() -> Callable[[], Sentence]:
    """The widgets above the picture; what makes the sentence of them."""
    top = st.container(key="choose").columns([5.2, 1.7, 2.6, 1.3], vertical_alignment="bottom", gap="small")
    text = widgets.text_box(PAGE, top[0], "English", "text", FIRST.source_text, live="400ms")
    widgets.example_box(PAGE, top[1], SENTENCES, put)
    other = widgets.model_box(PAGE, top[2], ("encoder-decoder",), OTHER)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        shared = widgets.segments(PAGE, st, "Target", "whose", (SAME, OWN), titled=True)
        target = widgets.text_box(
            PAGE, st, "Target text", "target", titled=True, live="400ms",
            placeholder="empty: the pair's own, or the fifth model's", disabled=shared == OWN,
        )  # fmt: skip
        language = widgets.text_box(
            PAGE, st, "Language of the fifth model", "into", LANGUAGE, titled=True, help="A code, such as fr."
        )

    def made() -> Sentence:
        plain = Sentence(text, "", other, language)
        return plain if shared == OWN else Sentence(text, target.strip() or target_of(plain), other, language)

    return made


def target_of(plain: Sentence) -> str:
    """The target that all are given: of the pair that comes with Gaze, else what the fifth model writes."""
    pair = next((one for one in lesson(LANGUAGE) if one.source_text == plain.text.strip()), None)
    return pair.target_text if pair and plain.language == LANGUAGE else answer(plain.asked(plain.other)).output


def first() -> Sentence:
    """The opening question."""
    return Sentence(FIRST.source_text, FIRST.target_text, OTHER, LANGUAGE)


@PAGE.drawn()
def main() -> None:
    """Choose, ask, draw, explain; what cannot be asked gets a sentence, and the last good picture stays."""
    make = choose()
    bar = st.container(key="bar").columns([6.6, 3.4], vertical_alignment="center", gap="small")
    view = widgets.segments(PAGE, bar[0], "View", "show", tuple(VIEWS))
    choosing, draw = VIEWS[view]
    with bar[1] if view in ("Maps", "Table") else st.container():
        chosen = choosing()
    place = st.container()

    def drawn(sentence: Sentence) -> tuple[str, str]:
        if not sentence.text.strip():
            raise Refused("There is no text. Type an English sentence, or choose an example.")
        return draw(sentence, chosen)

    shown, (see, attempt) = PAGE.ask_or_last_good(make, drawn, first, view, place)
    widgets.notes(see, attempt, CAREFUL[view])
    along.links(PAGE, shown.text, shown.other)


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
main()
