"""Tables that visitors bring, by the hash of what they brought: read once, kept in memory up to a bound."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from core.cache import Cache
from core.data.tables import Table, has_vectors, joined, read
from core.types import Refused

KEPT_BYTES = int(os.environ.get("GAZE_TABLE_BYTES", 1_000_000_000))

#: What visitors brought: it cannot be made again, so it has a budget of its own.
TABLES = Cache(KEPT_BYTES)


#: Files as they came, under the hash of their content.
FILES = Cache(int(os.environ.get("GAZE_FILE_BYTES", 256_000_000)))


def keep_file(name: str, content: bytes) -> str:
    """What a file is found by later: a name that nobody guesses."""
    key = hashlib.sha256(f"{name}\0".encode() + content).hexdigest()[:32]
    FILES.put(key, (name, content))
    return key


def kept_file(key: str) -> tuple[str, bytes] | None:
    """(name, content) of a file, where it is still kept."""
    found = FILES.find(key)
    return found if isinstance(found, tuple) else None


def add_table(files: Sequence[tuple[str, bytes]], *, titled: bool | None = None) -> str:
    """The name of a table from one file, (its name, its bytes), or from vectors and their metadata in two.

    Of several files that do not belong together the last is taken. titled: whether the first line of one file holds
    titles; None: as it looks. Refused says what is wrong with a file.
    """
    digest = hashlib.sha256(str(titled).encode())
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    key = f"own-{digest.hexdigest()[:24]}"
    if TABLES.find(key) is None:
        TABLES.put(key, _table(files, titled=titled))
    return key


def own_table(key: str) -> Table:
    """The table that was taken in under a name; Refused when it is gone."""
    found = TABLES.find(key)
    if not isinstance(found, Table):
        raise Refused("This table is no longer here. Give its file again under More.")
    return found


def _table(files: Sequence[tuple[str, bytes]], *, titled: bool | None) -> Table:
    if len(files) < 2:
        return read(files[0][1], files[0][0], titled=titled)
    last = read(files[-1][1], files[-1][0])
    before = read(files[-2][1], files[-2][0])
    for vectors, other, (name, content) in ((before, last, files[-1]), (last, before, files[-2])):
        if has_vectors(vectors) and not vectors.cells and not has_vectors(other):
            return joined(vectors, _as_long(vectors, other, content, name))
    return last


def _as_long(vectors: Table, about: Table, content: bytes, name: str) -> Table:
    """Metadata with as many rows as there are vectors: that decides whether its first line holds titles."""
    if about.count == vectors.count:
        return about
    if about.count == vectors.count + 1:
        return read(content, name, titled=True)
    return read(content, name, titled=False) if about.count == vectors.count - 1 else about
