"""Words and numbers as people read them: terms with their definitions, shares in percent."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path

GLOSSARY = Path(__file__).resolve().parents[1] / "assets" / "glossary.json"


@lru_cache(maxsize=1)
def glossary() -> dict[str, str]:
    """Term -> its definition in one sentence."""
    return json.loads(GLOSSARY.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def explained(text: str) -> str:
    """The text as html, the first use of every term with its definition on hover, tap or focus."""
    terms = sorted(glossary(), key=len, reverse=True)
    seen: set[str] = set()

    def mark(found: re.Match) -> str:
        term = found.group().lower()
        if term in seen:
            return found.group()
        seen.add(term)
        says = escape(glossary()[term], quote=True)
        # Focus shows it where nothing hovers: on a phone, and by keyboard.
        return f'<abbr title="{says}" data-says="{says}" tabindex="0">{found.group()}</abbr>'

    marked = re.sub(rf"\b({'|'.join(map(re.escape, terms))})\b", mark, escape(text), flags=re.IGNORECASE)
    return marked.replace(" %", "\N{NO-BREAK SPACE}%")


def percent(share: float) -> str:
    """Two significant digits: 71 %, 4.2 %, < 0.1 %."""
    if share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
