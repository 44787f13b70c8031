"""Model surgery: switch heads off, prune and round weights, let a student learn from a teacher; see what is lost."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.data.examples import EXAMPLES, FIRST
from core.requests import TextRequest
from ui import along, widgets
from ui.default_models import examples_of
from ui.views.surgery import by_hand, distil, heads, weights
from ui.views.surgery.common import PAGE, answer

FAMILIES = ("encoder-decoder", "encoder", "decoder")
VIEWS = {"Heads": heads.draw, "Weights": weights.draw, "Distillation": distil.draw, "By hand": by_hand.draw}


def change_model() -> None:
    """Another model begins whole, with a text of its family; a text of the user's own stays."""
    PAGE["off"] = ""
    known = {e.text for some in EXAMPLES.values() for e in some}
    if PAGE.get("text") in known:
        PAGE["text"] = examples_of(PAGE["model"])[0].text


def choose() -> tuple[Callable[[], TextRequest], str]:
    """What makes the request of text and model, and the view."""
    row = st.container(key="choose").columns([4.9, 2.5, 5.1], vertical_alignment="center", gap="small")
    model = widgets.model_box(PAGE, row[1], FAMILIES, FIRST.model, on_change=change_model)
    text = widgets.text_box(PAGE, row[0], "Text", "text", examples_of(model)[0].text, live="400ms")
    view = widgets.segments(PAGE, row[2], "View", "view", list(VIEWS))
    card = widgets.card_of(model)
    languages = card.languages if card else ()
    return lambda: TextRequest(model, text, language=languages[0] if languages else ""), view


@PAGE.drawn()
def main() -> None:
    """Choose, ask, draw; what cannot be asked gets a sentence, and the last good model stays."""
    if "off" in PAGE.memory:
        PAGE["off"] = PAGE.memory.pop("off")
    make, view = choose()
    request, _ = PAGE.ask_or_last_good(make, answer, lambda: FIRST)
    VIEWS[view](request)
    along.links(PAGE, request.text, request.model)


main()
