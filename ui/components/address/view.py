"""The browser's address bar: a page's choices in it, without a step in the browser's history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ui.components.mounting import mounted
from ui.components.shown import Picture

_mount = mounted("address")


def address_view(
    page: str,
    values: Mapping[str, list[str]],
    names: Collection[str],
    turn: int,
    *,
    refused: bool,
    pictures: Sequence[Picture],
    key: str,
) -> None:
    """Write a page's parameters.

    values: parameter -> what stands there, for those that stand there; names: all parameters of the page; turn: the
    latest step in the browser's history that the page has heard of; refused: what is asked is no step of the history;
    pictures: those that stand there, for a room that is led from here.
    """
    data = {"page": page, "values": dict(values), "names": sorted(names), "turn": turn, "refused": refused}
    _mount(key=f"gaze-address-{key}", data=data | {"pictures": list(pictures)})
