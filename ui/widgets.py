"""What pages share: boxes for text, numbers and choices, the model box, provenance badge, advice, notes."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey

from core.data.numbers import Numbers
from core.requests import Spacing
from core.store.shelf import SHELF, available_offline, is_folder
from ui import address, saving
from ui.address import Form
from ui.badges import PROVENANCE as PROVENANCE
from ui.badges import badge as badge
from ui.badges import card_of as card_of
from ui.badges import model_line as model_line
from ui.badges import provenance_badge as provenance_badge
from ui.language import labelled
from ui.words import explained as explained
from ui.words import glossary as glossary
from ui.words import percent as percent

if TYPE_CHECKING:
    from ui.session import Session

log = logging.getLogger("gaze")
MODEL_HELP = "Choose one, or type a Hugging Face id or the folder of a checkpoint."
CAREFUL = (
    "Attention is not explanation: a word can be looked at and not used. "
    "Switch the head off and see whether anything changes."
)


# --- boxes: each begins with the address or with what was chosen before, and the address follows it -------------------
#
# page: whose choice it is; room: where it is drawn; name: of the choice, and of the parameter in the address;
# begin: what it begins with; titled: whether its label is seen; linked: whether the address carries it;
# more: as for the widget of Streamlit.


def _box(page: Session, draw: Callable, name: str, form: Form, begin: Any, more: dict, *, titled: bool | None) -> Any:
    if titled is not None:
        more["label_visibility"] = "visible" if titled else "collapsed"
    linked = more.pop("linked", True)
    key = page.begin(name, form, begin)
    value = draw(key=key, **more)
    page.end(name, form, begin, value, linked=linked)
    return value


def text_box(page: Session, room: Any, label: str, name: str, begin: str = "", *, titled: bool = False, **more) -> str:
    """A line of text."""
    form = address.text(more.get("max_chars") or address.LONGEST)
    return _box(page, partial(room.text_input, label), name, form, begin, more, titled=titled) or ""


def text_area(page: Session, room: Any, label: str, name: str, begin: str = "", *, titled: bool = False, **more) -> str:
    """Several lines of text."""
    form = address.text(more.get("max_chars") or address.LONGEST)
    return _box(page, partial(room.text_area, label), name, form, begin, more, titled=titled) or ""


def number_box(
    page: Session,
    room: Any,
    label: str,
    name: str,
    least: float,
    most: float,
    begin: float,
    *,
    titled: bool = False,
    **more,
) -> float:
    """A number from least to most, all of one kind: whole or not."""
    draw = partial(room.number_input, label, least, most)
    return _box(page, draw, name, address.number(least, most), begin, more, titled=titled)


def slider(
    page: Session,
    room: Any,
    label: str,
    name: str,
    least: float,
    most: float,
    begin: float,
    *,
    titled: bool = True,
    **more,
) -> float:
    """A number from least to most, by hand."""
    draw = partial(room.slider, label, least, most)
    return _box(page, draw, name, address.number(least, most), begin, more, titled=titled)


def stops(
    page: Session, room: Any, label: str, name: str, options: Sequence, begin: Any, *, titled: bool = True, **more
) -> Any:
    """A slider over the options."""
    form = address.choice(options, more.get("format_func", str))
    return _box(page, partial(room.select_slider, label, options), name, form, begin, more, titled=titled)


def choice(
    page: Session,
    room: Any,
    label: str,
    name: str,
    options: Sequence,
    begin: Any = None,
    *,
    titled: bool = False,
    **more,
) -> Any:
    """One of the options, the first unless begin says which."""
    begin = begin if begin is not None else options[0]
    form = address.choice(options, more.get("format_func", str), new=more.get("accept_new_options", False))
    more["format_func"] = labelled(options, more.get("format_func", str))
    chosen = _box(page, partial(room.selectbox, label, options), name, form, begin, more, titled=titled)
    return begin if chosen is None else chosen


def segments(
    page: Session,
    room: Any,
    label: str,
    name: str,
    options: Sequence,
    begin: Any = None,
    *,
    titled: bool = False,
    **more,
) -> Any:
    """One of few options, all of them seen; the first unless begin says which."""
    begin = begin if begin is not None else options[0]
    form = address.choice(options, more.get("format_func", str))
    draw = partial(room.segmented_control, label, options, required=True)
    chosen = _box(page, draw, name, form, begin, more, titled=titled)
    return begin if chosen is None else chosen


def pills(
    page: Session,
    room: Any,
    label: str,
    name: str,
    options: Sequence,
    begin: Any = None,
    *,
    titled: bool = False,
    **more,
) -> Any:
    """One of many options, all of them seen; the first unless begin says which."""
    begin = begin if begin is not None else options[0]
    form = address.choice(options, more.get("format_func", str))
    chosen = _box(page, partial(room.pills, label, options, required=True), name, form, begin, more, titled=titled)
    return begin if chosen is None else chosen


def several_pills(
    page: Session,
    room: Any,
    label: str,
    name: str,
    options: Sequence,
    begin: Collection,
    *,
    titled: bool = False,
    **more,
) -> list:
    """Any of the options, all of them seen."""
    form = address.several(options, more.get("format_func", str))
    draw = partial(room.pills, label, options, selection_mode="multi")
    return list(_box(page, draw, name, form, list(begin), more, titled=titled) or ())


def several(
    page: Session,
    room: Any,
    label: str,
    name: str,
    options: Sequence,
    begin: Collection,
    *,
    titled: bool = False,
    **more,
) -> list:
    """Any of the options, found by typing."""
    most = more.get("max_selections") or address.MOST
    form = address.several(options, more.get("format_func", str), new=more.get("accept_new_options", False), most=most)
    return list(
        _box(page, partial(room.multiselect, label, options), name, form, list(begin), more, titled=titled) or ()
    )


def toggle(page: Session, room: Any, label: str, name: str, *, begin: bool = False, **more) -> bool:
    """On or off."""
    return bool(_box(page, partial(room.toggle, label), name, address.switch(), begin, more, titled=None))


def spacing(page: Session, room: Any, help: str) -> Spacing:
    """Whether white space reaches a tokenizer as it was typed, or tidied."""
    names = {"typed": "as typed", "tidy": "tidied"}
    return segments(
        page, room, "White space", "spacing", list(names), titled=True, format_func=names.get, help=help
    )  # fmt: skip


def example_box(
    page: Session, room: Any, labels: Sequence[str], put: Callable[[int], None], name: str = "example",
    title: str = "Examples",
) -> None:  # fmt: skip
    """Examples to choose from; put(number) writes the chosen one into the page's boxes."""

    def use() -> None:
        number = page.get(name)
        if number is not None:
            page[name] = None  # else the browser would choose it again with the next change
            put(number)

    room.selectbox(
        title,
        range(len(labels)),
        index=None,
        format_func=labels.__getitem__,
        placeholder=title,
        key=page.key(name),
        on_change=use,
        label_visibility="collapsed",
    )


