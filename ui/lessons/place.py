"""What a page shows, as its address says it, for the measures of lessons."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from core.data.languages import NAMES
from core.data.lesson import Given, Kind, Link
from core.requests import Edit, TextRequest
from core.store.opening import family_named
from core.store.shelf import SHELF, available_offline
from core.types import Refused
from ui import edits

ON = "true"
MOST = 2_048  # of a whole number in an address: larger tables are no lesson's


@dataclass(frozen=True, slots=True)
class Place:
    """A page and the choices of its address, those of a measure laid over them."""

    page: str
    values: Mapping[str, tuple[str, ...]]

    def get(self, name: str, usual: str = "") -> str:
        return self.values[name][-1] if name in self.values else usual

    def several(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())

    def needed(self, name: str) -> str:
        """A choice that a measure cannot do without. Refused: it is not there."""
        if not self.get(name):
            raise Refused(f"This measure needs {name}: write it into the link, or below with.")
        return self.get(name)

    def whole(self, name: str, usual: int | None = None, least: int = 0, most: int = MOST) -> int:
        """A whole number from least to most. Refused: it is none."""
        said = self.get(name, "" if usual is None else str(usual)) or self.needed(name)
        if not (said.isascii() and said.isdecimal() and len(said) < 9 and least <= int(said) <= most):
            raise Refused(f"{name} is a whole number from {least} to {most:,}, not {said[:40]!r}.")
        return int(said)

    def number(self, name: str, usual: float, least: float = 0.0, most: float = 1e6) -> float:
        """A number from least to most. Refused: it is none."""
        try:
            value = float(self.get(name, str(usual)))
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise Refused(f"{name} is a number from {least:g} to {most:g}, not {self.get(name)[:40]!r}.")
        return value

    def changed(self, given: Given) -> Place:
        return Place(self.page, {**self.values, **{name: (value,) for name, value in given}})


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that can be asked of a place."""

    kind: Kind
    says: str  # what it gives, for lecturers
    answer: Callable[[Place], float | str]
    told: tuple[str, ...] = ()  # what it reads besides what the page itself asks
    unit: str = ""


def measure(table: dict[str, Measure], name: str, told: tuple[str, ...] = (), unit: str = "") -> Callable:
    """Enters a function of a place into a table; its remark says what it gives."""

    def take(answer: Callable[[Place], float | str]) -> Callable[[Place], float | str]:
        kind: Kind = "text" if answer.__annotations__["return"] == "str" else "number"
        table[name] = Measure(kind, (answer.__doc__ or "").split("\n")[0], answer, told, unit)
        return answer

    return take


def place_of(link: Link, given: Given = ()) -> Place:
    """The place that a link leads to."""
    values = {name: tuple(some) for name, some in parse_qs(link.query, keep_blank_values=True).items()}
    return Place(link.page, values).changed(given)


def here(model: str) -> str:
    """The model, which must be on this machine: a question downloads nothing. Refused: it is not."""
    if model not in available_offline():
        raise Refused(f"The model {model[:80]!r} is not here. Fetch it first, or choose one that is here.")
    return model


def language_of(place: Place, model: str) -> str:
    """The code of the language that a translator writes."""
    codes = SHELF[model].languages
    if not codes:
        return ""
    names = {NAMES.get(code, code): code for code in codes}
    return names.get(place.get("into"), codes[0])


def text_request(place: Place) -> TextRequest:
    """What a page of texts asks: its model, texts and edits."""
    model = here(place.needed("model"))
    request = TextRequest(
        model, place.needed("text"), place.get("pair"), place.get("target"), language_of(place, model)
    )
    edit = edit_of(place, model)
    return (
        request
        if edit is None
        else TextRequest(model, request.text, request.pair, request.target, request.language, edit)
    )


def edit_of(place: Place, model: str) -> Edit | None:
    """The edit that the page Attention makes; None where there is none."""
    kind = "cross" if family_named(model) == "encoder-decoder" else family_named(model)
    fields = {
        "heads_off": place.get("off"),
        "scaled": place.get("scaled", ON) == ON,
        "temperature": place.number("temperature", 1.0),
        "mask": place.get("mask", "model"),
        "window": place.whole("window", 2),
    }
    return edits.edit_of(fields, kind)
