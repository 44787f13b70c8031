"""What tests of pages share: the sentences that a view writes, heard without a browser."""

from dataclasses import dataclass, field

import pytest


@dataclass
class Heard:
    """What was written, in order."""

    notes: list[tuple[str, ...]] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


@pytest.fixture
def heard(monkeypatch) -> Heard:
    """Notes, html and advice that a view writes from here on; charts are not drawn."""
    import streamlit as st

    from ui import widgets

    found = Heard()
    monkeypatch.setattr(widgets, "notes", lambda *texts: found.notes.append(texts))
    monkeypatch.setattr(widgets, "advice", lambda sentence: found.advice.append(str(sentence)))
    monkeypatch.setattr(widgets, "chart", lambda *some, **more: None)
    monkeypatch.setattr(st, "html", found.html.append)
    return found
