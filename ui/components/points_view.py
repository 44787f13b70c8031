"""A map of up to 50,000 points, one or two models: colours, shapes, layers to walk through, a loop round points."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.bidi_component import ComponentResult

HERE = Path(__file__).parent / "points"
PARTS = ("decode", "marks", "draw", "legend", "hand", "view")  # joined in this order; only the last file exports

_mount = st.components.v2.component(
    "gaze_points",
    html='<div class="gaze-points"></div>',
    css=(HERE / "points.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in PARTS),
)


def points_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of core.figures.points.

    Once each: .picked is {side, layer, points, count} when points were looped or clicked (points empty: let go of),
    .moved is the slider's position when it came to rest.
    """
    return _mount(key=key, data=payload, on_picked_change=lambda: None, on_moved_change=lambda: None)
