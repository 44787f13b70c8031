"""The shelf of models: which there are, built in, in a folder or on the hub, and which of them are here."""

from __future__ import annotations

import difflib
import os
import time
from functools import lru_cache
from pathlib import Path

from core.public import anything_allowed
from core.store import hub
from core.store.cards import ModelCard, read_shelf
from core.store.folders import within
from core.store.kept_models import kept_model
from core.store.names import meant
from core.types import Refused

SHELF, CARD_PROBLEMS = read_shelf()
OFFLINE_SECONDS = 2.0  # how long the list of what is here is taken for true


def card_for(name: str) -> ModelCard:
    """The card of a model; one made up for an id or folder that is not on the shelf, where that is allowed."""
    name, revision = meant(name)
    card = SHELF.get(name) or card_by_alias(name) or kept_model(name)
    if card is not None:
        return card
    if not anything_allowed():
        raise unknown(name, f"{name[:80]!r} is not on the shelf, and this site opens no other models.")
    if is_folder(name):
        path = os.path.expanduser(name)
        if not os.path.isdir(path):  # unlike pathlib's, it says no to any nonsense
            raise unknown(name, f"There is no folder {name[:80]!r}.")
        return of_folder(Path(path).resolve())
    if not hub.is_id(name):
        raise unknown(name, f"{name[:80]!r} is neither a model on the shelf, nor a hub id, nor a folder.")
    return ModelCard(name, name, "", name, "A checkpoint from the hub that is not on the shelf.", revision=revision)


def of_folder(folder: Path) -> ModelCard:
    """The card of a folder on the disk; the model may lie in a folder inside it."""
    inside = within(folder)
    title = folder.name if inside == folder else f"{folder.name}/{inside.name}"
    return ModelCard(str(inside), str(inside), "", title, "A checkpoint from your own disk.", folder=True)


def card_by_alias(name: str) -> ModelCard | None:
    return next((card for card in SHELF.values() if name in card.also), None)


def is_folder(name: str) -> bool:
    """Whether a name means a folder: it looks like a path, or there is such a folder."""
    name, _ = meant(name)
    looks = name.startswith((".", "/", "~", "\\")) or "\\" in name or name[1:3] in (":/", ":\\")
    return looks or os.path.isdir(name)


def unknown(name: str, why: str) -> Refused:
    """Advice about a name that leads nowhere: what is meant perhaps, and what is here."""
    names = [*SHELF, *(other for card in SHELF.values() for other in card.also)]
    lower = {known.lower(): known for known in names if name not in SHELF}  # who named one meant no other
    close = [lower[match] for match in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6)]
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    return Refused(f"{why}{meant} {offline_sentence()}")


def offline_sentence() -> str:
    """What can be opened without a network, in words."""
    names = available_offline()
    return f"Here without a network: {', '.join(names)}." if names else "No model is here without a network."


def available_offline() -> list[str]:
    """Shelf names that open without a network: built in, or whole in the local cache."""
    return list(_available(int(time.monotonic() / OFFLINE_SECONDS)))


@lru_cache(maxsize=1)
def _available(_moment: int) -> tuple[str, ...]:
    return tuple(name for name, card in SHELF.items() if card.folder or _cached(card))


def _cached(card: ModelCard) -> Path | None:
    found = (hub.cached_folder(name, card.revision) for name in (card.id, *card.also))
    return next((folder for folder in found if folder is not None), None)


# --- opening ----------------------------------------------------------------------------------------------------------
