"""Small maps and pictures side by side: one shared scale, one cell pointed at in all of them, drawn on canvas."""

from streamlit.components.v2.bidi_component import ComponentResult

from core.data.numbers import Numbers, maps, matrix
from ui import saving
from ui.components.mounting import mounted
from ui.components.panels.message import Panel, pack_panels

_mount = mounted("panels")


def panels_view(panels: list[Panel], *, key: str, height: int = 400, across: int = 0) -> ComponentResult:
    """Show maps and pictures; .cell is {panel, row, column} once, when a cell of a panel with pick=True is clicked."""
    drawn = [panel for panel in panels if panel.values.ndim == 2]
    if drawn:
        saving.offer("Numbers", lambda _: numbers_of(drawn))
    return _mount(key=key, data=pack_panels(panels, height, across), on_cell_change=lambda: None)


def numbers_of(panels: list[Panel]) -> Numbers:
    """The maps as they were given."""
    named = [
        (
            panel.title or "map",
            panel.rows or [str(k) for k in range(panel.values.shape[0])],
            panel.columns or [str(k) for k in range(panel.values.shape[1])],
            panel.values,
        )
        for panel in panels
    ]
    if len(named) == 1:
        _, rows, columns, values = named[0]
        return matrix(panels[0].axes[0], rows, columns, values)
    return maps(named, panels[0].axes)
