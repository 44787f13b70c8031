"""The page Contrast: what there is to drag in each loss, and where the loss is at work."""

import itertools
import math

import numpy as np
import pytest

from core.measures.contrastive import clip_loss, cosines
from pages.contrast import LOSSES, MODES, PLACES, points
from tests.apptest import PAGES, components, taken
from tests.apptest import page as opened_page
from tests.drawn import said, unpacked
from ui.components.forces.view import Point
from ui.views.contrast.numbers import pairs, places, places_of, temperature_of


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


TWO = [Point("p", 0, 1, 0), Point("q", 1, 0, 1), Point("a p", 0, 1, 0, square=True), Point("a q", 1, 1, 0, square=True)]


def test_numbers_are_of_the_points_where_they_were_dragged_to():
    assert places_of(TWO, "clip", {}).tolist() == [[1, 0], [0, 1], [1, 0], [1, 0]]
    moved = places_of(TWO, "clip", {"at": "300,400,0,100,100,0,0,-200"})
    assert moved == pytest.approx(np.array([[0.6, 0.8], [0, 1], [1, 0], [0, -1]]))  # on the circle, as they are drawn
    assert places_of(TWO, "skip-gram", {"at": "300,400,0,100,100,0,0,-200"})[0].tolist() == [3, 4]
    for nonsense in ("1,2", "x", "nan,0,0,0,0,0,0,0", "1e9,0,0,0,0,0,0,0"):
        assert places_of(TWO, "clip", {"at": nonsense}).tolist() == places_of(TWO, "clip", {}).tolist()
    assert places(TWO, moved).columns["pair"] == [1, 2, 1, 2]
    assert places([Point("the", -1, 0, 0)], np.zeros((1, 2))).columns["pair"] == [None]
    assert [temperature_of(0.2, {"temperature": said}) for said in ("0.5", "9", "x", "nan")] == [0.5, 0.2, 0.2, 0.2]


def test_shares_of_clip_are_a_softmax_each_way_and_give_its_loss():
    found = places_of(TWO, "clip", {})
    table = pairs(TWO, found, "clip", 0.5).columns
    lines = {(a, b): (score, share) for a, b, score, share in zip(*list(table.values())[:4], strict=True)}
    assert lines["p", "a p"] == pytest.approx((2, 0.5)) and lines["a p", "p"] == pytest.approx(
        (2, 1 / (1 + math.exp(-2)))
    )
    own = [share for share, partners in zip(table["share"], table["partners"], strict=True) if partners]
    assert -np.log(own).mean() == pytest.approx(clip_loss(cosines(found[:2], found[2:]), 2))


def test_shares_of_the_other_losses():
    found = np.array([[1.0, 2.0], [0.5, 0.0], [0.0, -1.0]])
    some = [Point("cat", 0, 0, 0), Point("purrs", 0, 0, 0), Point("the", -1, 0, 0)]
    table = pairs(some, found, "skip-gram", 1).columns
    assert table["score"] == [0.5, -2] and table["partners"] == [True, False]
    assert table["share"] == pytest.approx([1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(2))])
    views = pairs(TWO, places_of(TWO, "simclr", {}), "simclr", 1).columns
    assert len(views["share"]) == 12 and sum(views["share"][:3]) == pytest.approx(1)
    assert views["share"][1] == pytest.approx(math.e / (1 + 2 * math.e))  # p: q at a right angle, both others ahead


@pytest.mark.parametrize("loss", LOSSES)
def test_the_page_hands_out_its_numbers(loss):
    at = opened_page("contrast", loss=loss)
    count = 7 if loss == "Skip-gram" else 8
    assert taken(at, "contrast", "Points", "CSV").decode("utf-8-sig").count("\n") == 1 + count
    lines = {"Skip-gram": 6, "NT-Xent": 8 * 7, "CLIP": 2 * 16}[loss]
    assert (
        taken(at, "contrast", "Scores and shares", "CSV", "?temperature=0.5").decode("utf-8-sig").count("\n")
        == 1 + lines
    )
