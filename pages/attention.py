"""Attention: type a sentence, see every head of a model; edit the model and see what changes."""

from __future__ import annotations

import streamlit as st

from core.data.examples import FIRST
from core.errors import Refused
from core.requests import TextRequest
from ui import state, widgets
from ui.views.attention.controls import ask, choose, edited_answer, main_kind
from ui.views.attention.heads import advised, picture, said_of_edit, summary, table


def main() -> None:
    if "_off" in st.session_state:
        st.session_state.off = st.session_state.pop("_off")
    fields, changes, shown, view = choose()
    good = st.session_state.get("_good", FIRST)
    try:
        request = TextRequest(**fields)
    except Refused as refusal:
        widgets.advice(refusal)
        request = good
    encoding = ask(request, good)
    st.session_state["_good"] = encoding.request
    edit, edited = None, None
    if encoding.request == request:
        edit, edited = edited_answer(request, changes, main_kind(encoding))
    if edited is None or view != "Heads":
        st.session_state["_line"].html(summary(edited or encoding))
    else:
        st.session_state["_line"].html(said_of_edit(encoding, edit))
    for remark in encoding.remarks:
        st.caption(remark)
    if view == "Table":
        table(edited or encoding, shown)
    elif view == "BertViz":
        from ui.views.attention.bertviz import draw  # its page is large: made only when it is wanted

        draw(edited or encoding)
    else:
        picture(encoding, shown, edited)
    state.FIRST_DRAWN.set()
    widgets.notes(*advised(encoding))


main()
