"""Model surgery: switch heads off, prune and round weights, let a student learn from a teacher; see what is lost."""

from __future__ import annotations

import streamlit as st

from core.data.examples import EXAMPLES, FIRST
from core.errors import Refused
from core.requests import TextRequest
from ui import state, widgets
from ui.views.surgery import by_hand, distil, heads, weights
from ui.views.surgery.common import BOUND, carefully, family_of

FAMILIES = ("encoder-decoder", "encoder", "decoder")
VIEWS = {"Heads": heads.draw, "Weights": weights.draw, "Distillation": distil.draw, "By hand": by_hand.draw}


def change_model() -> None:
    """Another model begins whole, with a text of its family; a text of the user's own stays."""
    st.session_state.off = ""
    known = {e.text for some in EXAMPLES.values() for e in some}
    if st.session_state.get("text") in known:
        st.session_state.text = EXAMPLES[family_of(st.session_state.model)][0].text


def choose() -> tuple[TextRequest, str]:
    """Text, model and view."""
    row = st.container(key="choose").columns([4.9, 2.5, 5.1], vertical_alignment="center", gap="small")
    with row[1]:
        model = widgets.model_picker(FAMILIES, FIRST.model, on_change=change_model)
    family = family_of(model)
    st.session_state.setdefault("text", st.query_params.get("text", EXAMPLES[family][0].text))
    text = row[0].text_input("Text", key="text", live="400ms", **BOUND)
    view = row[2].segmented_control("View", list(VIEWS), default="Heads", required=True, key="view", **BOUND)
    languages = widgets.card_of(model).languages if widgets.card_of(model) else ()
    try:
        return TextRequest(model, text, language=languages[0] if languages else ""), view or "Heads"
    except Refused as refusal:
        widgets.advice(refusal)
        return st.session_state.get("_good_surgery", FIRST), view or "Heads"


def main() -> None:
    if "_off" in st.session_state:
        st.session_state.off = st.session_state.pop("_off")
    request, view = choose()
    request = carefully(request, st.session_state.get("_good_surgery", FIRST))
    st.session_state["_good_surgery"] = request
    VIEWS[view](request)
    state.FIRST_DRAWN.set()


main()
