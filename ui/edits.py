"""Edits as a page writes them: heads named in words, the fields of the widgets, one line that says what was changed."""

from __future__ import annotations

from typing import Any

from core.requests import Edit
from core.types import Refused


def edit_of(fields: dict[str, Any], kind: str) -> Edit | None:
    """The edit that the widgets describe, None when it changes nothing; heads without a kind are of `kind`."""
    edit = Edit(**fields | {"heads_off": tuple(heads_off(str(fields["heads_off"]), kind))})
    return None if edit == Edit(window=edit.window) else edit


def heads_off(text: str, kind: str) -> list[tuple[str, int, int]]:
    """'cross 2.1, 2.4' -> [('cross', 1, 0), ('cross', 1, 3)]; a kind holds until another is named.

    Refused names the part that is no head.
    """
    found = []
    for part in text.replace(",", " ").replace(";", " ").split():
        if part in ("encoder", "decoder", "cross"):
            kind = part
            continue
        layer, _, head = part.partition(".")
        if not (layer.isdecimal() and head.isdecimal() and int(layer) and int(head)):
            raise Refused(f"{part[:20]!r} names no head: write layer.head, such as 3.5.")
        found.append((kind, int(layer) - 1, int(head) - 1))
    return found


def in_words(edit: Edit) -> str:
    """'3 heads off, temperature 2, local mask (window 2)'."""
    words = []
    if edit.heads_off:
        words.append(f"{len(edit.heads_off)} head{'s' if len(edit.heads_off) > 1 else ''} off")
    if not edit.scaled:
        words.append("no 1/√d")
    if edit.temperature != 1:
        words.append(f"temperature {edit.temperature:g}")
    if edit.mask != "model":
        words.append(f"mask {edit.mask}" + (f" (window {edit.window})" if edit.mask == "local" else ""))
    return ", ".join(words)


def switched(text: str, kind: str, head: tuple[str, int, int]) -> str:
    """The text that names the heads off, with one more or one less."""
    try:
        now = set(heads_off(text, kind))
    except Refused:
        now = set()  # what cannot be read switches nothing off
    return ", ".join(f"{of} {layer + 1}.{head + 1}" for of, layer, head in sorted(now ^ {head}))
