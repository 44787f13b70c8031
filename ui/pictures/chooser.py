"""Which model looks at which picture: one of the gallery, the visitor's own, the camera's, or one composed here."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.gallery import gallery, plain
from core.data.pictures import MOST_BYTES, add_picture, described, picture
from core.public import uploaded
from core.requests import ImageRequest
from core.types import Refused
from ui import widgets
from ui.components.thumbnails.view import thumbnails_view
from ui.pictures import compose

if TYPE_CHECKING:
    from ui.session import Session

DEFAULT = "cat-and-dog"
MODEL = "emoji-vit"
WAYS = ("Gallery", "Camera", "Compose")  # besides a file of one's own, which stands above them
SHAPE = "Models learn from squares: a wide picture is squeezed or cut. Most can also read it in its own shape."


def choose(
    page: Session, families: tuple[str, ...], default: str = MODEL, below: DeltaGenerator | None = None
) -> ImageRequest:
    """A model of these families and a picture, side by side in the place where it is called.

    below: where there is room for a sentence about a picture that is not there.
    """
    left, right = st.columns(2, vertical_alignment="center", gap="small")
    model = widgets.model_box(page, left, families, default)
    with right:
        return ImageRequest(model, choose_picture(page, "picture", below=below))


def shaped(page: Session, chosen: ImageRequest) -> ImageRequest:
    """The same, but a picture that is no square is read in its own shape where that is wished."""
    height, width = shape_of(chosen.image)
    if height == width:
        return chosen
    whole = widgets.toggle(page, st, "Read the picture in its own shape", "whole", help=SHAPE)
    return replace(chosen, fit="whole" if whole else "model")


def choose_picture(
    page: Session, key: str, default: str = DEFAULT, below: DeltaGenerator | None = None, label: str = "Picture"
) -> str:
    """The name of the chosen picture; a button of this label opens the ways to choose another.

    A picture of the gallery stands in the address under `key`; one's own is known to this server alone.
    """
    name = current(page, key, default)
    # One label whatever is chosen: another one would close the room at every choice.
    room = st.popover(label, icon=":material/image:", width="stretch", key=page.key(f"{key}_room"), on_change="rerun")
    said = page.memory.pop(f"{key} advice", "")
    if room.open:
        with room:
            draw_ways(page, key, name)
            if said:
                widgets.advice(said)
    elif said:
        with below or st.container():
            widgets.advice(said)
    return name


def current(page: Session, key: str, default: str) -> str:
    """What the address says that somebody came by, else what was chosen in this session, else the default."""
    asked = page.asked(key)
    name = (page.memory.get(key) if asked is None else asked) or default
    if not here(name):
        page.memory[f"{key} advice"] = f"The picture {name[:60]!r} is not here: you see another. Choose again."
        name = default
    page.memory[key] = name
    page.note(key, [name] if lasts(name) and name != default else [])
    return name


def lasts(name: str) -> bool:
    """Whether a picture has this name everywhere and always."""
    return name in gallery() or plain(name) is not None


def here(name: str) -> bool:
    if lasts(name):
        return True
    try:
        picture(name)
    except Refused:
        return False
    return True


def put(page: Session, key: str, name: str) -> None:
    """Show another picture from the next run on."""
    page.memory[key] = name


@lru_cache(maxsize=256)
def shape_of(name: str) -> tuple[int, int]:
    """(height, width) in pixels."""
    return picture(name).shape[:2]


# --- the ways to choose -----------------------------------------------------------------------------------------------


def draw_ways(page: Session, key: str, name: str) -> None:
    draw_upload(page, key, name)
    way = widgets.segments(
        page, st, "From", f"{key}_way", WAYS, linked=False, width="stretch", on_change=begin, args=(page, key)
    )
    {"Gallery": draw_gallery, "Camera": draw_camera, "Compose": draw_compose}[way](page, key, name)


def begin(page: Session, key: str) -> None:
    """Composing begins with the scene that is shown."""
    if page[f"{key}_way"] == "Compose":
        compose.begin(page, key, page.memory[key])


def draw_gallery(page: Session, key: str, name: str) -> None:
    def picked() -> None:
        chosen = page[f"{key}_thumbnails"].picked
        if chosen in gallery():
            put(page, key, chosen)

    thumbnails_view(tuple(gallery()), name, key=page.key(f"{key}_thumbnails"), on_picked=picked)
    found = gallery().get(name)
    if found is not None and found.licence:
        st.caption(f"{found.attribution}. {found.licence}.")
    else:
        st.caption("Scenes are composed of Noto Color Emoji (Apache 2.0); in them the true place of each is known.")


def draw_upload(page: Session, key: str, name: str) -> None:
    st.file_uploader(
        "A picture of yours",
        key=page.key(f"{key}_file"),
        max_upload_size=uploaded(MOST_BYTES) // 1_000_000,
        on_change=take,
        args=(page, key, f"{key}_file"),
        help="PNG, JPEG, WebP, GIF or TIFF up to 25 MB, HEIC where pillow-heif is installed. "
        "It stays in the memory of this server and is never written down. "
        "It is turned upright and made smaller; what else the file tells of you is dropped.",
    )
    if said := described(name):
        st.caption(f"Yours has {said}.")


def draw_camera(page: Session, key: str, _: str) -> None:
    st.camera_input("Camera", key=page.key(f"{key}_camera"), on_change=take, args=(page, key, f"{key}_camera"))


def take(page: Session, key: str, widget: str) -> None:
    """Read what was brought, or say why not."""
    file = page.get(widget)
    if file is None:
        return
    try:
        put(page, key, add_picture(file.getvalue()))
    except Refused as refusal:
        page.memory[f"{key} advice"] = str(refusal)


def draw_compose(page: Session, key: str, _: str) -> None:
    compose.draw(page, key, lambda made: put(page, key, made))
