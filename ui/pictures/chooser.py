"""Which model looks at which picture: one of the gallery, the visitor's own, the camera's, or one composed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.gallery import gallery, plain
from core.data.pictures import add_picture, picture
from core.errors import Refused
from core.requests import ImageRequest
from ui import widgets
from ui.components.thumbnails.view import thumbnails_view
from ui.pictures import compose

DEFAULT = "cat-and-dog"
MODEL = "emoji-vit"
WAYS = ("Gallery", "Upload", "Camera", "Compose")
SHAPE = "Models learn from squares: a wide picture is squeezed or cut. Most can also read it in its own shape."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What all screens show."""

    model: str  # a shelf name, a hub id or a folder
    image: str  # the name of a picture in core.pictures
    fit: Literal["model", "whole"] = "model"

    @property
    def request(self) -> ImageRequest:
        return ImageRequest(self.model, self.image, self.fit)


def choose(families: tuple[str, ...], default: str = MODEL, below: DeltaGenerator | None = None) -> Chosen:
    """A model of these families and a picture, side by side in the place where it is called.

    below: where there is room for a sentence about a picture that is not there.
    """
    left, right = st.columns(2, vertical_alignment="center", gap="small")
    with left:
        model = widgets.model_picker(families, default)
    with right:
        return Chosen(model, choose_picture("picture", below=below))


def shaped(chosen: Chosen) -> Chosen:
    """The same, but a picture that is no square is read in its own shape where that is wished."""
    height, width = shape_of(chosen.image)
    if height == width:
        return chosen
    whole = st.toggle("Read the picture in its own shape", key="whole", bind="query-params", help=SHAPE)
    return replace(chosen, fit="whole" if whole else "model")


def choose_picture(key: str, default: str = DEFAULT, below: DeltaGenerator | None = None) -> str:
    """The name of the chosen picture; a button opens the ways to choose another.

    A picture of the gallery stands in the address under `key`; one's own is known to this server alone.
    """
    name = current(key, default)
    # One label whatever is chosen: another one would close the room at every choice.
    room = st.popover("Picture", icon=":material/image:", width="stretch", key=f"{key}_room", on_change="rerun")
    said = st.session_state.pop(f"{key}_advice", "")
    if room.open:
        with room:
            draw_ways(key, name)
            if said:
                widgets.advice(said)
    elif said:
        with below or st.container():
            widgets.advice(said)
    return name


def current(key: str, default: str) -> str:
    """What was chosen in this session, else what the address says, else the default."""
    asked, mine = st.query_params.get(key), st.session_state.get(f"_{key}")
    own = mine is not None and not lasts(mine)
    name = mine if own or asked is None else asked
    name = name or default
    if not here(name):
        if asked is not None or mine is not None:
            st.session_state[f"{key}_advice"] = f"The picture {name[:60]!r} is not here: you see another. Choose again."
        name = default
    st.session_state[f"_{key}"] = name
    wanted = name if lasts(name) and (name != default or asked is not None) else None
    if wanted is None:
        st.query_params.pop(key, None)
    elif asked != wanted:
        st.query_params[key] = wanted
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


def put(key: str, name: str) -> None:
    """Show another picture from the next run on."""
    st.session_state[f"_{key}"] = name
    if lasts(name):
        st.query_params[key] = name


@lru_cache(maxsize=256)
def shape_of(name: str) -> tuple[int, int]:
    """(height, width) in pixels."""
    return picture(name).shape[:2]


# --- the ways to choose -----------------------------------------------------------------------------------------------


def draw_ways(key: str, name: str) -> None:
    st.session_state.setdefault(f"{key}_way", st.session_state.get(f"_{key}_way", WAYS[0]))
    way = st.segmented_control(
        "From",
        WAYS,
        required=True,
        key=f"{key}_way",
        label_visibility="collapsed",
        width="stretch",
        on_change=begin,
        args=(key,),
    )
    st.session_state[f"_{key}_way"] = way  # the widget forgets when the room is closed
    {"Gallery": draw_gallery, "Upload": draw_upload, "Camera": draw_camera, "Compose": draw_compose}[way](key, name)


def begin(key: str) -> None:
    """Composing begins with the scene that is shown."""
    if st.session_state[f"{key}_way"] == "Compose":
        compose.begin(key, st.session_state[f"_{key}"])


def draw_gallery(key: str, name: str) -> None:
    def picked() -> None:
        chosen = st.session_state[f"{key}_thumbnails"].picked
        if chosen in gallery():
            put(key, chosen)

    thumbnails_view(tuple(gallery()), name, key=f"{key}_thumbnails", on_picked=picked)
    found = gallery().get(name)
    if found is not None and found.licence:
        st.caption(f"{found.attribution}. {found.licence}.")
    else:
        st.caption("Scenes are composed of Noto Color Emoji (Apache 2.0); in them the true place of each is known.")


def draw_upload(key: str, _: str) -> None:
    st.file_uploader(
        "A picture of yours",
        key=f"{key}_file",
        on_change=take,
        args=(key, f"{key}_file"),
        help="PNG, JPEG, WebP or GIF up to 25 MB. It stays in the memory of this server and is never written down.",
    )
    st.caption("It is turned upright and made smaller; what else the file tells of you is dropped.")


def draw_camera(key: str, _: str) -> None:
    st.camera_input("Camera", key=f"{key}_camera", on_change=take, args=(key, f"{key}_camera"))


def take(key: str, widget: str) -> None:
    """Read what was brought, or say why not."""
    file = st.session_state.get(widget)
    if file is None:
        return
    try:
        put(key, add_picture(file.getvalue()))
    except Refused as refusal:
        st.session_state[f"{key}_advice"] = str(refusal)


def draw_compose(key: str, name: str) -> None:
    compose.draw(key, lambda made: put(key, made))
