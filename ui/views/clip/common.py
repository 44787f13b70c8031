"""What the screens of the CLIP page share: a model that opens, languages, many pictures at once, bars."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from core.data.clip import emoji_name
from core.data.languages import NAMES
from core.data.pictures import add_picture
from core.data.scenes import emoji
from core.errors import Refused, Stopped
from core.models.clip import opened_clip
from core.store.shelf import SHELF, available_offline
from ui import widgets

BUILT_IN, REAL = "emoji-clip", "openai/clip-vit-base-patch32"
BOUND = {"bind": "query-params"}
HIDDEN = {**BOUND, "label_visibility": "collapsed"}
FORMS = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff"]
MOST_OWN = 2_000  # pictures of a visitor
MANY = 40  # files from which on pictures are kept smaller, so that all of them stay
TICK = 0.3  # seconds between moments in which a long job is drawn, and can be stopped
MISSING = (
    "No CLIP is here yet. Train the built-in one (python run.py train emoji-clip, about an hour), or with a network "
    "fetch the first one (python run.py fetch openai/clip-vit-base-patch32); or type a folder that holds one above."
)


def default_model() -> str:
    """The built-in CLIP where it is there, else the first that opens without a network, else the real one's name."""
    here = [name for name in available_offline() if SHELF[name].family == "clip"]
    return BUILT_IN if BUILT_IN in SHELF else next(iter(here), REAL)


def opened(model: str, room) -> str | None:
    """The model, or the last one that opened, with advice; None when there is none at all."""
    good = st.session_state.get("_good_clip")
    try:
        progress = widgets.fetch_progress(room, model)
        with st.spinner("Opening the model …", show_time=True):
            opened_clip_with(model, progress)
        st.session_state["_good_clip"] = model
        return model
    except Refused as refusal:
        widgets.advice(refusal)
        here = any(SHELF[name].family == "clip" for name in available_offline())
        if good is None and not here:
            widgets.advice(MISSING)
        if good is None and here and default_model() != model:
            return default_model()
        return good


def opened_clip_with(model: str, progress: Callable[..., None]) -> None:
    """Open a model, told how far it is fetched; Refused when it is no CLIP."""
    from core.store.opening import open_model

    open_model(model, progress=progress)
    opened_clip(model)


def language_picker(key: str, help: str = "", default: str = "en", disabled: bool = False) -> str:
    """A language in which every emoji has a name."""
    codes = list(emoji()[0].names)
    st.session_state.setdefault(key, st.query_params.get(key, default))
    if st.session_state[key] not in codes:
        st.session_state[key] = default
    return st.selectbox(
        "Language", codes, key=key, format_func=language_name, help=help or None, disabled=disabled, **HIDDEN
    )


def language_name(code: str) -> str:
    return NAMES.get(code, code)


def names_of(keys: Sequence[str], language: str) -> tuple[str, ...]:
    """Names of emoji in a language, each once: a few languages call two alike."""
    return tuple(dict.fromkeys(emoji_name(key, language) for key in keys))


@contextmanager
def notes(room, what: str, key: str) -> Iterator[dict[str, Callable]]:
    """progress and cancelled for a long job over many pictures or texts: a bar with their number, and Stop.

    Drawing the bar is what lets Streamlit interrupt the script, which is how Stop works; what was made is kept.
    Stopped, with a button to go on, until that is pressed.
    """
    if st.session_state.get(f"_stopped_{key}"):
        room.button("Go on", key=f"go_on_{key}", on_click=stop, args=(key, False))
        raise Stopped("Stopped. What was made is kept; press Go on to make the rest.")
    drawn: list = []
    last = [time.monotonic()]

    def progress(done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] < TICK and done < total:
            return
        last[0] = now
        if not drawn and done >= total:
            return
        if not drawn:
            left, right = room.container().columns([5, 1.2], vertical_alignment="center")
            right.button("Stop", key=f"stop_{key}", on_click=stop, args=(key,), width="stretch")
            drawn.append(left.empty())
        drawn[0].progress(done / max(total, 1), f"{what}: {done:,} of {total:,}")

    yield {"progress": progress, "cancelled": lambda: bool(st.session_state.get(f"_stopped_{key}"))}
    room.empty()


def stop(key: str, on: bool = True) -> None:
    st.session_state[f"_stopped_{key}"] = on


def take_files(files: Sequence, room, key: str) -> tuple[dict[str, str], list[str]]:
    """(name of each picture -> its file's, a sentence about each file that is none), with progress."""
    names: dict[str, str] = {}
    wrong = []
    with notes(room, "Reading pictures", key) as told_by:
        for place, file in enumerate(files, 1):
            if told_by["cancelled"]():
                raise Stopped(f"Stopped after {len(names)} of {len(files)} pictures.")
            try:
                names[add_picture(file.getvalue(), many=len(files) > MANY)] = file.name
            except Refused as refusal:
                wrong.append(f"{file.name[:60]}: {refusal}")
            told_by["progress"](place, len(files))
    return names, wrong


def own_pictures(key: str, choice: str, value: str) -> dict[str, str]:
    """Pictures that the visitor brought, many at once or a whole folder: name -> that of its file.

    When they come, the widget `choice` is set to `value`, so that they are seen.
    """
    folder = st.toggle("A whole folder", key=f"{key}_folder")
    room = st.empty()
    files = st.file_uploader(
        "Your pictures",
        type=FORMS,
        accept_multiple_files="directory" if folder else True,
        key=f"{key}_files",
        help="They stay in this server's memory and are never written down.",
    )
    marks = tuple(file.file_id for file in files or ())
    held = st.session_state.get(f"_{key}_own", {})
    if not marks or marks == st.session_state.get(f"_{key}_marks"):
        return held  # an uploader that was away for a while comes back empty
    try:
        if len(files) > MOST_OWN:
            raise Refused(f"{len(files):,} pictures; up to {MOST_OWN:,} are searched at once. Choose fewer.")
        names, wrong = take_files(files, room, key)
    except Refused as refusal:
        widgets.advice(refusal)
        return held
    st.session_state[f"_{key}_marks"], st.session_state[f"_{key}_own"] = marks, names
    st.session_state[f"_{key}_wrong"] = wrong
    if names:
        st.session_state[f"_{choice}"] = value
    st.rerun()


def told_wrong(key: str) -> None:
    """A sentence about each of the visitor's files that is no picture, the first three of them."""
    wrong = st.session_state.get(f"_{key}_wrong", [])
    for sentence in wrong[:3]:
        widgets.advice(sentence)
    if len(wrong) > 3:
        widgets.advice(f"So with {len(wrong) - 3} more files.")


def settled(*keys: str) -> None:
    """Put what was decided for a widget into its place, before it is drawn."""
    for key in keys:
        if f"_{key}" in st.session_state:
            st.session_state[key] = st.session_state.pop(f"_{key}")


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
