"""YAML with the line of every value, so that what is wrong in somebody's file can be named; texts stay as written."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from core.types import Refused

DEEPEST = 6  # levels of lists and mappings in each other


@dataclass(frozen=True, slots=True)
class Lined:
    """A value of a file: a text, a list or a mapping of such values, and the line that it begins in, from 1."""

    value: Any
    line: int

    def refuse(self, sentence: str) -> Refused:
        return Refused(f"Line {self.line}: {sentence}")

    def text(self, what: str, longest: int) -> str:
        """The text, its white space tidied. Refused: it is none, or empty, or too long."""
        if not isinstance(self.value, str):
            raise self.refuse(f"{what} is a text.")
        text = " ".join(self.value.split())
        if not text:
            raise self.refuse(f"{what} is empty. Write something behind the colon.")
        if len(text) > longest:
            raise self.refuse(f"{what} has {len(text):,} characters; up to {longest:,} are read. Shorten it.")
        return text

    def raw(self, what: str, longest: int) -> str:
        """The text as it stands, empty or with line breaks. Refused: it is none, or too long."""
        if not isinstance(self.value, str) or len(self.value) > longest:
            raise self.refuse(f"{what} is a text of up to {longest:,} characters.")
        return self.value

    def number(self, what: str, least: float, most: float) -> float:
        """A number from least to most. Refused: it is none."""
        try:
            value = float(self.value)
        except (TypeError, ValueError):
            value = float("nan")
        if not least <= value <= most:
            raise self.refuse(f"{what} is a number from {least:g} to {most:g}.")
        return value

    def items(self, what: str, most: int) -> tuple[Lined, ...]:
        """The entries of a list; a single text is a list of one. Refused: it is none, or empty, or too long."""
        if isinstance(self.value, str):
            return (self,)
        if not isinstance(self.value, tuple) or not 1 <= len(self.value) <= most:
            raise self.refuse(f"{what} is a list of 1 to {most} entries, each behind a dash.")
        return self.value

    def fields(self, what: str, keys: Collection[str]) -> Fields:
        """The entries of a mapping. Refused: it is none, or has a key that is not known."""
        if not isinstance(self.value, dict):
            raise self.refuse(f"{what} needs keys, one a line: {', '.join(keys)}.")
        for name, (_, line) in self.value.items():
            if name not in keys:
                close = difflib.get_close_matches(name, keys, n=1)
                meant = f" Did you mean {close[0]!r}?" if close else ""
                raise Lined(name, line).refuse(f"{what} has no key {name[:40]!r}.{meant} Keys are: {', '.join(keys)}.")
        return Fields(what, {name: entry for name, (entry, _) in self.value.items()}, self.line)


@dataclass(frozen=True, slots=True)
class Fields:
    """The entries of a mapping whose keys are known."""

    what: str  # it is, for sentences
    entries: dict[str, Lined]
    line: int

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __getitem__(self, name: str) -> Lined:
        if name not in self.entries:
            raise Refused(f"Line {self.line}: {self.what} lacks {name!r}. Add a line that begins with {name}:")
        return self.entries[name]

    def get(self, name: str) -> Lined | None:
        return self.entries.get(name)


def pairs_of(found: Lined, what: str, most: int) -> Iterator[tuple[str, Lined]]:
    """(key, value) of a mapping with keys of the writer's own. Refused: it is none, or has too many."""
    if not isinstance(found.value, dict) or not 1 <= len(found.value) <= most:
        raise found.refuse(f"{what} needs 1 to {most} lines of the form key: value.")
    return ((name, entry) for name, (entry, _) in found.value.items())


class _Loader(yaml.SafeLoader):
    """Refuses aliases, by which a short file becomes an endless one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise Refused(f"Line {self.peek_event().start_mark.line + 1}: write this out; aliases are not read.")
        return super().compose_node(parent, index)


def lined(text: str, first: int = 1) -> Lined:
    """The value of a piece of YAML whose first line is number `first` of its file. Refused: it cannot be read."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first + (mark.line if mark else 0)
        raise Refused(f"Line {line}: this cannot be read ({error.problem}). {ADVICE}") from error
    except RecursionError as error:
        raise Refused(f"Line {first}: this is nested too deeply.") from error
    except yaml.YAMLError as error:
        raise Refused(f"Line {first}: this cannot be read. {ADVICE}") from error
    except Refused as refusal:
        raise Refused(_moved(str(refusal), first)) from refusal
    if node is None:
        return Lined({}, first)
    return _entry(node, first, 1)


ADVICE = "Write key: value, indent with blanks, and put a text with a colon in it between quotes."


def _moved(sentence: str, first: int) -> str:
    """The same sentence where the piece begins further down."""
    number, rest = sentence.removeprefix("Line ").split(":", 1)
    return f"Line {int(number) + first - 1}:{rest}"


def _entry(node: yaml.Node, first: int, depth: int) -> Lined:
    line = first + node.start_mark.line
    if depth > DEEPEST:
        raise Refused(f"Line {line}: this is nested too deeply.")
    if isinstance(node, yaml.ScalarNode):
        return Lined(str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return Lined(tuple(_entry(one, first, depth + 1) for one in node.value), line)
    found: dict[str, tuple[Lined, int]] = {}
    for key, value in node.value:
        at = first + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            raise Refused(f"Line {at}: a key is a word.")
        if key.value in found:
            raise Refused(f"Line {at}: the key {key.value[:40]!r} stands here twice. Take one of them out.")
        found[str(key.value)] = (_entry(value, first, depth + 1), at)
    return Lined(found, line)
