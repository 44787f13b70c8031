"""Texts in the browser's scripts: each string and template, with {names} for what is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator

PIECE = re.compile(
    r"""//[^\n]*|/\*.*?\*/                                  # remarks
    |(?<=[(,=:\[!&|?{};])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+/[a-z]*  # patterns
    |"(?P<double>(?:\\.|[^"\\\n])*)"|'(?P<single>(?:\\.|[^'\\\n])*)'|(?P<template>`)""",
    re.VERBOSE | re.DOTALL,
)
#: The names of an element's classes are nobody's words.
CLASSES = re.compile(r"""(make\("\w+", )"[^"]*\"""")
NAME = re.compile(r"[A-Za-z_]\w*")
MOST = 8  # ways in which one text comes out


def texts(source: str) -> Iterator[str]:
    """Every text of a script."""
    source = CLASSES.sub(r'\1""', source)
    at = 0
    while found := PIECE.search(source, at):
        at = found.end()
        if found["template"]:
            parts, at = _template(source, at)
            yield from _ways(parts)
            for inner in parts[1::2]:
                yield from texts(inner)
        elif (text := found["double"] or found["single"]) is not None:
            yield _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\\(u[0-9a-f]{4}|.)", lambda it: chr(int(it[1][1:], 16)) if len(it[1]) > 1 else _sign(it[1]), text)


def _sign(letter: str) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(letter, letter)


def _template(source: str, at: int) -> tuple[list[str], int]:
    """(text, expression, text, ...) of a template that begins at a place, and where it ends."""
    parts, text = [], ""
    while source[at] != "`":
        if source.startswith("${", at):
            inner, at = _expression(source, at + 2)
            parts += [_plain(text), inner]
            text = ""
        else:
            width = 2 if source[at] == "\\" else 1
            text += source[at : at + width]
            at += width
    return [*parts, _plain(text)], at + 1


def _expression(source: str, at: int) -> tuple[str, int]:
    """What stands in ${...}, with braces and templates of its own, and where it ends."""
    begin, depth = at, 1
    while depth:
        if source[at] == "`":
            _, at = _template(source, at + 1)
            continue
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        at += 1
    return source[begin : at - 1], at


def _ways(parts: list[str]) -> list[str]:
    lines = [""]
    for place, part in enumerate(parts):
        options = _options(part) if place % 2 else [part]
        lines = [line + option for line in lines for option in options][:MOST]
    return lines


def _options(expression: str) -> list[str]:
    """What an expression can give: both sides of a choice, the text of a string, a {name} of anything else."""
    expression = expression.strip()
    if choice := _choice(expression):
        return [option for side in choice for option in _options(side)][:MOST]
    if expression[:1] in {'"', "'"} and PIECE.fullmatch(expression):
        return [_plain(expression[1:-1])]
    if expression[:1] == "`" and _template(expression, 1)[1] == len(expression):
        return _ways(_template(expression, 1)[0])
    return [f"{{{_name_of(expression)}}}"]


def _choice(expression: str) -> tuple[str, str] | None:
    """(one, other) of `condition ? one : other`."""
    at, depth, asked = 0, 0, 0
    while at < len(expression):
        sign = expression[at]
        if sign == "`":
            _, at = _template(expression, at + 1)
            continue
        if sign in {'"', "'"} and (text := PIECE.match(expression, at)):
            at = text.end()
            continue
        if depth == 0 and expression.startswith(("??", "?."), at):
            at += 2
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        if depth == 0 and sign == "?" and not asked:
            asked = at
        elif depth == 0 and sign == ":" and asked:
            return expression[asked + 1 : at], expression[at + 1 :]
        at += 1
    return None


def _name_of(expression: str) -> str:
    names = NAME.findall(re.sub(r"\(.*", "", expression, flags=re.DOTALL)) or NAME.findall(expression)
    return names[-1] if names else "x"
