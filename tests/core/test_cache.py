"""The only cache: a value is made once, errors are not kept, bytes are bounded, and nobody waits for ever."""

import threading
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from core.cache import LEFT, Admission, Cache, Waiting, bytes_of, raise_if_cancelled
from core.types import Refused, Stopped

LIMIT = 30  # seconds after which a thread that hangs fails the test


def made(value):
    return lambda progress, cancelled: value


def run_together(count: int, work) -> list:
    """What `count` threads that do the same work give."""
    found: list = []
    threads = [threading.Thread(target=lambda: found.append(work()), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert not any(thread.is_alive() for thread in threads)
    return found


def test_a_value_is_made_once_and_what_is_equal_finds_it():
    cache, first = Cache(1_000), object()
    assert cache.get(("m", "x"), made(first)) is first
    assert cache.get(("m", "x"), made(object())) is first
    assert cache.get(("m", "y"), made("other")) == "other"
    assert (cache.asked, cache.hits) == (3, 1)


@pytest.mark.parametrize("how", ["get", "here"])
def test_a_full_room_with_one_question_costs_one_answer(how):
    calls, opened = [], threading.Event()
    cache = Cache(1_000)

    def make(*_):
        calls.append(1)
        assert opened.wait(LIMIT)
        return object()

    found: list = []
    threads = [
        threading.Thread(target=lambda: found.append(getattr(cache, how)("key", make)), daemon=True) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    opened.set()
    for thread in threads:
        thread.join(LIMIT)
    assert len(calls) == 1 and len(found) == 20 and len({id(value) for value in found}) == 1


@pytest.mark.parametrize("how", ["get", "here"])
def test_errors_reach_who_asked_and_are_not_kept(how):
    cache, calls = Cache(1_000), []

    def make(*_):
        calls.append(1)
        raise Refused("too long")

    for _ in range(2):
        with pytest.raises(Refused, match="too long"):
            getattr(cache, how)("key", make)
    assert len(calls) == 2 and cache.bytes == 0


def test_the_least_used_goes_first():
    cache, calls = Cache(2, lambda value: 1), []
    for key in ("a", "b", "a", "c", "a", "b"):
        cache.get(key, lambda *_, key=key: calls.append(key) or key)
    assert calls == ["a", "b", "c", "b"]
    assert cache.bytes == 2 and cache.holds("a") and cache.holds("b") and not cache.holds("c")


def test_the_newest_stays_however_large_until_another_comes():
    cache = Cache(10, len)
    assert cache.get("large", made("x" * 100)) == "x" * 100
    assert cache.holds("large") and cache.bytes == 100
    cache.get("small", made("x"))
    assert not cache.holds("large") and cache.bytes == 1


def test_work_that_nobody_waits_for_is_told_to_stop_and_is_not_kept():
    begun, ended = threading.Event(), threading.Event()

    def work(progress, cancelled):
        progress(1, 2, 3.0)
        begun.set()
        while not cancelled():
            assert not ended.wait(0.01)
        ended.set()
        return "half"

    cache, heard = Cache(100, lambda value: 1), []
    with pytest.raises(Stopped):
        cache.get("key", work, lambda *news: heard.append(news), begun.is_set)
    assert ended.wait(LIMIT)
    assert heard in ([], [(1, 2, 3.0)])
    assert cache.get("key", lambda progress, cancelled: cancelled()) is False, "who comes later is not stopped"


def test_work_is_stopped_when_the_one_who_asked_is_gone_though_nobody_said_how_to_stop_it():
    begun, ended = threading.Event(), threading.Event()

    def work(progress, cancelled):
        begun.set()
        while not cancelled():
            assert not ended.wait(0.01)
        ended.set()

    token = LEFT.set(begun.is_set)
    with pytest.raises(Stopped):
        Cache(100).get("key", work)
    LEFT.reset(token)
    assert ended.wait(LIMIT)


def test_progress_comes_in_the_thread_that_asks():
    """A page may draw only from its own."""
    heard, go_on = [], threading.Event()

    def work(progress, cancelled):
        progress(1, 2)
        assert go_on.wait(LIMIT)
        return "value"

    def tell(*news):
        heard.append((news, threading.current_thread()))
        go_on.set()

    assert Cache(100).get("key", work, tell) == "value"
    assert heard == [((1, 2), threading.current_thread())]


def test_only_so_many_are_made_at_once():
    cache, running, most = Cache(10_000, admission=Admission(2)), [], []
    three, lock = threading.Semaphore(0), threading.Lock()

    def make(*_):
        with lock:
            running.append(1)
            most.append(len(running))
        three.acquire(timeout=0.2)  # none is released: it lets the others come as far as they may
        with lock:
            running.pop()
        return 1

    numbers = iter(range(6))
    run_together(6, lambda: cache.get(next(numbers), make, needs=1))
    assert max(most) == 2


def test_work_that_asks_for_more_gives_up_its_room_meanwhile():
    """With room for one, a question that needs another one's answer would else wait for ever."""
    cache = Cache(10_000, admission=Admission(1))

    def outer(*_):
        deep = cache.here("quick", lambda: cache.get("deep", made(10), needs=1))
        return cache.get("inner", made(1), needs=1) + deep

    assert run_together(4, lambda: cache.get("outer", outer, needs=1)) == [11] * 4
    assert cache.get("after", made("free"), needs=1) == "free"


@pytest.mark.parametrize(("sizes", "most"), [((1, 1, 1, 1), 3), ((2, 2, 2), 1), ((9, 9), 1), ((1, 9, 1), 1)])
def test_bytes_decide_how_much_is_at_work_and_what_is_too_large_runs_alone(sizes, most):
    """Room for 3: as many as fit, in the order in which they came."""
    admission, inside, seen = Admission(3), [], []
    lock, hold = threading.Lock(), threading.Semaphore(0)

    def work(size):
        with admission.room(size):
            with lock:
                inside.append(size)
                seen.append(len(inside))
            hold.acquire(timeout=0.2)  # none is released: the others may come as far as there is room
            with lock:
                inside.remove(size)

    left = iter(sizes)
    run_together(len(sizes), lambda: work(next(left)))
    assert max(seen) == most and not admission.running_now


def test_who_waits_is_told_how_many_come_before():
    cache, go_on = Cache(10_000, admission=Admission(1)), threading.Event()
    heard: list = []

    def slow(*_):
        assert go_on.wait(LIMIT)
        return "slow"

    first = threading.Thread(target=lambda: cache.get("first", slow, needs=1), daemon=True)
    first.start()
    while not cache.admission.running_now:
        pass

    def tell(*news):
        heard.append(news)
        go_on.set()

    assert cache.get("second", made("value"), tell, needs=1) == "value"
    first.join(LIMIT)
    assert isinstance(heard[0][0], Waiting) and heard[0][0].before == 1 and heard[0] == (0.0, 1)


def test_beyond_so_many_that_wait_one_is_sent_away_and_who_asks_the_same_is_not():
    cache, go_on, begun = (
        Cache(10_000, admission=Admission(1, most_waiting=lambda: 1)),
        threading.Event(),
        threading.Event(),
    )

    def slow(*_):
        begun.set()
        assert go_on.wait(LIMIT)
        return "slow"

    found: list = []

    def ask(key):
        found.append(cache.get(key, slow, needs=1))

    threads = [threading.Thread(target=ask, args=(key,), daemon=True) for key in ("at work", "waits", "waits")]
    threads[0].start()
    assert begun.wait(LIMIT)
    threads[1].start()
    while not cache.admission.waiting_now:
        pass
    threads[2].start()
    with pytest.raises(Refused, match="1 questions wait"):
        cache.get("sent away", slow, needs=1)
    go_on.set()
    for thread in threads:
        thread.join(LIMIT)
    assert found == ["slow"] * 3
    assert cache.get("later", made("now"), needs=1) == "now"


def test_who_leaves_while_waiting_is_not_worked_for(monkeypatch):
    monkeypatch.setattr("core.cache.waiting.ONCE_MORE", 0.01)
    cache, go_on, begun = Cache(10_000, admission=Admission(1)), threading.Event(), threading.Event()
    worked: list = []

    def slow(*_):
        begun.set()
        assert go_on.wait(LIMIT)

    first = threading.Thread(target=lambda: cache.get("first", slow, needs=1), daemon=True)
    first.start()
    assert begun.wait(LIMIT)
    with pytest.raises(Stopped):
        cache.get("left", lambda *_: worked.append(1), cancelled=lambda: cache.admission.waiting_now > 0, needs=1)
    while cache.admission.waiting_now:
        pass
    go_on.set()
    first.join(LIMIT)
    assert cache.get("after", made("free"), needs=1) == "free" and not worked


def test_who_waits_for_a_quick_value_makes_it_when_its_maker_is_ended():
    """Streamlit ends a script's thread by an exception that is no error."""
    cache, waiting, calls = Cache(1_000), threading.Event(), []

    class Ended(BaseException):
        pass

    def make():
        calls.append(1)
        if len(calls) == 1:
            assert waiting.wait(LIMIT)
            raise Ended
        return "value"

    def first():
        with pytest.raises(Ended):
            cache.here("key", make)

    maker = threading.Thread(target=first, daemon=True)
    maker.start()
    found: list = []
    other = threading.Thread(target=lambda: found.append(cache.here("key", make)), daemon=True)
    other.start()
    waiting.set()
    maker.join(LIMIT)
    other.join(LIMIT)
    assert found == ["value"]


def test_what_is_put_is_found_and_a_value_that_is_there_stays():
    cache = Cache(1_000)
    assert cache.find("key") is None
    cache.put("key", "first")
    cache.put("key", "second")
    assert cache.find("key") == "first"
    cache.clear()
    assert cache.find("key") is None and cache.bytes == 0


@dataclass(frozen=True)
class Held:
    table: np.ndarray
    names: tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (np.zeros((10, 10), np.float32), 400, 1_000),
        (torch.zeros(10, 10), 400, 1_000),
        (b"x" * 5_000, 5_000, 5_500),
        ({"a": np.zeros(1_000, np.uint8)}, 1_000, 2_000),
        (Held(np.zeros(1_000, np.uint8), ("a", "b")), 1_000, 2_500),
        ((3, None, 1.5), 0, 1_000),
        (Counter({"a": 3}), 0, 1_000),
    ],
)
def test_bytes_are_counted_near_enough(value, least, most):
    assert least <= bytes_of(value) <= most


def test_what_a_value_holds_twice_counts_once():
    table = np.zeros(100_000, np.uint8)
    assert bytes_of((table, table)) < 102_000


def test_cancelled_work_says_so():
    raise_if_cancelled(lambda: False)
    with pytest.raises(Stopped):
        raise_if_cancelled(lambda: True)
