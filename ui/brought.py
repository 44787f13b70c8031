"""Files that a visitor brings: they stay when their box comes back empty, and over a reload of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.data.uploads import keep_file, kept_file
from ui.session import Session

File = tuple[str, bytes]  # name, content
MOST = 100  # files that one box keeps


def file_box(
    page: Session,
    room: Any,
    label: str,
    name: str,
    *,
    many: bool = False,
    then: Callable[[], None] | None = None,
    **more,
) -> tuple[File, ...]:
    """A box for files, and those that it or bring() was given last; more: as for Streamlit's uploader.

    then: called when somebody brings files, or takes the last one out.
    """

    def take() -> None:
        given = page.get(name) or []
        bring(page, name, [(one.name, one.getvalue()) for one in (given if isinstance(given, list) else [given])])
        if then is not None:
            then()

    room.file_uploader(label, key=page.key(name), accept_multiple_files=many, on_change=take, **more)
    return brought(page, name)


def brought(page: Session, name: str) -> tuple[File, ...]:
    """The files of a box, drawn or not; none that are no longer kept."""
    page.lasting(_memory(name), _keys)
    found = (kept_file(key) for key in page.memory.get(_memory(name), []))
    return tuple(file for file in found if file is not None)


def bring(page: Session, name: str, files: Sequence[File]) -> None:
    """Give a box other files; none empty it."""
    page.memory[_memory(name)] = [keep_file(*file) for file in files[:MOST]]


def _memory(name: str) -> str:
    return f"{name} brought"


def _keys(value: Any) -> list[str]:
    """What a browser kept, if it is names of files."""
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise ValueError("no names of files")
    return value[:MOST]
