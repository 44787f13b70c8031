"""Cheaper attention: what a head loses and what is saved when it need not look at every pair."""

from __future__ import annotations

import streamlit as st

from core.analyses.efficient import OfHand, Source, head_from, saved
from core.measures import efficient
from core.measures.efficient import MethodSettings
from core.requests import HeadRequest
from core.types import Refused
from ui import widgets
from ui.views.efficient.controls import PAGE, choose_method, choose_source
from ui.views.efficient.growth import growth
from ui.views.efficient.maps import boards, explain, maps, sentence
from ui.views.efficient.trade import trade


def compare(source: Source, view: str) -> None:
    """Method, slider and picture: what runs again when a slider moves."""
    head = head_from(source)
    method, setting = choose_method(head, still=view == "Growth")
    exact = efficient.full(head)
    try:
        other = efficient.cheaper(head, method, setting)
    except Refused as refusal:
        PAGE.refuse(refusal)
        method, setting = "local", MethodSettings()
        other = efficient.cheaper(head, method, setting)
    loss = efficient.lost(exact, other)
    share = saved(method, head, setting)
    if view == "Growth":
        growth(method)
        return
    told = sentence(head, other, loss, share, method)
    if view == "Lost and saved":
        trade(source, head, exact, method, setting, share, loss)
    elif isinstance(source, OfHand):
        left, right = st.columns([6.2, 5], gap="small")
        with left:
            boards()
            st.html(f'<div class="gaze-output">{told}</div>')
        with right:
            maps(head, exact, other, method, across=2)
    else:
        maps(head, exact, other, method)
    if view != "Maps" or not isinstance(source, OfHand):
        st.html(f'<div class="gaze-output">{told}</div>')
    explain(head, exact, method)


@PAGE.drawn()
def main() -> None:
    """Choose a head and a method, draw, explain."""
    source, view, line = choose_source()
    if isinstance(source, HeadRequest):
        badge = widgets.badge(source.text.model)
    else:
        by_hand = isinstance(source, OfHand)
        badge = (
            widgets.provenance_badge("by hand", "your numbers")
            if by_hand
            else widgets.provenance_badge("random", "normal numbers")
        )
    line.html(badge)
    compare(source, view)


main()
