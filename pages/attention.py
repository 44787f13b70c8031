"""Attention: type a sentence, see every head of a model; edit the model and see what changes."""

from __future__ import annotations

import streamlit as st

from core.data.examples import FIRST
from core.requests import TextRequest
from ui import along, widgets
from ui.views.attention.controls import PAGE, ask, choose, edited_answer, main_kind
from ui.views.attention.heads import advised, picture, said_of_edit, summary, table


@PAGE.drawn()
def main() -> None:
    if "off" in PAGE.memory:
        PAGE["off"] = PAGE.memory.pop("off")
    fields, changes, shown, view, line = choose()
    request, encoding = PAGE.ask_or_last_good(lambda: TextRequest(**fields), ask, lambda: FIRST)
    edit, edited = edited_answer(request, changes, main_kind(encoding))
    if edit is None or edited is None or view != "Heads":
        line.html(summary(edited or encoding))
    else:
        line.html(said_of_edit(encoding, edit))
    for remark in encoding.remarks:
        st.caption(remark)
    said: tuple[str, ...] = advised(encoding, view)
    if view == "Effects":
        from ui.views.attention.effects import draw as draw_effects  # torch loads with the first question

        said = draw_effects(encoding)
    elif view == "Attribution":
        from ui.views.attention.attribution import draw as draw_attribution

        said = draw_attribution(encoding)
    elif view == "Lens":
        from ui.views.attention.lens import draw as draw_lens

        said = draw_lens(encoding)
    elif view == "Cards":
        from ui.views.attention.cards import draw as draw_cards

        said = draw_cards(encoding)
    elif view == "Compare":
        from ui.views.attention.compare import draw as draw_compare

        said = draw_compare(encoding, shown)
    elif view == "Table":
        table(edited or encoding, shown)
    elif view == "BertViz":
        from ui.views.attention.bertviz import draw  # its page is large: made only when it is wanted

        draw(edited or encoding)
    else:
        picture(encoding, shown, edited)
    widgets.notes(*said)
    along.links(PAGE, request.text, request.model, request.language)


main()
