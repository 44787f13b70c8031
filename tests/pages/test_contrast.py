"""The page Contrast: what there is to drag in each loss, and where the loss is at work."""

import itertools
import math

import pytest

from pages.contrast import LOSSES, MODES, PLACES, points
from tests.apptest import PAGES, components
from tests.apptest import page as opened_page
from tests.drawn import said, unpacked


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_opens_on_its_points(loss):
    at = opened_page("contrast", loss=loss)
    (component,) = components(at)
    header, _ = unpacked(component.proto.bytes)
    assert header["mode"] == MODES[loss] and len(header["points"]) == (7 if loss == "Skip-gram" else 8)
    assert "gaze-notes" in said(at) and "gaze-advice" not in said(at)
    assert (PAGES / f"{PLACES[loss][1]}.py").exists()


@pytest.mark.parametrize("loss", LOSSES)
def test_no_two_points_begin_on_each_other_and_all_have_names_of_their_own(loss):
    for count in range(2, 7):
        some = points(loss, count)
        assert len({one.name for one in some}) == len(some) == (count + 2 if loss == "Skip-gram" else 2 * count)
        for one, other in itertools.combinations(some, 2):
            assert math.dist((one.x, one.y), (other.x, other.y)) > 0.1


def test_partners_stand_at_the_same_place_of_both_halves():
    some = points("CLIP", 4)
    assert [one.pair for one in some] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert [one.square for one in some] == [False] * 4 + [True] * 4
    assert all(math.hypot(one.x, one.y) == pytest.approx(1) for one in some)


def test_nonsense_in_the_address_opens_on_the_first_loss():
    at = opened_page("contrast", loss="nothing", negatives="99")
    header, _ = unpacked(components(at)[0].proto.bytes)
    assert header["mode"] == "skip-gram"
