"""What a lesson is made of: steps, links, questions whose answer is computed, tasks, and cards to recall."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Given = tuple[tuple[str, str], ...]  # what a measure is told beside the address: (name, value)
Form = Literal["choices", "tokens", "most", "least", "yes", "number"]
Kind = Literal["number", "text"]  # of what a measure gives
Test = Literal["is", "not", "has", "above", "below"]


@dataclass(frozen=True, slots=True)
class Link:
    """A state of a page."""

    page: str  # as its address names it; start is ""
    query: str  # of its address, without the question mark


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure and what it is told beside the address."""

    measure: str
    given: Given = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Predict, then look: the answer is computed from the page's own request when it is wanted."""

    ask: str
    form: Form
    asked: Asked
    choices: tuple[str, ...] = ()  # empty: the tokens of the step's text, or a number
    sides: tuple[Given, ...] = ()  # of most and least: what changes in the address for each choice
    above: float = 0.0  # of yes: the first choice is right above it, else the second
    scale: tuple[float, float, float] = (0.0, 0.0, 0.0)  # of number: from, to, and how near is right
    unit: str = ""
    hide: bool = True  # the picture is veiled until somebody has predicted


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so: of a choice in the address, or of a measure."""

    name: str
    test: Test
    value: str
    asked: Asked | None = None  # None: the choice `name` of the page's address


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, ticked off when all conditions hold."""

    tell: str
    conditions: tuple[Condition, ...]
    shown: Link  # where it is done: for who wants to see it, and for tests


@dataclass(frozen=True, slots=True)
class Card:
    """A question to recall, and its answer."""

    ask: str
    answer: str


@dataclass(frozen=True, slots=True)
class Light:
    """What lights up: a kind of LIGHTS and which one."""

    kind: str
    which: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One state of a page and what is said, asked or to be done there."""

    title: str
    text: str  # paragraphs between empty lines; **strong** and `code`
    open: Link
    lights: tuple[Light, ...]
    question: Question | None
    task: Task | None
    home: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as its file says it."""

    name: str
    title: str
    theme: str
    level: str
    minutes: int
    about: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What links and questions may name."""

    pages: Collection[str]
    measures: Mapping[str, Kind]  # name -> what it gives
