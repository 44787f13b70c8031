"""What each method loses against what it saves, and the spectrum of the map."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.analyses.efficient import Source, tried
from core.figures import efficient as figures
from core.measures import efficient
from core.measures.efficient import METHODS, Approximation, HeadInputs, Loss, MethodSettings
from ui import widgets
from ui.views.efficient.controls import SLIDERS


def trade(
    source: Source, head: HeadInputs, exact: Approximation, method: str, setting: MethodSettings, share, loss: Loss
) -> None:
    """The curves of all methods on this head, and its spectrum."""
    lines: dict[str, tuple[list[float], list[float], list[str]]] = {}
    for one in tried(source, replace(setting, window=4, stride=4, rank=4)):
        x, y, told = lines.setdefault(METHODS[one.method].title, ([], [], []))
        field = METHODS[one.method].field
        x.append(one.cost)
        y.append(one.output)
        told.append(f"{SLIDERS[field]} {getattr(one.setting, field)}" if field else METHODS[one.method].title)
    most = min(head.scores.shape)
    rank = min(setting.rank, most) if METHODS[method].field == "rank" else 0
    values = efficient.low_rank(exact.map, most)[1]
    left, right = st.columns([6.2, 4], gap="medium")
    here = (share, loss.output, METHODS[method].title)
    widgets.chart(figures.lost_and_saved(lines, here, 390), "trade", left)
    widgets.chart(figures.spectrum(efficient.energy(values), rank, 390), "spectrum", right)
