"""The numbers of a chart as they were given to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.numbers import Numbers, records
from core.figures.style import go

MOST_ROWS = 200_000


def numbers_of(figure: go.Figure) -> Numbers:
    """A row for each point or cell: its panel, what it belongs to, x, y and, of a map, its value."""
    rows: list[dict[str, Any]] = []
    for place, trace in enumerate(figure.data):
        said = {"panel": panel_of(figure, trace), "of": trace.name or f"{trace.type} {place + 1}"}
        if trace.type == "heatmap":
            values = np.asarray(trace.z)
            across = list(trace.x) if trace.x is not None else range(values.shape[1])
            down = list(trace.y) if trace.y is not None else range(values.shape[0])
            rows += [
                said | {"x": _plain(x), "y": _plain(y), "value": float(values[i, j])}
                for i, y in enumerate(down)
                for j, x in enumerate(across)
            ]
        elif getattr(trace, "x", None) is not None or getattr(trace, "y", None) is not None:
            rows += _points(trace, said)
    return records(_columns(rows[:MOST_ROWS]))


def _points(trace: Any, said: dict[str, Any]) -> list[dict[str, Any]]:
    known = {axis: list(values) for axis in "xy" if (values := getattr(trace, axis, None)) is not None}
    count = max((len(values) for values in known.values()), default=0)
    columns = {axis: known.get(axis, list(range(count))) for axis in "xy"}
    for axis in "xy":
        error = getattr(trace, f"error_{axis}", None)
        if error is not None and error.array is not None:
            columns[f"{axis} up by"] = list(error.array)
            columns[f"{axis} down by"] = list(error.arrayminus if error.arrayminus is not None else error.array)
    return [said | {name: _plain(value) for name, value in zip(columns, row, strict=True)}
            for row in zip(*columns.values(), strict=False)]  # fmt: skip


def panel_of(figure: go.Figure, trace: Any) -> str:
    """The title of the axis that a trace is drawn against; its number where it has none."""
    name = (getattr(trace, "yaxis", None) or "y").replace("y", "yaxis", 1)
    title = figure.layout[name].title.text if name in figure.layout else ""
    return title or name.removeprefix("yaxis") or "1"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns of one kind: what holds numbers and names is written as text."""
    for name in ("x", "y"):
        kinds = {isinstance(row[name], int | float) for row in rows if row.get(name) is not None}
        if len(kinds) > 1:
            rows = [row | {name: None if row.get(name) is None else str(row[name])} for row in rows]
    return rows
