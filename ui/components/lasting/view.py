"""What a page keeps over a reload, in the storage of the browser's tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.components.mounting import mounted

_mount = mounted("lasting")


def lasting_view(page: str, values: Mapping[str, Any], *, fresh: bool, key: str) -> dict[str, Any] | None:
    """Keep plain values, as JSON has them; gives, once, what the tab kept before the session began.

    fresh: the page has heard nothing of that yet, and has no values of its own.
    """
    data = {"page": page, "values": dict(values), "fresh": fresh}
    found = getattr(_mount(key=f"gaze-lasting-{key}", data=data, on_kept_change=lambda: None), "kept", None)
    return found if isinstance(found, dict) else None
