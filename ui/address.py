"""How a choice is written in a page's address and read again: text, numbers, switches, one or several of a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

LONGEST = 20_000  # characters of a text
MOST = 50  # names of a list


@dataclass(frozen=True, slots=True)
class Form:
    """What a choice may be, and how an address carries it; `read` and `fit` raise ValueError for anything else."""

    read: Callable[[list[str]], Any]
    write: Callable[[Any], list[str]]
    fit: Callable[[Any], Any]  # the value itself, or the nearest that is allowed


def text(longest: int = LONGEST) -> Form:
    """Any text; an address carries at most so many characters. What is typed beyond, the request refuses."""

    def read(values: list[str]) -> str:
        if len(values[-1]) > longest:
            raise ValueError(f"a text in an address has up to {longest} characters")
        return values[-1]

    def fit(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("a text")
        return value

    return Form(read, lambda value: [value] if len(value) <= longest else [], fit)


def switch() -> Form:
    """True or false."""
    words = {"true": True, "false": False}

    def read(values: list[str]) -> bool:
        if values[-1].lower() not in words:
            raise ValueError("a switch is true or false")
        return words[values[-1].lower()]

    return Form(read, lambda value: [str(bool(value)).lower()], bool)


def number(least: float, most: float) -> Form:
    """A number from least to most, of the kind of `least`: whole or not."""
    kind = type(least)

    def read(values: list[str]) -> float:
        value = kind(values[-1])
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError(f"a number from {least} to {most}")
        return value

    return Form(read, lambda value: [f"{value:g}" if kind is float else str(value)], lambda v: min(max(v, least), most))


def choice(options: Iterable[Any], shown: Callable[[Any], Any] = str, *, new: bool = False) -> Form:
    """One of the options, as it is shown or by its own name; new: any other text may be typed."""
    options = list(options)
    names = {str(option): option for option in options} | {str(shown(option)): option for option in options}

    def read(values: list[str]) -> Any:
        if values[-1] in names:
            return names[values[-1]]
        return fit(values[-1])

    def fit(value: Any) -> Any:
        if value in options or (new and isinstance(value, str) and 0 < len(value) <= LONGEST):
            return value
        raise ValueError(f"{value!r} is none of the options")

    return Form(read, lambda value: [str(shown(value))], fit)


def several(
    options: Collection[Any], shown: Callable[[Any], Any] = str, most: int = MOST, *, new: bool = False
) -> Form:
    """A list of options without those that do not exist; new: any other text may be typed."""
    single = choice(options, shown, new=new)

    def kept(values: Iterable[Any], take: Callable[[Any], Any]) -> list:
        found = []
        for value in values:
            try:
                found.append(take(value))
            except ValueError:
                continue
        return list(dict.fromkeys(found))[:most]

    def read(values: list[str]) -> list:
        if values == [""]:
            return []
        found = kept(values, lambda value: single.read([value]))
        if not found:
            raise ValueError("none of these exists")
        return found

    return Form(
        read,
        lambda value: [word for option in value for word in single.write(option)] or [""],
        lambda value: kept(value or (), single.fit),
    )
