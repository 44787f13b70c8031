"""Which head is looked at: from its picture to its card, and from its card back to its picture."""

from __future__ import annotations

from typing import Any

from core.measures.attention import layer_numbers
from core.types import Refused, TextEncoding
from ui import edits
from ui.views.attention.controls import PAGE

HeadName = tuple[str, int, int]  # kind, the model's own number of the layer from 0, head from 0


def look_at(head: HeadName) -> None:
    """Have the cards show this head."""
    PAGE.memory["looked card"] = head


def looked_at(kinds: dict[str, tuple[tuple[int, ...], int]], begin: HeadName) -> HeadName:
    """The head that the address or a click names, if the model has it; else the one to begin with.

    kinds: kind -> (numbers of its layers, heads a layer). The address follows.
    """
    asked = PAGE.asked("card")
    if asked is not None:  # a step back to an address that names none is back at the first one
        PAGE.memory.pop("looked card", None)
        try:
            found = edits.heads_off(asked, begin[0])
        except Refused:
            found = []
        if found:
            look_at(found[0])
    head: HeadName = PAGE.memory.get("looked card", begin)
    numbers, heads = kinds.get(head[0], ((), 0))
    if head[1] not in numbers or not 0 <= head[2] < heads:
        head = begin
    PAGE.note("card", [] if head == begin else [written(head)])
    return head


def written(head: HeadName) -> str:
    """'encoder 3.1', counted from 1."""
    return f"{head[0]} {head[1] + 1}.{head[2] + 1}"


def lead_to(head: HeadName, text: str = "", row: int | None = None, column: int | None = None) -> None:
    """Go to the picture of a head, over another text where one is given, with a cell held."""
    if text:
        PAGE.update(text=text, pair="", target="")
    PAGE["show"] = "Heads"
    turn = PAGE.memory.get("led turn", 0) + 1
    PAGE.memory["led turn"] = turn
    PAGE.memory["led"] = (PAGE.get("text", ""), head, row, column, turn)


def led_to(encoding: TextEncoding) -> tuple[tuple[str, Any], ...]:
    """Where the picture begins if somebody was led to it with this text; else nothing."""
    text, head, row, column, turn = PAGE.memory.get("led", ("", ("", 0, 0), None, None, 0))
    attention = next((one for one in encoding.attentions if one.kind == head[0]), None)
    if not turn or attention is None or text != encoding.request.text or head[1] not in layer_numbers(attention):
        return ()
    cell = (("row", row), ("column", column)) if row is not None else ()
    place = layer_numbers(attention).index(head[1])
    return (("kind", head[0]), ("layer", place), ("head", head[2]), *cell, ("turn", turn))
