"""What a small transformer learns here: questions with answers, and texts that go on; a character a token."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.requests.learning import LONGEST_ROW, TransformerTraining
from core.types import Refused

LETTERS = "abcdefghij"
ENDS = ">"  # a question of letters
WINDOW = 48  # characters of a text that are read at once
FEWEST = 4  # lines of somebody's own task
HELD_OUT = 10  # one in so many is not trained on
POEM = """\
The lamp is lit, the kettle sings,
the cat has folded up its wings,
for cats have wings, as all cats know,
they only use them in the snow.

The lamp is out, the kettle cold,
the stairs are tired, the house is old,
and on the roof, beneath the moon,
the cat is humming half a tune.

And when the snow begins to fall
it leaves no footprint on the wall;
it flies above the sleeping town
and in the morning it comes down.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One example: what is given, what is asked for, and where its answer stands to be found."""

    given: str
    asked: str
    #: For each character of the answer the places of `given` that hold it; empty where nothing can be said.
    sources: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Rows to learn from and rows that are held out; where `draw` is there, rows without end."""

    alphabet: str
    train: tuple[Row, ...]
    held_out: tuple[Row, ...]
    draw: Callable[[random.Random], Row] | None
    text: str = ""  # of a text that goes on: rows are windows of it
    remark: str = ""  # what the held-out score means


def material(settings: TransformerTraining) -> Material:
    """What these settings learn from. Refused: somebody's own text or task cannot be learned from, and why."""
    if settings.task == "addition":
        return _addition()
    if settings.task == "poem":
        return _text(POEM, "The poem is learned by heart: nothing of it is held out.", held_out=False)
    if settings.task == "your text":
        return _text(settings.text, "The last tenth of the text is held out.", held_out=True)
    if settings.task == "your task":
        return _own(settings.text)
    return _letters(settings.task, settings.longest)


def _letters(task: str, longest: int) -> Material:
    """copy, reverse or sort a few letters; the held-out rows are never drawn."""

    def row(chance: random.Random) -> Row:
        letters = [chance.choice(LETTERS) for _ in range(chance.randint(2, longest))]
        order = list(range(len(letters)))
        if task == "reverse":
            order.reverse()
        if task == "sort":
            order.sort(key=lambda i: letters[i])
        answer = "".join(letters[i] for i in order)
        own = [tuple(k for k, other in enumerate(letters) if other == letters[i]) for i in order]
        sources = tuple(own) if task == "sort" else tuple((i,) for i in order)
        return Row("".join(letters) + ENDS, answer, sources)

    chance = random.Random(longest)
    rows = {one.given: one for one in (row(chance) for _ in range(400))}
    # Short ones are few and all drawn: what is held out are those of the full length.
    held_out = tuple(one for given, one in rows.items() if len(given) > longest)
    kept = {one.given for one in held_out} if longest > 3 else set()

    def draw(source: random.Random) -> Row:
        found = row(source)
        while found.given in kept:
            found = row(source)
        return found

    remark = f"Held out: {len(held_out[:200])} rows that are never drawn."
    if not kept:
        remark = "So short, every row is drawn some time: nothing is held out."
    return Material(LETTERS + ENDS, (), held_out[:200], draw, remark=remark)


def _addition() -> Material:
    """Two numbers of two digits; the sum with its ones first, as one writes it down when adding by hand."""
    rows = [added(a, b) for a in range(100) for b in range(100)]
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    held_out = tuple(rows[i] for i in order[:: HELD_OUT * 2])
    away = set(order[:: HELD_OUT * 2])
    train = tuple(rows[i] for i in range(len(rows)) if i not in away)
    return Material("0123456789+=", train, held_out, None, remark=f"Held out: {len(held_out)} of the 10,000 sums.")


def added(a: int, b: int) -> Row:
    """47+85= and 231: the ones of 132 first. Where an answer's digit comes from: the two digits of its place."""
    total = f"{a + b:03d}"[::-1]
    return Row(f"{a:02d}+{b:02d}=", total, ((1, 4), (0, 3), (0, 3)))


def _text(text: str, remark: str, *, held_out: bool) -> Material:
    if not text.strip():
        raise Refused("There is no text to learn from. Paste a few lines, the more the better.")
    if len(text) < 2 * WINDOW:
        raise Refused(f"This text has {len(text)} characters: at least {2 * WINDOW} are needed. Paste more of it.")
    letters = "".join(sorted(set(text)))
    if len(letters) < 3:
        raise Refused("This text repeats one or two characters: there is nothing to learn. Bring another one.")
    cut = len(text) * (HELD_OUT - 1) // HELD_OUT if held_out and len(text) >= 20 * WINDOW else len(text)
    rest = text[cut:] if cut < len(text) else text
    windows = tuple(
        Row(rest[i : i + 1], rest[i + 1 : i + WINDOW]) for i in range(0, len(rest) - WINDOW + 1, WINDOW // 2)
    )
    said = remark if cut < len(text) or not held_out else "The text is too short to hold some of it out."
    return Material(letters, (), windows[:100], None, text[:cut], said)


def _own(text: str) -> Material:
    """Lines of somebody's own task; parted by the last = or a tab."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = re.split(r"\t|=(?=[^=]*$)", line.strip(), maxsplit=1)
        if len(parts) != 2 or not parts[0].strip() or not parts[1].strip():
            raise Refused(f"Line {number} is no question = answer: {line.strip()[:40]!r}. Write both, with = between.")
        row = Row(f"{parts[0].strip()}=", parts[1].strip())
        if len(row.given) + len(row.asked) > LONGEST_ROW:
            raise Refused(f"Line {number} has more than {LONGEST_ROW} characters. Shorten it.")
        rows.append(row)
    rows = list(dict.fromkeys(rows))
    if len(rows) < FEWEST:
        raise Refused(
            f"Your task has {len(rows)} different lines; at least {FEWEST} are needed, some hundred are better."
        )
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    count = len(rows) // HELD_OUT
    away = {*order[:count]}
    held_out = tuple(rows[i] for i in sorted(away)) or tuple(rows)
    train = tuple(row for i, row in enumerate(rows) if i not in away)
    letters = "".join(sorted({c for row in rows for c in row.given + row.asked}))
    said = (
        f"Held out: {count} of {len(rows)} lines."
        if count
        else "Too few lines to hold some out: this is learning by heart."
    )
    return Material(letters, train, held_out[:200], None, remark=said)


def example(settings: TransformerTraining, found: Material) -> Row:
    """The row whose maps are shown: held out, of full length where there are lengths."""
    if settings.task == "addition":
        return added(47, 85)
    if found.text:
        return Row(found.text[:1], found.text[1:24])
    return max(found.held_out, key=lambda row: (len(set(row.given)), -found.held_out.index(row)))


def repeats(text: str) -> tuple[tuple[int, ...], ...]:
    """For each character of a text but the first, the places where induction would look before writing it.

    That is: behind the earlier places of the character before it (Olsson et al. 2022).
    """
    return tuple(tuple(k + 1 for k in range(place - 1) if text[k] == text[place - 1]) for place in range(1, len(text)))
