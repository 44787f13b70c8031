"""What the screens of the CLIP page share: a model that opens, languages, many pictures at once, bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from core.data.clip import emoji_name
from core.data.languages import NAMES
from core.data.pictures import MOST_BYTES, add_picture, is_kept
from core.data.scenes import emoji
from core.models.clip import opened_clip
from core.public import uploaded
from core.store.opening import open_model
from core.store.shelf import SHELF, available_offline
from core.types import Refused, Stopped
from ui import jobs, widgets
from ui.session import Session

PAGE = Session("clip")
BUILT_IN, REAL = "emoji-clip", "openai/clip-vit-base-patch32"
FORMS = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff"]
MOST_OWN = 2_000  # pictures of a visitor
MANY = 40  # files from which on pictures are kept smaller, so that all of them stay
MISSING = (
    "No CLIP is here yet. Train the built-in one (python run.py train emoji-clip, about an hour), or with a network "
    "fetch the first one (python run.py fetch openai/clip-vit-base-patch32); or type a folder that holds one above."
)


def default_model() -> str:
    """The built-in CLIP where it is there, else the first that opens without a network, else the real one's name."""
    here = [name for name in available_offline() if SHELF[name].family == "clip"]
    return BUILT_IN if BUILT_IN in SHELF else next(iter(here), REAL)


def opened(model: str, room) -> str:
    """The model, or the last one that opened, with advice; where there is none at all the page ends with advice."""

    def read(name: str) -> None:
        try:
            with jobs.fetching(PAGE, room, name) as job:
                open_model(name, job.progress, job.cancelled)
            opened_clip(name)
        except Refused as refusal:
            if any(SHELF[one].family == "clip" for one in available_offline()):
                raise
            raise Refused(f"{refusal} {MISSING}") from refusal

    return PAGE.ask_or_last_good(lambda: model, read, default_model, "model")[0]


def language_picker(name: str, help: str = "", default: str = "en", *, disabled: bool = False) -> str:
    """A language in which every emoji has a name."""
    codes = list(emoji()[0].names)
    more: dict[str, Any] = {"format_func": language_name, "help": help or None, "disabled": disabled}
    return widgets.choice(PAGE, st, "Language", name, codes, default, **more)


def language_name(code: str) -> str:
    return NAMES.get(code, code)


def names_of(keys: Sequence[str], language: str) -> tuple[str, ...]:
    """Names of emoji in a language, each once: a few languages call two alike."""
    return tuple(dict.fromkeys(emoji_name(key, language) for key in keys))


def take_files(files: Sequence, room, name: str) -> tuple[dict[str, str], list[str]]:
    """(name of each picture -> its file's, a sentence about each file that is none), with progress."""
    names: dict[str, str] = {}
    wrong = []
    marks = tuple(file.file_id for file in files)
    with jobs.job(PAGE, room, "Reading pictures", f"files {name}", mark=marks) as job:
        for place, file in enumerate(files, 1):
            if job.cancelled():
                raise Stopped(f"Stopped after {len(names)} of {len(files)} pictures.")
            try:
                names[add_picture(file.getvalue(), many=len(files) > MANY)] = file.name
            except Refused as refusal:
                wrong.append(f"{file.name[:60]}: {refusal}")
            job.progress(place, len(files))
    return names, wrong


def own_pictures(name: str, choice: str, value: str) -> dict[str, str]:
    """Pictures that the visitor brought, many at once or a whole folder: name -> that of its file.

    When they come, the widget `choice` is set to `value`, so that they are seen.
    """
    folder = widgets.toggle(PAGE, st, "A whole folder", f"{name} folder", linked=False)
    room = st.empty()
    files = st.file_uploader(
        "Your pictures",
        type=FORMS,
        accept_multiple_files="directory" if folder else True,
        key=PAGE.key(f"{name} files"),
        max_upload_size=uploaded(MOST_BYTES) // 1_000_000,
        help="They stay in this server's memory and are never written down.",
    )
    marks = tuple(file.file_id for file in files or ())
    PAGE.lasting(f"{name} own", still_there)
    held = PAGE.memory.get(f"{name} own", {})
    if not marks or marks == PAGE.memory.get(f"{name} marks"):
        return held  # an uploader that was away for a while comes back empty
    try:
        if len(files) > MOST_OWN:
            raise Refused(f"{len(files):,} pictures; up to {MOST_OWN:,} are searched at once. Choose fewer.")
        names, wrong = take_files(files, room, name)
    except Refused as refusal:
        PAGE.refuse(refusal)
        return held
    PAGE.memory.update({f"{name} marks": marks, f"{name} own": names, f"{name} wrong": wrong})
    if names:
        PAGE.later(choice, value)
    st.rerun()


def still_there(value: Any) -> dict[str, str]:
    """Of pictures that a browser remembers, name -> that of its file, those that are still kept."""
    return {str(key): str(name)[:200] for key, name in list(value.items())[:MOST_OWN] if is_kept(str(key))}


def told_wrong(name: str) -> None:
    """A sentence about each of the visitor's files that is no picture, the first three of them."""
    wrong = PAGE.memory.get(f"{name} wrong", [])
    for sentence in wrong[:3]:
        widgets.advice(sentence)
    if len(wrong) > 3:
        widgets.advice(f"So with {len(wrong) - 3} more files.")


def bars(rows: Sequence[tuple[str, float, str]], most: float = 1.0, marked: str = "", kind: str = "") -> str:
    """Bars as html: (name, value, value as written), the marked one in the strong colour; kind: slim or wordy."""
    lines = []
    for name, value, written in rows:
        share = 100 * max(0.0, min(1.0, value / most)) if most else 0
        strong = " class=strong" if name == marked else ""
        lines.append(
            f"<li{strong}><span dir=auto title='{escape(name, quote=True)}'>{escape(name)}</span>"
            f'<i><b style="width:{share:.2f}%"></b></i><em>{escape(written)}</em></li>'
        )
    return f'<ul class="gaze-bars {kind}">{"".join(lines)}</ul>'
