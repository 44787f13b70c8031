"""The secret that servers and replicas of a cluster share: who has it may ask, and is believed."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets

from core.data.kept_cards import folder
from core.types import Refused

NAME = "cluster-secret"
SHORTEST = 16  # characters
SEAL = 32  # bytes


def secret(*, make: bool = False) -> bytes:
    """GAZE_CLUSTER_SECRET, else what this machine keeps in GAZE_FOLDER; make: a new one where it keeps none.

    Refused: there is none, or a short one.
    """
    said = os.environ.get("GAZE_CLUSTER_SECRET", "").strip()
    if not said:
        said = _kept(make=make)
    if len(said) < SHORTEST:
        raise Refused(f"The secret of a cluster has {SHORTEST} characters or more. Set another GAZE_CLUSTER_SECRET.")
    return said.encode()


def _kept(*, make: bool) -> str:
    path = folder() / NAME
    if make and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(32))
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise Refused(
            f"This machine knows no secret of a cluster. Set GAZE_CLUSTER_SECRET to what lies in {path} where the "
            "cluster was started."
        ) from None


def seal(key: bytes, nonce: bytes, *parts: bytes) -> bytes:
    """What only those who have the secret can make of an exchange, its number, and these parts of it."""
    made = hmac.new(key, b"%d:%b" % (len(nonce), nonce), hashlib.sha256)
    for part in parts:
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.digest()


def is_sealed(given: bytes, key: bytes, nonce: bytes, *parts: bytes) -> bool:
    """Whether a seal is that of these parts."""
    return hmac.compare_digest(given, seal(key, nonce, *parts))


def ray_token(key: bytes) -> str:
    """The token by which Ray's own processes know each other, made of the same secret."""
    return seal(key, b"ray").hex()
