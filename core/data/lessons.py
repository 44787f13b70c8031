"""Lessons as plain files: a front matter, then steps, each with a link, words, a question or a task."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, urlencode, urlsplit

from core.data.lesson import Asked, Card, Condition, Form, Given, Known, Lesson, Light, Link, Question, Step, Task, Test
from core.data.lined import Fields, Lined, lined, pairs_of
from core.types import Refused

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "lessons"
MOST_BYTES = 60_000  # of a file
STEPS = (5, 9)
LONGEST = 300  # characters of a sentence
LONGEST_TEXT = 900  # of what is said at a step
MOST_CHOICES = 6
NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
LEVELS = ("first steps", "going on", "for researchers")
HEAD = ("title", "theme", "level", "minutes", "about")
STEP = ("open", "light", "predict", "do", "home", "recall")
PREDICT = ("ask", "measure", "with", "choices", "most", "least", "above", "number", "hide")
NUMBER = ("from", "to", "near", "unit")
DO = ("tell", "when", "shown")
WHEN = ("choice", "measure", "with", "is", "not", "has", "above", "below")
RECALL = ("ask", "answer")
LIGHTS = {
    "picture": re.compile(r""),
    "control": re.compile(r"[a-z][a-z0-9_]{0,39}"),
    "head": re.compile(r"\d{1,2}\.\d{1,3}"),
    "row": re.compile(r"\d{1,4}"),
    "column": re.compile(r"\d{1,4}"),
    "cell": re.compile(r"\d{1,4} \d{1,4}"),
}
OUR_OWN = ("lesson", "lesson_step", "projector", "room", "lead")  # what a link carries that is no page's


def read_lesson(text: str, name: str, known: Known) -> Lesson:
    """A lesson from the text of its file; Refused names the line and what to write instead."""
    if len(text.encode()) > MOST_BYTES:
        raise Refused(f"A lesson has up to {MOST_BYTES // 1000} kB; this file has more. Make two lessons of it.")
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines or lines[0].strip() != "---":
        raise Refused(f"Line 1: a lesson begins with a line --- and the keys {', '.join(HEAD)}.")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise Refused("Line 1: the keys after the first --- have no end. Add a second line --- below them.")
    head = lined("\n".join(lines[1:end]), 2).fields("the beginning of a lesson", HEAD)
    level = head["level"].text("level", 40)
    if level not in LEVELS:
        raise head["level"].refuse(f"level is one of: {', '.join(LEVELS)}.")
    steps = tuple(_step(part, at, known) for part, at in _parts(lines, end + 1))
    if not STEPS[0] <= len(steps) <= STEPS[1]:
        raise Refused(f"Line {len(lines)}: a lesson has {STEPS[0]} to {STEPS[1]} steps; this one has {len(steps)}.")
    title, theme, about = (
        head[key].text(key, longest) for key, longest in (("title", 80), ("theme", 40), ("about", LONGEST))
    )
    return Lesson(name, title, theme, level, int(head["minutes"].number("minutes", 1, 90)), about, steps)


def _parts(lines: list[str], first: int) -> list[tuple[list[str], int]]:
    """(lines of a step, index of its title) for each line that begins with ##. Refused: words before the first."""
    starts = [i for i in range(first, len(lines)) if lines[i].startswith("## ")]
    for i in range(first, starts[0] if starts else len(lines)):
        if lines[i].strip():
            raise Refused(f"Line {i + 1}: begin each step with a title, in a line that starts with ## and a blank.")
    return [(lines[a:b], a) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _step(part: list[str], at: int, known: Known) -> Step:
    title = Lined(part[0].removeprefix("## "), at + 1).text("the title of a step", 80)
    fences = [i for i, line in enumerate(part) if line.strip().startswith("```")]
    if len(fences) < 2 or part[fences[0]].strip() != "```yaml" or part[fences[1]].strip() != "```":
        raise Refused(f"Line {at + 1}: below its title a step has a block that begins with ```yaml and ends with ```.")
    if len(fences) > 2:
        raise Refused(f"Line {at + 1 + fences[2]}: a step has one block of ```yaml.")
    above = next((i for i in range(1, fences[0]) if part[i].strip()), None)
    if above is not None:
        raise Refused(f"Line {at + 1 + above}: the words of a step stand below its block.")
    keys = lined("\n".join(part[fences[0] + 1 : fences[1]]), at + 2 + fences[0]).fields("a step", STEP)
    text = "\n".join(part[fences[1] + 1 :]).strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise Refused(f"Line {at + 2 + fences[1]}: a step says something, in up to {LONGEST_TEXT} characters.")
    if "predict" in keys and "do" in keys:
        raise keys["do"].refuse("a step has something to predict or something to do, not both. Make two steps of it.")
    home = keys.get("home")
    opened = _link(keys["open"], known)
    return Step(
        title,
        "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text)),
        opened,
        tuple(_light(one) for one in keys["light"].items("light", 4)) if "light" in keys else (),
        _question(keys["predict"].fields("predict", PREDICT), known) if "predict" in keys else None,
        _task(keys["do"].fields("do", DO), known) if "do" in keys else None,
        home.text("home", LONGEST) if home else "",
        _cards(keys["recall"]) if "recall" in keys else (),
    )


def _cards(found: Lined) -> tuple[Card, ...]:
    some = (one.fields("recall", RECALL) for one in found.items("recall", 8))
    return tuple(Card(one["ask"].text("ask", LONGEST), one["answer"].text("answer", 2 * LONGEST)) for one in some)


def _link(found: Lined, known: Known) -> Link:
    """A link as Gaze makes it: a whole address, or page?choices, or a mapping of the same."""
    if isinstance(found.value, dict):
        parts = {name: entry.raw(name, 20_000) for name, entry in pairs_of(found, "a link", 30)}
        page = parts.pop("page", "")
        query = urlencode(parts)
    else:
        try:
            split = urlsplit(found.text("a link", 20_000))
        except ValueError as error:
            raise found.refuse("this is no address. Copy the address of a page from your browser.") from error
        page = split.path.rstrip("/").rpartition("/")[2]
        own = [(k, v) for k, some in parse_qs(split.query, keep_blank_values=True).items() for v in some]
        query = urlencode([(name, value) for name, value in own if name not in OUR_OWN])
    page = "" if page == "start" else page
    if page not in known.pages:
        names = ", ".join(sorted(name for name in known.pages if name))
        raise found.refuse(f"there is no page {page[:40]!r}. Copy the address of a page. Pages are: {names}.")
    return Link(page, query)


def _light(found: Lined) -> Light:
    kind, _, which = found.text("light", 60).partition(" ")
    if kind not in LIGHTS or not LIGHTS[kind].fullmatch(which):
        raise found.refuse(
            "what lights up is: picture; control NAME (of a choice in the address); head LAYER.HEAD, counted from 1; "
            "row N, column N or cell ROW COLUMN, counted from 0 as the picture writes them."
        )
    return Light(kind, which)


def _asked(keys: Fields, known: Known) -> Asked:
    entry = keys["measure"]
    name = entry.text("measure", 60)
    if name not in known.measures:
        close = difflib.get_close_matches(name, known.measures, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise entry.refuse(f"there is no measure {name[:40]!r}.{meant} docs/lessons.md lists all of them.")
    given: list[tuple[str, str]] = []
    if "with" in keys:
        for key, value in pairs_of(keys["with"], "with", 12):
            given.append((key, value.raw(key, 20_000)))
    return Asked(name, tuple(given))


def _question(keys: Fields, known: Known) -> Question:
    asked = _asked(keys, known)
    forms = [name for name in ("choices", "most", "least", "number") if name in keys]
    if len(forms) != 1:
        raise Refused(
            f"Line {keys['ask'].line}: a question has one of choices, most, least or number; this one has {len(forms)}."
        )
    (form,) = forms
    if known.measures[asked.measure] == "text" and (form != "choices" or "above" in keys):
        raise keys["measure"].refuse(f"{asked.measure} gives a word, not a number: ask for one of choices.")
    read = {"number": _guess, "most": _compared, "least": _compared, "choices": _chosen}[form]
    hide = keys["hide"].text("hide", 5) if "hide" in keys else "yes"
    if hide not in ("yes", "no"):
        raise keys["hide"].refuse("hide is yes or no: whether the picture is veiled until somebody has predicted.")
    return replace(read(keys, Question(keys["ask"].text("ask", LONGEST), "choices", asked)), hide=hide == "yes")


def _guess(keys: Fields, question: Question) -> Question:
    scale = keys["number"].fields("number", NUMBER)
    least, most = (scale[name].number(name, -1e9, 1e9) for name in ("from", "to"))
    if least >= most:
        raise scale["to"].refuse("to is more than from.")
    unit = scale.get("unit")
    near = scale["near"].number("near", 0, most - least)
    return replace(question, form="number", scale=(least, most, near), unit=unit.text("unit", 20) if unit else "")


def _compared(keys: Fields, question: Question) -> Question:
    form: Form = "most" if "most" in keys else "least"
    sides = [(name, _side(one)) for name, one in pairs_of(keys[form], form, MOST_CHOICES)]
    if len(sides) < 2:
        raise keys[form].refuse("there is nothing to compare. Give two choices or more.")
    names, given = zip(*sides, strict=True)
    return replace(question, form=form, choices=tuple(names), sides=tuple(given))


def _chosen(keys: Fields, question: Question) -> Question:
    if keys["choices"].value == "tokens":
        return replace(question, form="tokens")
    choices = tuple(one.text("a choice", LONGEST) for one in keys["choices"].items("choices", MOST_CHOICES))
    if len(choices) < 2 or len(set(choices)) < len(choices):
        raise keys["choices"].refuse(f"choices are 2 to {MOST_CHOICES} different answers, or the word tokens.")
    if "above" not in keys:
        return replace(question, choices=choices)
    if len(choices) != 2:
        raise keys["above"].refuse("with above there are two choices: the first is right above the number.")
    return replace(question, form="yes", choices=choices, above=keys["above"].number("above", -1e9, 1e9))


def _side(found: Lined) -> Given:
    """What changes in the address for one choice: a mapping, or the query of a link."""
    if isinstance(found.value, dict):
        return tuple((name, one.raw(name, 20_000)) for name, one in pairs_of(found, "a choice", 12))
    said = found.text("a choice", 20_000)
    query = parse_qs(said.lstrip("?"), keep_blank_values=True)
    if "=" not in said:
        raise found.refuse("write what changes in the address, such as model=mini-gpt.")
    return tuple((name, values[-1]) for name, values in query.items())


def _task(keys: Fields, known: Known) -> Task:
    conditions = tuple(_condition(one, known) for one in keys["when"].items("when", 6))
    return Task(keys["tell"].text("tell", LONGEST), conditions, _link(keys["shown"], known))


def _condition(found: Lined, known: Known) -> Condition:
    keys = found.fields("a condition", WHEN)
    if ("choice" in keys) == ("measure" in keys):
        raise found.refuse("a condition names a choice of the address or a measure: one of the two.")
    tests = [name for name in get_args(Test) if name in keys]
    if len(tests) != 1:
        raise found.refuse("a condition has one of is, not, has, above or below.")
    (test,) = tests
    value = keys[test].value
    if not isinstance(value, str) or len(value) > LONGEST:
        raise keys[test].refuse(f"{test} is followed by a text or a number.")
    if test in ("above", "below"):
        keys[test].number(test, -1e9, 1e9)
    if "measure" in keys:
        asked = _asked(keys, known)
        if known.measures[asked.measure] == "text" and test in ("above", "below"):
            raise keys[test].refuse(f"{asked.measure} gives a word, not a number: use is, not or has.")
        return Condition(asked.measure, test, value, asked)
    return Condition(keys["choice"].text("choice", 60), test, value)


def lesson_files(folder: Path = FOLDER) -> dict[str, Path]:
    """Name -> file of the lessons that come with Gaze, in the order of their file names."""
    return {path.stem.split("_", 1)[-1]: path for path in sorted(folder.glob("*.md"))}


def read_file(path: Path, name: str, known: Known) -> Lesson:
    """The lesson in a file. Refused: it is not there, is no text, or says something wrong."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Refused(f"{path.name} has more than {MOST_BYTES // 1000} kB. Make two lessons of it.")
        return read_lesson(path.read_text(encoding="utf-8"), name, known)
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is no text in UTF-8. Save it as such.") from error
