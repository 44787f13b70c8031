"""What a page can be saved as beside its pictures, told to the menu above it; and the file that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ui.components.message import pack
from ui.components.mounting import mounted

_mount = mounted("offers")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was asked for, or why there is none."""

    turn: int  # as the browser counts what it asks for
    name: str = ""
    content: bytes = b""
    refused: str = ""


def offers_view(
    page: str,
    offers: Sequence[tuple[str, Sequence[str]]],
    caption: Sequence[str],
    made: Made | None,
    heard: Callable[[], None],
    *,
    key: str,
) -> None:
    """Tell what there is.

    offers: (title, names of the forms that it comes in); caption: what a saved picture says of itself, line by line;
    heard: called when somebody asks for a file, with .wanted {turn, title, form, query} under the key.
    """
    header: dict[str, object] = {
        "page": page,
        "offers": [{"title": title, "forms": list(forms)} for title, forms in offers],
        "caption": list(caption),
    }
    arrays: Mapping[str, np.ndarray] = {}
    if made:
        header["made"] = {
            "turn": made.turn, "name": made.name, "refused": made.refused, "media": "application/octet-stream",
        }  # fmt: skip
        arrays = {"file": np.frombuffer(made.content, np.uint8)}
    _mount(key=key, data=pack(header, arrays), on_wanted_change=heard)
