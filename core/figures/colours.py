"""Colours as CSS writes them, read as numbers."""

from __future__ import annotations

import re

from matplotlib.colors import to_rgba

from core.types import Refused

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?%?")


def rgba(text: str, opacity: float = 1) -> tuple[float, float, float, float]:
    """Red, green, blue and opacity in 0..1 of rgb(), rgba(), color(srgb ...), #rrggbb or a name; Refused: no colour."""
    said = text.strip().lower()
    name, bracket, rest = said.partition("(")
    try:
        if not bracket:
            red, green, blue, seen = to_rgba(said if said != "transparent" else "none")
        else:
            parts = [float(one.rstrip("%")) / (100 if one.endswith("%") else 1) for one in NUMBER.findall(rest)]
            whole = 255 if name in ("rgb", "rgba") else 1
            red, green, blue = (part / (1 if "%" in rest.split(",")[0] else whole) for part in parts[:3])
            seen = parts[3] if len(parts) > 3 else 1.0
    except (ValueError, IndexError) as error:
        raise Refused(f"{text[:40]!r} is no colour.") from error
    if name not in ("rgb", "rgba", "color") and bracket:
        raise Refused(f"{text[:40]!r} is no colour.")
    red, green, blue, seen = (min(1.0, max(0.0, float(part))) for part in (red, green, blue, seen * opacity))
    return red, green, blue, seen
