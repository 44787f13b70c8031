"""A training as it went, to be walked through: loss, score and pattern, the maps of one example and its answer."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("run")


def run_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of run.message."""
    return _mount(key=key, data=payload)
