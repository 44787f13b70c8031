"""What pages share: model picker, provenance badge, advice, notes, predictions."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit as st

from core.store.shelf import SHELF, ModelCard, available_offline, is_folder

log = logging.getLogger("gaze")
GLOSSARY = Path(__file__).resolve().parents[1] / "assets" / "glossary.json"
#: One colour a kind of provenance, everywhere.
PROVENANCE = {"real weights": "#1a9850", "built in": "#2f7d95", "random": "#b8860b", "by hand": "#8a63b0"}
CAREFUL = (
    "Attention is not explanation: a word can be looked at and not used. "
    "Switch the head off and see whether anything changes."
)


def card_of(name: str) -> ModelCard | None:
    return SHELF.get(name)


def model_picker(
    families: tuple[str, ...], default: str, key: str = "model", on_change: Callable[[], None] | None = None
) -> str:
    """A model of one of the families, those that are here first; any other id may be typed where that is allowed."""
    here = set(available_offline())
    names = [n for n, c in SHELF.items() if c.family in families]
    names.sort(key=lambda n: (SHELF[n].provenance != "built in", n not in here))
    chosen = st.selectbox(
        "Model",
        names,
        index=names.index(default) if default in names else 0,
        key=key,
        bind="query-params",
        accept_new_options=True,
        on_change=on_change,
        label_visibility="collapsed",
        help="Choose one, or type a Hugging Face id or the folder of a checkpoint.",
    )
    return chosen or default


def badge(name: str, device: str = "") -> str:
    """Where the numbers come from, as html: kind, name, size, device."""
    card = card_of(name)
    if card is None:
        said = f"from your disk: {Path(name).name}" if is_folder(name) else name
        return f'<span class="gaze-badge" style="--kind:#888">{escape(said)}</span>'
    size = f"{card.parameters / 1e6:,.{0 if card.parameters >= 1e6 else 1}f} M" if card.parameters else ""
    text = " · ".join(t for t in (f"{card.provenance}: {card.name}", size, device) if t)
    kind = PROVENANCE.get(card.provenance, "#888")
    return (
        f'<span class="gaze-badge" style="--kind:{kind}" title="{escape(card.note, quote=True)}">{escape(text)}</span>'
    )


def provenance_badge(kind: str, what: str) -> str:
    """The badge of numbers that no model gave, as html; kind as in PROVENANCE."""
    return f'<span class="gaze-badge" style="--kind:{PROVENANCE[kind]}">{kind}: {escape(what)}</span>'


def advice(sentence: object) -> None:
    """What happened and what to do, where the input is; never a stack trace."""
    st.html(f'<div class="gaze-advice" role="alert">{escape(str(sentence))}</div>')


def chart(figure, key: str | None = None, room=st, panels: bool = False) -> None:
    """A plotly figure; a finger that rests on it moves the page, not the axes.

    panels: it holds several side by side, so a phone draws it as wide as a laptop does and scrolls it sideways.
    """
    figure.update_layout(dragmode=False)
    room = room.container(key=f"panels_{key}") if panels else room
    room.plotly_chart(figure, key=key, config={"displayModeBar": False})


def notes(see: str, attempt: str, careful: str = CAREFUL) -> None:
    """What you see, try this, careful: at most two sentences each."""
    parts = (("What you see", see), ("Try this", attempt), ("Careful", careful))
    cells = "".join(f"<div><b>{title}</b>{explained(text)}</div>" for title, text in parts)
    st.html(f'<div class="gaze-notes">{cells}</div>')


@lru_cache(maxsize=1)
def glossary() -> dict[str, str]:
    """Term -> its definition in one sentence."""
    return json.loads(GLOSSARY.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def explained(text: str) -> str:
    """The text as html, the first use of every term with its definition on hover."""
    terms = sorted(glossary(), key=len, reverse=True)
    seen: set[str] = set()

    def mark(found: re.Match) -> str:
        term = found.group().lower()
        if term in seen:
            return found.group()
        seen.add(term)
        return f'<abbr title="{escape(glossary()[term], quote=True)}">{found.group()}</abbr>'

    marked = re.sub(rf"\b({'|'.join(map(re.escape, terms))})\b", mark, escape(text), flags=re.IGNORECASE)
    return marked.replace(" %", "\N{NO-BREAK SPACE}%")


def percent(share: float) -> str:
    """Two significant digits: 71 %, 4.2 %, < 0.1 %."""
    if share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def our_fault(error: Exception) -> bool:
    """What a page shows when something of ours broke: the trace goes to the log."""
    log.error("a page failed", exc_info=error)
    advice("Something went wrong on our side, and it was logged. Reload the page to begin again from the example.")
    return True


def fetch_progress(room, model: str, stop: Callable[[], None] | None = None) -> Callable[[int, int, float], None]:
    """A callback that draws a download in an empty place: bytes, rate, and a Stop that also runs `stop`."""
    drawn = []

    def progress(done: int, total: int, rate: float) -> None:
        text = f"Fetching {model}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB, {rate / 1e6:.1f} MB/s"
        share = min(1.0, done / max(total, 1))
        if drawn:
            drawn[0].progress(share, text)
            return
        with room.container():
            drawn.append(st.progress(share, text))
            st.button("Stop", on_click=stop, key=f"stop {model}")

    return progress
