"""What the CLIP page begins with: pictures with captions, classes, templates, questions, and a map's emoji."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from core.data.gallery import PLAIN, gallery
from core.data.scenes import ASSETS, emoji, places
from core.types import Refused

LESSON = ASSETS / "lessons" / "clip.json"
MOST_PAIRS = 32
MOST_CLASSES = 60
MOST_TEMPLATES = 30


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures by name; captions of their own, or none: then each one's emoji is named in any language."""

    title: str
    pictures: tuple[str, ...]
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """The presets, by title where they are chosen."""

    sets: dict[str, PictureSet]
    classes: dict[str, tuple[str, ...]]  # keys of emoji
    templates: dict[str, tuple[str, ...]]
    questions: tuple[str, ...]
    rankings: dict[str, tuple[str, ...]]  # captions for one picture, by its name
    ranking: tuple[str, ...]  # for any other picture
    map: tuple[tuple[str, tuple[str, ...]], ...]  # (title of a group, keys)
    simclr: tuple[str, ...]


@lru_cache(maxsize=1)
def lesson() -> Lesson:
    said = json.loads(LESSON.read_text(encoding="utf-8"))
    sets = [PictureSet(s["title"], tuple(s["pictures"]), tuple(s.get("captions", ()))) for s in said["sets"]]
    return Lesson(
        sets={one.title: one for one in sets},
        classes={one["title"]: tuple(one["keys"]) for one in said["classes"]},
        templates={one["title"]: tuple(one["lines"]) for one in said["templates"]},
        questions=tuple(said["questions"]),
        rankings={name: tuple(lines) for name, lines in said["rankings"].items()},
        ranking=tuple(said["ranking"]),
        map=tuple(zip(said["map"]["titles"], map(tuple, said["map"]["keys"]), strict=True)),
        simclr=tuple(said["simclr"]),
    )


def emoji_name(key: str, language: str = "en") -> str:
    """What an emoji is called."""
    return emoji()[places()[key]].names[language]


def key_of(picture: str) -> str | None:
    """The key of the one emoji that a picture of the gallery, or a plain one, shows; None for any other."""
    if picture.startswith(PLAIN):
        return picture.removeprefix(PLAIN)
    scene = gallery()[picture].scene if picture in gallery() else None
    return scene.placed[0].key if scene is not None and len(scene.placed) == 1 else None


def captions(some: PictureSet, language: str) -> tuple[str, ...]:
    """The set's captions: its own, or the names of its emoji in a language."""
    return some.captions or tuple(emoji_name(key_of(picture) or "", language) for picture in some.pictures)


def lines(text: str, what: str, most: int, *, commas: bool = False) -> tuple[str, ...]:
    """What a user listed, one a line, or between commas where it is one line; Refused when there are too many."""
    parts = text.splitlines()
    if commas and len([part for part in parts if part.strip()]) <= 1:
        parts = text.replace("，", ",").replace("、", ",").replace("،", ",").split(",")
    found = tuple(" ".join(part.split()) for part in parts if part.strip())
    if not found:
        raise Refused(f"There are no {what}. Write at least one, one a line.")
    if len(found) > most:
        raise Refused(f"{len(found)} {what}; up to {most} are compared at once. Leave some out.")
    return found
