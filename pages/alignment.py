"""Word alignment: which words of two sentences go together, in two multilingual models side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.data.languages import guessed
from core.data.pairs import LANGUAGES, lesson
from core.measures.alignment import METHODS
from core.requests import AlignmentReader, LinkMethod
from ui import widgets
from ui.views.alignment import by_hand, over_layers, own_file, pair, paragraphs, star, whole_set
from ui.views.alignment.common import (
    FAMILIES,
    FIRST_LANGUAGE,
    FIRST_PAIR,
    PAGE,
    AlignmentChoice,
    check,
    usual,
    usual_models,
    with_pair,
)

VIEWS = {
    "Pair": pair.draw,
    "Layers": over_layers.draw,
    "Star": star.draw,
    "Text": paragraphs.draw,
    "Set": whole_set.draw,
    "File": own_file.draw,
    "By hand": by_hand.draw,
}
OF = {"hidden states": "states", "attention": "attention"}
THRESHOLDS = (1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.5)
CODES = {title: code for code, title in LANGUAGES.items()}


def number_of(language: str) -> int | None:
    """Which of the pairs that come with Gaze stands in the boxes; None: one of the visitor's own."""
    texts = PAGE.coming("source"), PAGE.coming("target")
    found = (k for k, one in enumerate(lesson(language)) if (one.source_text, one.target_text) == texts)
    return next(found, None)


def use_language() -> None:
    """The same sentence in the language that was chosen; a pair that was typed stays."""
    for language in LANGUAGES:
        number = number_of(language)
        if number is not None:
            put(CODES[PAGE["language"]], number)
            return


def put(language: str, number: int) -> None:
    """Write a pair that comes with Gaze into the boxes."""
    one = lesson(language)[number]
    PAGE.update(source=one.source_text, target=one.target_text)


def follow() -> None:
    """Have the language box say what was typed, where that is plain."""
    if code := guessed(PAGE["target"]):
        PAGE["language"] = LANGUAGES[code]


def choose() -> tuple[str, str, AlignmentChoice, str]:
    """The widgets above the picture: both sentences, the question without its pair, and the view."""
    top = st.container(key="pair_texts").columns([3.6, 3.6, 2.4, 2.4], vertical_alignment="bottom", gap="small")
    bar = st.container(key="pair_bar").columns([1.7, 1.9, 1.5, 5, 1.4], vertical_alignment="center", gap="small")
    first = LANGUAGES[FIRST_LANGUAGE]
    chosen = widgets.choice(PAGE, bar[0], "Language", "language", list(CODES), first, on_change=use_language)
    language = CODES[chosen]
    some = lesson(language)
    widgets.example_box(PAGE, bar[1], [one.source_text for one in some], partial(put, language))
    opening = some[FIRST_PAIR]
    source = widgets.text_box(PAGE, top[0], "Source", "source", opening.source_text, live="400ms")
    target = widgets.text_box(
        PAGE, top[1], "Translation", "target", opening.target_text, live="400ms", on_change=follow
    )
    boxes = zip(top[2:], usual_models(), "ab", strict=True)
    one, other = (widgets.model_box(PAGE, room, FAMILIES, usual, name) for room, usual, name in boxes)
    view = widgets.segments(PAGE, bar[3], "View", "view", list(VIEWS))
    method = widgets.choice(PAGE, bar[2], "Method", "method", list(METHODS), "argmax")
    with bar[4], st.popover("More", icon=":material/tune:", width="stretch"):
        of, units, hide, way = more_options(method)
    readings = (AlignmentReader(one, of, units, hide), AlignmentReader(other, of, units, hide))
    return source, target, AlignmentChoice(some[0], readings, way, language), view


def more_options(method: str) -> tuple[Any, Any, bool, LinkMethod]:
    """Seldom-used choices: what is compared, in which units, and how links are kept."""
    of = widgets.segments(
        PAGE, st, "Compare", "of", list(OF), titled=True,
        help="Cosines of hidden states; or the attention that the sentences, read together, give each other. "
        "A translator shows its cross-attention either way.",
    )  # fmt: skip
    units = widgets.segments(PAGE, st, "Units", "units", ["pieces", "words"], titled=True)
    hide = widgets.toggle(PAGE, st, "Hide shared pieces", "hide", help="The models read a mask in their place.")
    kappa = widgets.slider(
        PAGE, st, "Distortion", "kappa", 0.0, 1.0, 0.0, step=0.1, help="Lowers what is far from the diagonal."
    )
    null = widgets.slider(
        PAGE, st, "Null", "null", 0, 50, 0, step=5, format="%d %%",
        help="Leaves out the most uncertain links of a sentence.",
    )  # fmt: skip
    least = widgets.stops(PAGE, st, "Threshold of softmax", "threshold", THRESHOLDS, 1e-3)
    st.caption(f"{method}: {METHODS[method]}")
    return OF[of], units, hide, LinkMethod(method, float(least), kappa, null / 100)


@PAGE.drawn()
def main() -> None:
    source, target, wanted, view = choose()
    asked, _ = PAGE.ask_or_last_good(lambda: with_pair(source, target, wanted), check, usual)
    VIEWS[view](asked)


main()
