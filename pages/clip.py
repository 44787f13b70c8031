"""CLIP: pictures and words in one space; the matrix it learns from, and what the space is good for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui import widgets
from ui.views.clip.common import BUILT_IN, PAGE, default_model, opened

STYLE = Path(__file__).resolve().parents[1] / "ui" / "views" / "clip" / "clip.css"
SCREENS = ("Matrix", "Zero-shot", "Retrieval", "Map", "Word to region", "SimCLR")
#: What you see, try this, careful.
NOTES = {
    "Matrix": (
        "A cell is the cosine of one caption and one picture; training pulls framed ones up, all others down. "
        "Softmax makes a guess of a line, and ln N is the loss of one who sees nothing.",
        "Move the scale from 1 to 100: where is the loss least? Write a caption that beats its own.",
        "A few pairs are easy: CLIP learned from 32,768 at once, where many captions nearly fit.",
    ),
    "Zero-shot": (
        "No class was trained: the picture is compared with the names of the classes, and the nearest one wins.",
        "Name the same classes in another language, and change the template: does it help or cost?",
        "The probabilities share out 100 % among your classes: one of them wins even if none is in the picture.",
    ),
    "Retrieval": (
        "Everything in the gallery has one vector; a search is one product of your question with all of them.",
        "Ask in another language, then for a mood or a use. Click a find to ask the other way round.",
        "The nearest is not always near: read its cosine. The built-in CLIP knows emoji, not photographs.",
    ),
    "Map": (
        "Pictures and the names that belong to them lie apart: the modality gap.",
        "Centre each kind and look again: which language lies nearest, and does closing the gap help to find?",
        "A flat map tears neighbours apart. The numbers beside it are of the vectors themselves.",
    ),
    "Word to region": (
        "Bright patches carry the cosine of this text and this picture, by the gradient through the picture tower; "
        "the bars are the same through the text tower.",
        "Click one word, then another: does the bright place move? Ask for a thing that is not there.",
        "Relevance answers for this score alone: a word that is not in the picture has a brightest patch, too.",
    ),
    "SimCLR": (
        "Every picture twice, changed by chance: the two views of one picture should find each other among all.",
        "Add colour, then grey: which change drives the views of one picture furthest apart?",
        "This model was not trained by SimCLR: you see what its own training has made it blind to.",
    ),
}
#: The same where every pair is judged by itself.
NOTES_OF_SIGLIP = {
    "Matrix": (
        "A cell is the cosine of one caption and one picture. A sigmoid says of each pair by itself whether it belongs "
        "together; most do not, so a learned bias is added first.",
        "Move the scale: where is the loss least? Then a CLIP: its softmax lets a line's pairs compete.",
        "Nothing sums to 100 %: a picture may fit several captions, or none.",
    ),
    "Zero-shot": (
        NOTES["Zero-shot"][0],
        NOTES["Zero-shot"][1],
        "Each class is judged by itself: all of them can be likely, or none, so read the order, too.",
    ),
}


def draw(screen: str, model: str) -> None:
    """One screen, loaded when it is drawn."""
    from ui.views.clip import joint_map, matrix, retrieval, simclr, word_region, zero_shot

    of = (matrix, zero_shot, retrieval, joint_map, word_region, simclr)
    dict(zip(SCREENS, of, strict=True))[screen].draw(model)


def is_siglip(model: str) -> bool:
    from core.models.clip import bias_of

    return bias_of(model) is not None


@PAGE.drawn()
def main() -> None:
    st.html(STYLE)
    top = st.container(key="bar").columns([6.6, 2.6, 2.4], vertical_alignment="center", gap="small")
    screen = widgets.segments(PAGE, top[0], "Screen", "screen", SCREENS)
    asked = widgets.model_box(PAGE, top[1], ("clip",), default_model())
    room = top[2].empty()
    model = opened(asked, room)
    room.html(f'<div class="gaze-badges">{widgets.badge(model)}</div>')
    with st.spinner("The model reads …"):  # seen only when it takes longer than half a second
        draw(screen, model)
    see, attempt, careful = (NOTES_OF_SIGLIP if screen in NOTES_OF_SIGLIP and is_siglip(model) else NOTES)[screen]
    if model == BUILT_IN and screen in ("Matrix", "Zero-shot", "Word to region"):
        careful = f"The built-in CLIP knows emoji, not photographs. {careful}"
    widgets.notes(see, attempt, careful)


main()
