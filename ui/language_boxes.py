"""The boxes for the languages of a translator, on every page that has one."""

from __future__ import annotations

import streamlit as st

from core.data.languages import NAMES
from core.store.opening import is_here
from core.store.revisions import kept
from core.store.shelf import SHELF
from core.types import Refused
from ui import widgets
from ui.default_models import family_of
from ui.session import Session


def language_boxes(page: Session, model: str) -> tuple[str, str]:
    """(language to write, language of the text): chosen where the model is told them, else empty."""
    if model in SHELF and SHELF[model].languages:
        names = {NAMES.get(code, code): code for code in SHELF[model].languages}
        return names[widgets.choice(page, st, "Into", "into", list(names))], ""
    codes = language_codes(model) if family_of(model) == "encoder-decoder" and is_here(model) else ()
    if not codes:
        return "", ""
    from core.models.languages import matching

    source = matching(codes, "en", model)
    into = widgets.choice(page, st, "Into", "into_code", list(codes), matching(codes, "", model, other_than=source))
    return into, widgets.choice(page, st, "From", "from_code", list(codes), source)


@kept
def language_codes(model: str) -> tuple[str, ...]:
    """The codes of the languages between which a model translates that is here."""
    from core.models.languages import codes_of  # torch loads with the first question, not with the page
    from core.models.tokenizer import open_tokenizer

    try:
        return codes_of(open_tokenizer(model))
    except Refused:
        return ()
