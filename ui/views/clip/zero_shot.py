"""Zero-shot: one picture, classes that nobody trained, and what a template does to their probabilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.data.clip import MOST_CLASSES, MOST_TEMPLATES, lesson, lines
from core.data.pictures import display_name, picture
from core.models.clip import bias_of, class_vectors, picture_vectors, scale_of, zero_shot
from ui import widgets
from ui.pictures.chooser import choose_picture
from ui.views.clip.common import PAGE, language_picker, names_of

ALONE = ("{}",)


@dataclass(frozen=True, slots=True)
class ZeroShotChoice:
    """What is asked of the picture."""

    model: str
    image: str
    classes: tuple[str, ...]
    templates: tuple[str, ...]


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([3, 2.6, 2.2, 2.6], vertical_alignment="center", gap="small")
    with row[0]:
        image = choose_picture(PAGE, "zero_picture")
    preset = widgets.choice(PAGE, row[1], "Classes", "classes_of", list(lesson().classes), on_change=fill)
    with row[2]:
        language = language_picker("zero_language", "Every emoji has a name in 28 languages.")
    if PAGE.memory.get("named") not in (None, (preset, language)):
        fill()
    PAGE.memory["named"] = preset, language
    some = list(lesson().templates)
    template = widgets.choice(PAGE, row[3], "Template", "template_of", some, some[1], on_change=fill_templates)
    left, right = st.columns([3.3, 8.7], gap="medium")
    left.image(picture(image), caption=display_name(image), width=286)
    classes, patterns = write("\n".join(names_of(lesson().classes[preset], language)), template)
    asked_for = lambda: checked(model, image, classes, patterns)  # noqa: E731
    first = lambda: checked(model, image, "\n".join(names_of(lesson().classes[preset], "en")), ALONE[0])  # noqa: E731
    asked, _ = PAGE.ask_or_last_good(asked_for, lambda asked: None, first, "zero")
    with right:
        show_result(replace(asked, model=model, image=image))


def fill() -> None:
    """Another preset or language writes its names."""
    del PAGE["classes"]


def fill_templates() -> None:
    del PAGE["templates"]


def write(names: str, template: str) -> tuple[str, str]:
    """Classes and templates as they are typed."""
    left, right = st.columns(2, gap="medium")
    shown: dict[str, Any] = {"titled": True, "height": 98, "max_chars": 4_000}
    classes = widgets.text_area(PAGE, left, "Classes, one a line or between commas", "classes", names, **shown)
    begin = "\n".join(lesson().templates[template])
    return classes, widgets.text_area(
        PAGE, right, "Templates, one a line; {} is the class", "templates", begin, **shown
    )


def checked(model: str, image: str, classes: str, templates: str) -> ZeroShotChoice:
    """The question; Refused says what is wrong with its lists."""
    asked = ZeroShotChoice(
        model,
        image,
        lines(classes, "classes", MOST_CLASSES, commas=True),
        lines(templates, "templates", MOST_TEMPLATES),
    )
    class_vectors(model, asked.classes, asked.templates)
    return asked


def show_result(asked: ZeroShotChoice) -> None:
    """Bars of all classes: with the templates, and thin below without."""
    with_template = zero_shot(asked.model, asked.image, asked.classes, asked.templates)
    without = zero_shot(asked.model, asked.image, asked.classes, ALONE)
    (vector,) = picture_vectors(asked.model, [asked.image])
    cosines = class_vectors(asked.model, asked.classes, asked.templates) @ vector
    plain = asked.templates == ALONE
    best = int(with_template.argmax())
    scale, bias = scale_of(asked.model), bias_of(asked.model)
    how = f"of softmax(cosine × {scale:.3g}) over {len(asked.classes)} classes"
    if bias is not None:
        how = f"by sigmoid(cosine × {scale:.3g} {'−+'[bias >= 0]} {abs(bias):.3g}), each class by itself"
    st.html(
        f'<div class="gaze-output"><b dir="auto">{escape(asked.classes[best])}</b> '
        f"{widgets.percent(with_template[best])} <small>{how}</small></div>"
    )
    st.html(bars_of(asked.classes, with_template, None if plain else without, cosines))
    st.caption(effect(asked, with_template, without) if not plain else "The names stand alone: try a template.")


def bars_of(classes: tuple[str, ...], shares: np.ndarray, before: np.ndarray | None, cosines: np.ndarray) -> str:
    """A row a class: the share, and thin below it the share without a template; its cosine beside."""
    best, rows = int(shares.argmax()), []
    for place, (name, share, cosine) in enumerate(zip(classes, shares, cosines, strict=True)):
        strong = " class=strong" if place == best else ""
        thin = "" if before is None else f'<i><b style="width:{100 * before[place]:.2f}%"></b></i>'
        written = f"{widgets.percent(share)}<small>cos {cosine:.3f}</small>".replace("-", "−")
        rows.append(
            f"<li{strong}><span dir=auto title='{escape(name, quote=True)}'>{escape(name)}</span>"
            f'<div class=two><i><b style="width:{100 * share:.2f}%"></b></i>{thin}</div><em>{written}</em></li>'
        )
    return f'<ul class="gaze-bars">{"".join(rows)}</ul>'


def effect(asked: ZeroShotChoice, shares: np.ndarray, before: np.ndarray) -> str:
    """What the templates did, in words."""
    best, was = int(shares.argmax()), int(before.argmax())
    many = f"the mean of {len(asked.templates)} templates" if len(asked.templates) > 1 else "the template"
    if best == was:
        return (
            f"Thick: with {many}; thin: the name alone. “{asked.classes[best]}” gets {widgets.percent(shares[best])} "
            f"with it, {widgets.percent(before[best])} without."
        )
    return (
        f"Thick: with {many}; thin: the name alone. Without it “{asked.classes[was]}” wins with "
        f"{widgets.percent(before[was])}: the template changes the answer."
    )
