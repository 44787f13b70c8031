"""Browser components as parts of a page that needs no server: plain scripts, styles, and the theme's colours."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from streamlit import config

from core.types import Refused
from ui.components.mounting import ENTRY, HERE, module

SNAPSHOT = HERE / "snapshot"
#: Parts that are no component of a page -> their script.
BESIDE = {"snapshot": SNAPSHOT / ENTRY, "stage": SNAPSHOT / "stage.js"}
COLOURS = (
    "primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "linkColor", "borderColor",
    "blueColor", "orangeColor", "redColor", "yellowColor", "greenColor", "violetColor", "grayColor",
    "chartCategoricalColors", "chartSequentialColors", "chartDivergingColors",
)  # fmt: skip
LETTERS = ("font", "headingFont", "codeFont")
SHOW = re.compile(r"^export default (async )?function show\(", re.MULTILINE)


@lru_cache(maxsize=64)
def part(name: str) -> dict[str, str]:
    """{script, style, version} of a component; the script adds its function to globalThis.gazeComponents.

    Refused: there is no such component.
    """
    script = BESIDE.get(name) or HERE / name / ENTRY
    if not re.fullmatch(r"[a-z_]+", name) or not script.is_file():
        raise Refused(f"There is no picture called {name!r}: reload the page and save it again.")
    # Within a page nothing in a script may end it.
    text = SHOW.sub(r"\1function show(", module(script)).replace("</script", "<\\/script")
    text = f'(() => {{\n"use strict";\n{text}\n(globalThis.gazeComponents ??= {{}}).{name} = show;\n}})();'
    style = (script.parent / f"{name}.css").read_text(encoding="utf-8")
    return {"script": text, "style": style, "version": hashlib.sha256((text + style).encode()).hexdigest()[:12]}


def theme(name: str) -> str:
    """The custom properties that Streamlit gives components in its theme of this name: light or dark."""
    values = {key: config.get_option(f"theme.{name}.{key}") or config.get_option(f"theme.{key}") for key in COLOURS}
    values |= {key: config.get_option(f"theme.{key}") for key in LETTERS}
    values["baseFontSize"] = f"{config.get_option('theme.baseFontSize') or 16}px"
    return " ".join(f"--st-{_dashed(key)}: {_written(value)};" for key, value in values.items() if value)


def _dashed(key: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter.group().lower()}", key)


def _written(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def packaged(names: list[str]) -> dict[str, dict]:
    """What a saved page with these components is made of; Refused: one is not there."""
    return {"parts": {name: part(name) for name in names}, "theme": {name: theme(name) for name in ("light", "dark")}}
