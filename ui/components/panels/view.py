"""Small maps and pictures side by side: one shared scale, one cell pointed at in all of them, drawn on canvas."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted
from ui.components.panels.message import Panel, pack_panels

_mount = mounted("panels")


def panels_view(panels: list[Panel], *, key: str, height: int = 400, across: int = 0) -> ComponentResult:
    """Show maps and pictures; .cell is {panel, row, column} once, when a cell of a panel with pick=True is clicked."""
    return _mount(key=key, data=pack_panels(panels, height, across), on_cell_change=lambda: None)
