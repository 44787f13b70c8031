"""Results of a benchmark: rows with a bar each, whether it is met, as a table and as JSON."""

from __future__ import annotations

import dataclasses
import os
import platform
from dataclasses import dataclass

from core.device import cpu_name

BUSY = 1.0  # load average above which timings say more about what else runs


@dataclass(frozen=True)
class Row:
    """One measured number beside its bar and beside BertViz."""

    what: str
    unit: str  # s, B, x (a ratio), % or n (a count)
    value: float | None = None  # in that unit; None: it was not measured
    most: float | None = None  # the bar; None: it is told, not judged
    rival: float | None = None  # BertViz's number
    factor: float | None = None  # how many times the rival's number must exceed ours
    right: bool = True  # whether what came out was as it should be
    note: str = ""  # what went wrong, or how the number came about

    @property
    def ratio(self) -> float | None:
        """How many times BertViz's number is ours."""
        return self.rival / self.value if self.rival is not None and self.value else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where there is no bar, or no rival to measure against."""
        if self.value is None or not self.right:
            return False
        if self.most is None and self.factor is None:
            return None
        if self.most is not None and self.value > self.most:
            return False
        if self.factor is None:
            return True
        return None if self.ratio is None else self.ratio >= self.factor


def failed(what: str, error: BaseException | str) -> Row:
    """The row of a part that broke: its first line says how."""
    said = str(error).strip().splitlines()
    name = "" if isinstance(error, str) else f"{type(error).__name__}: "
    return Row(what, "s", note=name + (said[0] if said else "no message"))


def amount(value: float | None, unit: str) -> str:
    """A number with its unit as people read it: 840 ms, 2.41 MB, 1.08x, 3.1 %, 12."""
    if value is None:
        return ""
    if unit == "n":
        return f"{value:,.0f}"
    if unit == "%":
        return f"{value:.1f} %"
    if unit == "x":
        return f"{value:.2f}x"
    if unit == "B":
        return f"{value / 1e9:.2f} GB" if value >= 0.9995e9 else f"{value / 1e6:,.2f} MB"
    return f"{value:.2f} s" if value >= 0.9995 else f"{1000 * value:.0f} ms"


def bar(row: Row) -> str:
    parts = [f"<= {amount(row.most, row.unit)}"] if row.most is not None else []
    parts += [f">= {row.factor:g}x less"] if row.factor is not None else []
    return ", ".join(parts)


def cells(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:,.0f}x"
    met = {True: "yes", False: "NO", None: "-"}[row.met]
    measured = amount(row.value, row.unit) or "failed"
    return [row.what, bar(row), measured, amount(row.rival, row.unit), ratio, met, row.note]


def table(rows: list[Row]) -> str:
    """All rows in columns; those of a rival only where one was measured, or should have been."""
    lines = [["what", "bar", "measured", "BertViz", "ratio", "met", ""], *(cells(row) for row in rows)]
    if all(row.rival is None and row.factor is None for row in rows):
        lines = [[*line[:3], *line[5:]] for line in lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def machine() -> dict:
    """Where it ran, because timings mean nothing without it."""
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return {"cpu": cpu_name(), "cores": os.cpu_count(), "load": load, "system": platform.platform()}


def described(where: dict) -> str:
    load = where["load"]
    line = f"{where['cpu']}, {where['cores']} cores, {where['system']}"
    if load is None:
        return line
    line += f", load average {load:.1f}"
    if load > BUSY:
        line += "\nWarning: the machine is busy with other work, so every time below is longer than it would be."
    return line


def as_json(rows: list[Row], where: dict) -> dict:
    """All numbers in seconds, bytes and ratios."""
    told = [dataclasses.asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
    return {"machine": where, "rows": told, "met": all(row.met is not False for row in rows)}
