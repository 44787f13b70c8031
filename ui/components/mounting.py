"""How a browser component of ours is put together: scripts and a style from their files, registered once a process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent


def mounted(name: str, parts: Sequence[str], styles: str):
    """What shows gaze_`name` in a page: an element of class gaze-`name`, drawn by `parts` and styled by `styles`.

    parts: scripts in this folder without their ending, joined in this order into one module; only the last one exports.
    """
    return st.components.v2.component(
        f"gaze_{name}",
        html=f'<div class="gaze-{name}"></div>',
        css=(HERE / styles).read_text(encoding="utf-8"),
        js="\n".join(_bare((HERE / f"{part}.js").read_text(encoding="utf-8")) for part in parts),
    )


def _bare(script: str) -> str:
    """Without indents and lines of remarks: Streamlit sends the script along with every first picture."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
