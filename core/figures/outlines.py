"""Outlines as SVG writes them (https://www.w3.org/TR/SVG2/paths.html), as paths of matplotlib."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.path import Path

from core.types import Refused

COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
MOST_COMMANDS = 500_000


def outline(text: str) -> Path:
    """The path of an attribute d; Refused where it is none."""
    pen = _Pen()
    for command, numbers in _commands(text):
        pen.follow(command, numbers)
    codes = np.array(pen.codes, np.uint8) if pen.codes else None
    return Path(np.array(pen.points, float).reshape(-1, 2), codes)


def _commands(text: str) -> list[tuple[str, list[float]]]:
    """Each command with its own numbers: those that follow each other without a letter are the same again."""
    found: list[tuple[str, list[float]]] = []
    for letter, rest in COMMAND.findall(text):
        numbers, count = [float(one) for one in NUMBER.findall(rest)], COUNTS[letter.upper()]
        if (len(numbers) % count if count else numbers) or (count and not numbers):
            raise Refused("An outline of this picture cannot be read.")
        again = {"M": "L", "m": "l"}.get(letter, letter)
        steps = range(0, max(1, len(numbers)), count or 1)
        found += [(again if place else letter, numbers[place : place + count]) for place in steps]
    if len(found) > MOST_COMMANDS:
        raise Refused("An outline of this picture is too long for a PDF: save PNG instead.")
    return found


class _Pen:
    """Follows the commands: where it stands, where the outline began, and the last control point with its kind."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.codes: list[np.uint8 | int] = []
        self.here = self.start = self.control = (0.0, 0.0)
        self.last = ""

    def follow(self, command: str, numbers: list[float]) -> None:
        kind, relative = command.upper(), command.islower()
        (x, y), (dx, dy) = self.here, self.here if relative else (0.0, 0.0)
        if kind == "Z":
            if self.codes:
                self._add(Path.CLOSEPOLY, self.start)
            self.here = self.start
        elif kind == "A":
            self._arc(numbers, (numbers[5] + dx, numbers[6] + dy))
        elif kind in "HV":
            end = (numbers[0] + dx, y) if kind == "H" else (x, numbers[0] + dy)
            self._add(Path.LINETO, end)
        else:
            pairs = [(a + dx, b + dy) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
            self._curve(kind, pairs)
        self.last = kind

    def _curve(self, kind: str, pairs: list[tuple[float, float]]) -> None:
        (x, y), (cx, cy) = self.here, self.control
        mirrored = (2 * x - cx, 2 * y - cy)
        if kind == "M":
            self.start = pairs[0]
            self._add(Path.MOVETO, pairs[0])
        elif kind == "L":
            self._add(Path.LINETO, pairs[0])
        elif kind in "CS":
            first = pairs if kind == "C" else [mirrored if self.last in "CS" and self.last else self.here, *pairs]
            self._add(Path.CURVE4, *first)
        else:
            first = pairs if kind == "Q" else [mirrored if self.last in "QT" and self.last else self.here, *pairs]
            self._add(Path.CURVE3, *first)

    def _add(self, code: np.uint8 | int, *points: tuple[float, float]) -> None:
        if not self.codes and code != Path.MOVETO:
            self._add(Path.MOVETO, self.here)
        self.points += points
        self.codes += [code] * len(points)
        self.control = points[-2] if len(points) > 1 else points[-1]
        self.here = points[-1]

    def _arc(self, numbers: list[float], end: tuple[float, float]) -> None:
        """An elliptical arc as curves (SVG 2, appendix B.2.4: from endpoints to the centre)."""
        across, down, turn = abs(numbers[0]), abs(numbers[1]), np.radians(numbers[2])
        start = np.array(self.here)
        if not across or not down or tuple(start) == end:
            self._add(Path.LINETO, end)
            return
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        half = spin @ (start - end) / 2
        over = (half[0] / across) ** 2 + (half[1] / down) ** 2
        if over > 1:
            across, down = across * np.sqrt(over), down * np.sqrt(over)
        radii = np.array([across, down])
        square = max(0.0, 1 / max(float(((half / radii) ** 2).sum()), 1e-12) - 1)
        sign = -1 if bool(numbers[3]) == bool(numbers[4]) else 1
        middle = sign * np.sqrt(square) * np.array([across * half[1] / down, -down * half[0] / across])
        centre = spin.T @ middle + (start + end) / 2
        one, two = ((v - middle) / radii for v in (half, -half))
        first, sweep = np.arctan2(one[1], one[0]), np.arctan2(two[1], two[0])
        sweep -= first
        if numbers[4] and sweep < 0:
            sweep += 2 * np.pi
        elif not numbers[4] and sweep > 0:
            sweep -= 2 * np.pi
        parts = max(1, int(np.ceil(abs(sweep) / (np.pi / 2) - 1e-9)))
        step = sweep / parts
        pull = 4 / 3 * np.tan(step / 4)
        for k in range(parts):
            a, b = first + k * step, first + (k + 1) * step
            unit = np.array(
                [
                    [np.cos(a) - pull * np.sin(a), np.sin(a) + pull * np.cos(a)],
                    [np.cos(b) + pull * np.sin(b), np.sin(b) - pull * np.cos(b)],
                    [np.cos(b), np.sin(b)],
                ]
            )
            placed = (unit * radii) @ spin + centre
            self._add(Path.CURVE4, *(tuple(point) for point in placed))
