"""Sentences put together: against all ways that there are, and where nothing but one answer is right."""

import numpy as np
import pytest

from core.measures.sentence_alignment import KINDS, LENGTH, SPREAD, aligned


def every_way(rows: int, columns: int):
    """All lists of beads that cover both sides in order."""
    if rows == columns == 0:
        yield []
        return
    for wide, high in KINDS:
        if wide <= rows and high <= columns:
            for before in every_way(rows - wide, columns - high):
                yield [*before, ((rows - wide, rows), (columns - high, columns))]


def price(way, source, target, lengths, others) -> float:
    """What a way costs, written from the description alone."""
    unit = lambda v: v / np.linalg.norm(v)  # noqa: E731
    cosines = [[float(unit(a) @ unit(b)) for b in target] for a in source]
    mean, ratio = np.mean(cosines), np.log(sum(others) / sum(lengths))
    total = 0.0
    for (a, b), (c, d) in way:
        total += KINDS[b - a, d - c]
        if a == b or c == d:
            continue
        one = sum(lengths[k] * unit(source[k]) for k in range(a, b))
        other = sum(others[k] * unit(target[k]) for k in range(c, d))
        apart = (np.log(sum(others[c:d]) / sum(lengths[a:b])) - ratio) / SPREAD
        size = (b - a + d - c) / 2
        total += size * ((1 - unit(one) @ unit(other)) / (1 - mean) + LENGTH * apart**2)
    return total


@pytest.mark.parametrize("seed", range(8))
def test_no_other_way_is_cheaper(seed):
    chance = np.random.default_rng(seed)
    rows, columns = chance.integers(1, 5, size=2)
    source, target = chance.normal(1, 1, (rows, 6)), chance.normal(1, 1, (columns, 6))
    lengths, others = chance.integers(5, 60, rows).tolist(), chance.integers(5, 60, columns).tolist()
    found = aligned(source, target, lengths, others)
    ways = list(every_way(int(rows), int(columns)))
    prices = [price(way, source, target, lengths, others) for way in ways]
    assert sum(bead.cost for bead in found) == pytest.approx(min(prices))
    assert [(bead.source, bead.target) for bead in found] == ways[int(np.argmin(prices))]


def spans(found) -> list[tuple]:
    return [(bead.source, bead.target) for bead in found]


def test_a_text_goes_with_itself():
    same = np.eye(5)
    found = aligned(same, same, [10] * 5, [10] * 5)
    assert spans(found) == [((k, k + 1), (k, k + 1)) for k in range(5)]
    assert all(bead.cosine == pytest.approx(1) for bead in found)


def test_a_sentence_that_is_cut_in_two_and_one_that_is_left_out():
    source = np.array([[1.0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]])
    halves = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    found = aligned(source, halves, [20, 40, 20], [20, 20, 20, 20])
    assert spans(found) == [((0, 1), (0, 1)), ((1, 2), (1, 3)), ((2, 3), (3, 4))]
    without = aligned(np.eye(4), np.eye(4)[[0, 1, 3]], [20] * 4, [20] * 3)
    assert spans(without) == [((0, 1), (0, 1)), ((1, 2), (1, 2)), ((2, 3), (2, 2)), ((3, 4), (2, 3))]
    assert without[2].cosine is None
