"""What Gaze knows about one model before it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is said about a model."""

    name: str  # its name on the shelf, in requests and in addresses
    id: str  # hub id, or folder
    family: str  # one of FAMILIES
    title: str
    note: str = ""  # one sentence for students
    provenance: str = "real weights"
    parameters: int = 0
    layers: int = 0
    heads: int = 0
    megabytes: float = 0.0  # of weights, to fetch or on the disk
    licence: str = ""
    languages: tuple[str, ...] = ()  # that a translator writes
    stands_for: str = ""  # the well-known model in whose place a built-in one shows the same thing
    revision: str = ""  # branch to fetch; empty: the main one
    also: tuple[str, ...] = ()  # other ids of the same weights
    folder: bool = False  # id is a folder
    sha256: str = ""  # of model.safetensors, of built-in models
    scores: Mapping[str, Any] = field(default_factory=dict, hash=False)
    about: Mapping[str, Any] = field(default_factory=dict, hash=False)  # the rest of card.json: data, seed, minutes ...