#: Kinds of models in the order in which a box names them.
GROUPS = (
    *("encoder", "decoder", "seeing decoder", "encoder-decoder", "recurrent"),
    *("vision", "detector", "clip", "convolutional"),
)


def model_box(page: Session, room: Any, families: tuple[str, ...], begin: str, name: str = "model", **more) -> str:
    """A model of one of the families: those that are here first, each kind together; any other id may be typed."""
    here = set(available_offline())
    names = [n for n, c in SHELF.items() if c.family in families]
    kinds = {kind: place for place, kind in enumerate(GROUPS)}
    names.sort(key=lambda n: (n not in here, kinds.get(SHELF[n].family, len(kinds)), SHELF[n].provenance != "built in"))
    if begin not in names and not is_folder(begin):
        begin = names[0]
    names = [*page.kept_models(families), *names]
    if begin not in names:  # a folder that is open in the box beside
        names = [begin, *names]
    options: dict[str, Any] = {"accept_new_options": True, "help": MODEL_HELP} | more
    form = address.choice(names, new=options["accept_new_options"])  # an address carries the name alone
    draw = partial(room.selectbox, "Model", names, format_func=labelled(names, partial(model_line, here=here)))
    return _box(page, draw, name, form, begin, options, titled=options.pop("titled", False)) or begin


# --- words -----------------------------------------------------------------------------------------------------------


def advice(sentence: object) -> None:
    """What happened and what to do, where the input is; never a stack trace."""
    st.html(f'<div class="gaze-advice" role="alert">{escape(str(sentence))}</div>')


def chart(figure, key: str | None = None, room=st, *, panels: bool = False) -> None:
    """A plotly figure; a finger that rests on it moves the page, not the axes.

    panels: it holds several side by side, so a phone draws it as wide as a laptop does and scrolls it sideways.
    """
    figure.update_layout(dragmode=False)
    said = figure.layout.title.text or (key or "").replace("_", " ") or figure.layout.yaxis.title.text or "numbers"
    saving.offer(f"Chart: {said}", lambda _: _numbers(figure), again=True)
    room = room.container(key=f"panels_{key}") if panels else room
    room = tall(room, figure.layout.height or 450, key or str(len(figure.data)))
    figure.update_layout(height=None)
    room.plotly_chart(figure, key=key, height="stretch", config={"displayModeBar": False})


def _numbers(figure) -> Numbers:
    from core.figures.numbers import numbers_of  # plotly is there by now

    return numbers_of(figure)


def tall(room: Any, height: float, key: str) -> Any:
    """A room of so many pixels on a laptop's screen, more on a higher one; what is in it has height="stretch"."""
    for turn in itertools.count():
        try:
            return room.container(key=f"tall-{round(height, -1):.0f}-{key}-{turn}", gap=None)
        except StreamlitDuplicateElementKey:
            continue  # a chart that grows is drawn again and again in one run


def notes(see: str, attempt: str, careful: str = CAREFUL) -> None:
    """What you see, try this, careful: at most two sentences each."""
    parts = (("What you see", see), ("Try this", attempt), ("Careful", careful))
    cells = "".join(f"<div><b>{title}</b>{explained(text)}</div>" for title, text in parts)
    st.html(f'<div class="gaze-notes">{cells}</div>')


def our_fault(error: Exception) -> bool:
    """What a page shows when something of ours broke: the trace goes to the log."""
    log.error("a page failed", exc_info=error)
    advice("Something went wrong on our side, and it was logged. Reload the page to begin again from the example.")
    return True
