"""What Gaze is built on, and its public names: from core import ask, TextRequest, rollout, ...

A name loads its module when it is first used, so that importing one of them brings no model library by itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name -> the module that holds it. Modules may move; these names stay.
HOMES = {
    "ATTENTION": "core.capture.recording",
    "AlignmentRequest": "core.requests",
    "Edit": "core.requests",
    "ImageRequest": "core.requests",
    "Refused": "core.types",
    "SHELF": "core.store.shelf",
    "TextRequest": "core.requests",
    "argmax": "core.measures.alignment",
    "ask": "core.engine",
    "clip_loss": "core.measures.contrastive",
    "error_rate": "core.measures.alignment",
    "itermax": "core.measures.alignment",
    "match": "core.measures.alignment",
    "open_model": "core.store.opening",
    "pca": "core.measures.projection",
    "recording": "core.capture.recording",
    "rollout": "core.measures.attention",
    "sinusoidal": "core.measures.positions",
    "umap": "core.measures.projection",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"core has no public name {name!r}; there are: {', '.join(__all__)}")
    value = getattr(import_module(HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
