"""Small maps and pictures side by side: one shared scale, one cell pointed at in all of them, drawn on canvas."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.bidi_component import ComponentResult

from core.figures.panels import Panel, pack_panels

HERE = Path(__file__).parent / "panels"
PARTS = ("colours", "labels", "draw", "view")  # joined in this order into one module; only the last file exports

_mount = st.components.v2.component(
    "gaze_panels",
    html='<div class="gaze-panels"></div>',
    css=(HERE / "panels.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in PARTS),
)


def panels_view(panels: list[Panel], *, key: str, height: int = 400, across: int = 0) -> ComponentResult:
    """Show maps and pictures; .cell is {panel, row, column} once, when a cell of a panel with pick=True is clicked."""
    return _mount(key=key, data=pack_panels(panels, height, across), on_cell_change=lambda: None)
