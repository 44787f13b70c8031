"""The latest answers stay on the GPU within a bound; older ones are moved to the host, the oldest first."""

from core.cache import memory
from core.capture.on_gpu import HELD, Held


class Answer:
    """Something on a GPU."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes, self.moved = nbytes, False

    def to_host(self) -> None:
        self.moved = True


def moved(*answers: Answer) -> list[bool]:
    return [one.moved for one in answers]


def test_the_oldest_leave_first_and_what_fits_stays():
    held, answers = Held(), [Answer(40), Answer(40), Answer(40)]
    for one in answers:
        held.hold(one)
    held.shrink(100)
    assert moved(*answers) == [True, False, False]
    answers[0].moved = False
    held.shrink(80)
    assert moved(*answers) == [False, False, False]  # the first is held no more, the others fit


def test_one_that_is_larger_than_the_bound_does_not_stay():
    held, large, small = Held(), Answer(500), Answer(10)
    held.hold(large)
    held.shrink(100)
    held.hold(small)
    assert moved(large, small) == [True, False]


def test_what_is_dropped_elsewhere_takes_no_room():
    held, kept = Held(), Answer(60)
    dropped = Answer(60)
    held.hold(dropped)
    held.hold(kept)
    del dropped
    held.shrink(100)
    assert not kept.moved


def test_a_full_gpu_gets_all_of_it_back():
    one = Answer(1)
    HELD.hold(one)
    memory.make_room()
    assert one.moved
