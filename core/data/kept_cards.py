"""Where cards of heads lie: beside the built-in models, and on this machine's disk for models that were asked for."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from core.data.head_cards import HeadCards, as_file, from_file
from core.store import hub
from core.store.cards import ASSETS
from core.store.revisions import revision_of
from core.store.shelf import card_for

MOST_FILES = 60  # on the disk; the oldest go first
TRAINED_HERE = "trained here"  # the provenance of models that nobody will ask for again


def folder() -> Path:
    """Where this machine keeps what Gaze made: GAZE_FOLDER, else the user's own folder for such things."""
    said = os.environ.get("GAZE_FOLDER", "").strip()
    if said:
        return Path(said).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gaze"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gaze"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gaze"


def mark_of(model: str) -> str:
    """What tells the weights of a model from others of its name; a change of either makes its cards stale."""
    card = card_for(model)
    snapshot = None if card.folder else hub.cached_folder(card.id, card.revision)
    said = json.dumps([card.id if not card.sha256 else "", revision_of(model), snapshot.name if snapshot else ""])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def shipped_file(model: str, language: str) -> Path:
    """Where the cards of a built-in model lie."""
    return ASSETS / model / f"heads.{language}.json.gz"


def kept_cards(model: str, language: str) -> HeadCards | None:
    """Cards that were made before of these very weights; None where there are none."""
    card = card_for(model)
    for path in (
        (shipped_file(card.name, language), _file(card.name, language))
        if card.sha256
        else (_file(card.name, language),)
    ):
        with suppress(OSError, ValueError):
            found = from_file(path.read_bytes())
            if found.mark == mark_of(model) and found.language == language:
                return found
    return None


def keep_cards(cards: HeadCards) -> None:
    """Keep cards on the disk, where it lets us; those of a model that was trained here are not worth it."""
    if card_for(cards.model).provenance == TRAINED_HERE:
        return
    path = _file(cards.model, cards.language)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(as_file(cards))
        os.replace(file.name, path)  # whoever reads meanwhile reads a whole file
        others = [one for one in path.parent.glob("*.json.gz") if one != path]  # the newest, whatever the clock says
        for one in sorted(others, key=lambda one: one.stat().st_mtime)[: max(0, len(others) + 1 - MOST_FILES)]:
            one.unlink(missing_ok=True)


def _file(model: str, language: str) -> Path:
    name = hashlib.sha256(f"{model} {language}".encode()).hexdigest()[:24]
    return folder() / "heads" / f"{name}.json.gz"
