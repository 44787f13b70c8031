"""What a model is called in a box, and the badge that says where numbers come from."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from pathlib import Path

from core.store.cards import ModelCard
from core.store.kept_models import kept_model
from core.store.shelf import SHELF, is_folder

#: One colour a kind of provenance, everywhere.
PROVENANCE = {
    "real weights": "#1a9850",
    "built in": "#2f7d95",
    "random": "#b8860b",
    "by hand": "#8a63b0",
    "own vectors": "#5b6b7b",
    "trained here": "#b3447a",
}


#: A family of models in a few words, where a box holds several, which it names in this order.
KINDS = {
    "encoder": "encoder",
    "decoder": "decoder",
    "vision-language": "vision-language decoder",
    "encoder-decoder": "encoder-decoder",
    "recurrent": "recurrent network",
    "vision": "vision transformer",
    "detector": "detector",
    "clip": "CLIP",
    "convolutional": "convolutional network",
}


def card_of(name: str) -> ModelCard | None:
    return SHELF.get(name) or kept_model(name)


def model_line(name: str, here: Collection[str], *, kind: bool = False) -> str:
    """A model as a box names it: 'gpt2 · 12 × 12 · to fetch, 548 MB', and its kind where a box holds several."""
    card = card_of(name)
    if card is None:
        return name
    heads = f"{card.layers} × {card.heads}" if card.heads else f"{card.layers} layers"
    size = f"to fetch, {card.megabytes:,.0f} MB" if card.megabytes else "to fetch"
    line = f"{name} · {heads} · {'here' if name in here else size}"
    return f"{line} · {KINDS[card.family]}" if kind and card.family in KINDS else line


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
