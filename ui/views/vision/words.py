"""Words: a picture among the words of a question; where any word looks on it, in every head of a decoder."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.data.numbers import Numbers, matrix, records
from core.data.pictures import display_name
from core.engine import ask
from core.measures.attention import layer_numbers
from core.measures.beside_words import PARTS, on_picture_tokens, shares
from core.requests import ImageRequest, PictureTextRequest
from core.store.opening import is_here
from core.store.revisions import kept
from core.store.shelf import card_for
from core.types import ImageEncoding, Refused
from ui import saving, widgets
from ui.components.patches.message import pack_reading, row_of
from ui.components.patches.view import patches_view
from ui.views.vision.common import PAGE, counted, waited

HEIGHT = 520
QUESTION = "What is in this picture?"
CAREFUL = (
    "A word can look at a place and not use it, and much weight often goes to the first token, which says little. "
    "Words in front of the picture cannot see it."
)


@kept
def rows_of(request: PictureTextRequest, token: int) -> np.ndarray:
    """Where one token looks in every head, [layer, head, key]."""
    return row_of(ask(request).attentions[0].weights, token)


@kept
def packed(request: PictureTextRequest, token: int) -> bytes:
    return pack_reading(ask(request), token, HEIGHT)


def draw(chosen: ImageRequest) -> None:
    row = st.container(key="whose").columns([1, 1], vertical_alignment="center")
    text = widgets.text_box(PAGE, row[0], "Text", "question", QUESTION, live="500ms", max_chars=2_000)
    wanted = PictureTextRequest(chosen.model, chosen.image, text)
    if not wished(chosen.model):
        return
    request, encoding = PAGE.ask_or_last_good(
        lambda: wanted, waited(ask), lambda: PictureTextRequest(chosen.model, chosen.image, QUESTION), "words"
    )
    token = asking(encoding)
    word = encoding.tokens[token].text
    row[1].html(line(encoding))
    saving.tell(display_name(request.image), f"“{word}” of “{request.text}”")
    saving.offer("Where its attention goes, all heads", lambda _: parts_of(request, token))
    saving.offer("This head on the picture", lambda picked: on_grid(request, token, dict(picked)))
    patches_view(packed(request, token), key=PAGE.key("words"), on_word=take)
    widgets.notes(*notes(encoding, request, token), CAREFUL)


def wished(model: str) -> bool:
    """Whether the model may be asked: one that is not here is fetched when somebody says so."""
    try:
        card = card_for(model)
    except Refused:
        return True  # whoever opens it says why not
    if is_here(model) or model in PAGE.memory.get("wished", ()):
        return True
    widgets.advice(
        "No decoder of pictures and words comes with Gaze. Type the folder of one that you have into the box of "
        "models: LLaVA, SmolVLM, Qwen2.5-VL, Gemma 3, PaliGemma."
    )
    size = f"{card.megabytes:,.0f} MB" if card.megabytes else "of unknown size"
    if st.button(f"Fetch {card.title} ({size})", key=PAGE.key("fetch")):
        PAGE.memory["wished"] = (*PAGE.memory.get("wished", ()), model)
        st.rerun()
    return False


# --- which word asks --------------------------------------------------------------------------------------------------


def take() -> None:
    """Have the word that was clicked ask from now on."""
    place = PAGE["words"].word
    if isinstance(place, int):
        PAGE.memory["word"] = place


def asking(encoding: ImageEncoding) -> int:
    """The place of the token that asks: of the address or a click, where the text has it; else a word of the text."""
    begin, said = usual(encoding), PAGE.asked("word")
    if said is not None:
        PAGE.memory["word"] = int(said) if said.isdecimal() else begin
    subject = (encoding.request.model, encoding.request.text)
    if said is None and PAGE.memory.get("word_of") != subject:
        PAGE.memory["word"] = begin
    PAGE.memory["word_of"] = subject
    token = PAGE.memory.get("word", begin)
    if not 0 <= token < len(encoding.tokens) or is_picture(encoding, token):
        token = begin
    PAGE.note("word", [] if token == begin else [str(token)])
    return int(token)


def is_picture(encoding: ImageEncoding, token: int) -> bool:
    patches = encoding.patches
    return patches.prefix <= token < patches.prefix + patches.rows * patches.columns


def usual(encoding: ImageEncoding) -> int:
    """The last word of the text that was typed, else the last token: both stand behind the picture, and may see it."""
    typed = encoding.request.text
    words = [
        place
        for place, token in enumerate(encoding.tokens)
        if not token.special and any(c.isalpha() for c in token.text) and token.text in typed
        if not is_picture(encoding, place)
    ]
    return words[-1] if words else len(encoding.tokens) - 1


# --- what is said, and saved ------------------------------------------------------------------------------------------


def line(encoding: ImageEncoding) -> str:
    """Where the numbers come from, and what the model reads."""
    patches = encoding.patches
    count = patches.rows * patches.columns
    words = len(encoding.tokens) - count
    shape = f"{patches.rows} × {patches.columns} = {count:,} tokens of the picture among {words:,} of the text"
    title = display_name(encoding.request.image)
    said = escape(" ".join((f"{title}: {shape}.", *encoding.remarks)))
    return f'<div class="gaze-badges">{widgets.badge(encoding.model)}<small>{said}</small></div>'


def parts_of(request: PictureTextRequest, token: int) -> Numbers:
    """How much of a token's attention goes to the picture, the first token and other words, a line a head."""
    encoding = ask(request)
    found = shares(rows_of(request, token), encoding.patches)
    numbers = layer_numbers(encoding.attentions[0])
    return records(
        {"layer": numbers[layer] + 1, "head": head + 1} | dict(zip(PARTS, map(float, each), strict=True))
        for layer, heads in enumerate(found)
        for head, each in enumerate(heads)
    )


def on_grid(request: PictureTextRequest, token: int, picked: dict[str, str]) -> Numbers:
    """What a token gives each place of the picture in the head that an address names, [row, column]."""
    patches, rows = ask(request).patches, rows_of(request, token)
    layer, head = picked.get("layer", str(len(rows) - 1)), picked.get("head", "mean")
    if not layer.isdecimal() or int(layer) >= len(rows) or not (head == "mean" or int(head) < rows.shape[1]):
        raise Refused("This head is not in the picture any more: choose one, and save again.")
    row = rows[int(layer)].mean(0) if head == "mean" else rows[int(layer), int(head)]
    grid = on_picture_tokens(row, patches).reshape(patches.rows, patches.columns)
    return matrix("row", counted(patches.rows), counted(patches.columns), grid)


def notes(encoding: ImageEncoding, request: PictureTextRequest, token: int) -> tuple[str, str]:
    """What you see, and what to try: for this word."""
    word = encoding.tokens[token].text
    found = shares(rows_of(request, token), encoding.patches)[..., 0]
    layer, head = np.unravel_index(int(found.argmax()), found.shape)
    most, mean = widgets.percent(float(found.max())), widgets.percent(float(found.mean()))
    number = layer_numbers(encoding.attentions[0])[int(layer)] + 1
    best = f"{number}.{int(head) + 1}"
    see = f"“{word}” gives {mean} of its attention to the picture on average, and {most} in head {best}."
    return see, "Click that head, then another word: do names of things look where the thing is?"
