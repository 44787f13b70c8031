"""Full collections stay short: what survives a long one is out of the collector's way, and is looked through later."""

import gc
import weakref

import pytest

from ui.server import tidying
from ui.server.tidying import MINUTE, Tidying


class Cycle:
    """Only the collector can free it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""
    now = [0.0]
    monkeypatch.setattr(tidying.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(tidying.time, "monotonic", lambda: now[0])
    yield now
    gc.unfreeze()


def heard(some: Tidying, clock: list[float], seconds: float, generation: int = 2) -> bool:
    some.hear("start", {"generation": generation})
    clock[0] += seconds
    some.hear("stop", {"generation": generation})
    return some.late.is_set()


@pytest.mark.parametrize(("seconds", "generation", "late"), [(0.2, 2, True), (0.01, 2, False), (0.2, 1, False)])
def test_only_a_long_full_collection_counts(clock, seconds, generation, late):
    assert heard(Tidying(), clock, seconds, generation) is late


def test_what_survived_is_out_of_the_way_and_freed_once_a_minute(clock):
    some, here = Tidying(), Cycle()
    gone = weakref.ref(here)
    heard(some, clock, 0.2)
    some.turn(clock[0])
    assert gc.get_freeze_count() > 1_000 and not any(one is here for one in gc.get_objects())
    del here
    gc.collect()
    assert gone() is not None, "what is out of the way is not looked at"
    some.turn(clock[0] + MINUTE / 2)
    assert gone() is not None
    some.turn(clock[0] + MINUTE + 1)
    assert gone() is None


def test_nothing_is_done_while_collections_are_short(clock, monkeypatch):
    monkeypatch.setattr(tidying, "freeze_garbage", lambda: pytest.fail("all was looked through"))
    some, before = Tidying(), gc.get_freeze_count()
    heard(some, clock, 0.01)
    some.turn(clock[0] + 10 * MINUTE)
    assert gc.get_freeze_count() == before
