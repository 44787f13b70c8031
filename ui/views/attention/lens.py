"""Logit lens: what each layer would say at every place, for masked models and translators too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.engine import ask
from core.requests import LensRequest
from core.types import Refused, TextEncoding
from ui.lens import lens_table, settled
from ui.views.attention.controls import HEIGHT, PAGE

if TYPE_CHECKING:  # torch and transformers load with the first question, not with the page
    from core.analyses.logit_lens import Lens

STYLE = Path(__file__).resolve().parents[2] / "languages.css"
SEE = "A row is the model cut off after that layer."
TRY = "Look down a column: where does the guess become the one of the last layer, and does it come all at once?"
CAREFUL = "Only the last layer was trained to be read like this: an early row may say nothing, and be of use."


def draw(encoding: TextEncoding) -> tuple[str, str, str]:
    """The table; gives what to see, to try, and to be careful with."""
    st.html(STYLE)
    try:
        found: Lens = ask(LensRequest(encoding.request))
    except Refused as refusal:
        PAGE.refuse(refusal)
        return SEE, "Choose a model that guesses pieces of text: a decoder, a masked model or a translator.", CAREFUL
    st.html(lens_table(found, HEIGHT))
    return f"{SEE} {settled(found, place_told(found, encoding))}", TRY, CAREFUL


def place_told(found: Lens, encoding: TextEncoding) -> int:
    """The place of which a sentence is said: where the model is asked for a piece, else the one in the middle."""
    asked = [one.position for one in encoding.predictions if one.place.startswith(("in place", "next"))]
    return asked[0] if asked else len(found.tokens) // 2
