"""Models that visitors trained here: each in a folder of its own for as long as there is room and the server runs."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from core.store.model_card import ModelCard
from core.types import Refused

MOST = 40  # models
MOST_BYTES = 200_000_000  # of all of them
MOST_EACH = 20_000_000

_KEPT: OrderedDict[str, tuple[ModelCard, tempfile.TemporaryDirectory[str], int]] = OrderedDict()
_LOCK = threading.Lock()


def keep(word: str, title: str, family: str, files: Mapping[str, bytes], note: str = "", **sizes: int) -> ModelCard:
    """The card of a model under a name, word in it, that nobody guesses; the oldest make room.

    sizes: parameters, layers and heads, where they are known.

    Refused: it is too large.
    """
    size = sum(len(content) for content in files.values())
    if size > MOST_EACH:
        raise Refused(
            f"This model has {size / 1e6:.0f} MB; up to {MOST_EACH / 1e6:.0f} MB are kept. Train a smaller one."
        )
    folder = tempfile.TemporaryDirectory(prefix="gaze-kept-", ignore_cleanup_errors=True)
    for name, content in files.items():
        (Path(folder.name) / name).write_bytes(content)
    card = ModelCard(
        name=f"mine-{word}-{secrets.token_hex(4)}", id=folder.name, family=family, title=title, note=note, folder=True,
        provenance="trained here", megabytes=round(size / 1e6, 1), parameters=sizes.get("parameters", 0),
        layers=sizes.get("layers", 0), heads=sizes.get("heads", 0),
    )  # fmt: skip
    with _LOCK:
        _KEPT[card.name] = (card, folder, size)
        while len(_KEPT) > MOST or sum(one[2] for one in _KEPT.values()) > MOST_BYTES:
            _KEPT.popitem(last=False)[1][1].cleanup()
    return card


def kept_model(name: str) -> ModelCard | None:
    """The card of a model that is kept under this name."""
    with _LOCK:
        found = _KEPT.get(name)
    return found[0] if found is not None else None
