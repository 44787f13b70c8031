"""Words of a side of a sentence pair as a file parts them."""

from __future__ import annotations

import regex

from core.tokens import UNSPACED, split


def words_between_spaces(text: str) -> tuple[str, ...]:
    """Words as files part them: by spaces; a side without any in a script that has none is split into characters."""
    spaced = tuple(text.split())
    return split(text) if len(spaced) == 1 and regex.search(rf"[{UNSPACED}]", text) else spaced
