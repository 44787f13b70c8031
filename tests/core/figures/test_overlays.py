"""Pictures drawn upon, pixel by pixel: what is lit, faded, ruled, framed, and how much lies in a box."""

import numpy as np
import pytest

from core.figures import overlays
from core.figures.overlays import EDGE, LINE, MARK, SHADOW

GREY = np.full((4, 4, 3), 0.5, np.float32)


def test_colours_run_from_0_to_1_and_nothing_shines_through():
    pixels = np.array([[[0, 51, 255]]], np.uint8)
    assert overlays.as_colours(pixels).ravel().tolist() == pytest.approx([0, 0.2, 1])
    assert overlays.opaque(overlays.as_colours(pixels)).ravel().tolist() == pytest.approx([0, 0.2, 1, 1])


@pytest.mark.parametrize(("least", "times"), [(1, 1), (4, 2), (5, 3), (6, 3)])
def test_a_picture_is_enlarged_by_whole_pixels(least, times):
    picture = np.arange(4).reshape(2, 2)[..., None]
    found = overlays.enlarged(picture, least)
    assert found.shape == (2 * times, 2 * times, 1)
    assert found[:times, :times].max() == 0 and found[-1, 0, 0] == 2 and found[0, -1, 0] == 1


@pytest.mark.parametrize(("most", "side"), [(16, 4), (15, 2), (4, 2), (3, 1), (1, 1)])
def test_a_large_picture_is_thinned_out_evenly(most, side):
    found = overlays.within(np.arange(16).reshape(4, 4), most)
    assert found.shape == (side, side) and found[0, 0] == 0
    assert side == 1 or found[0, 1] == 4 // side


def test_a_resized_picture_is_as_high_and_wide_as_is_said():
    assert overlays.resized(np.zeros((4, 6, 3), np.uint8), 8, 2).shape == (8, 2, 3)


def test_the_brightest_patch_stays_and_others_fall_to_the_ground():
    found = overlays.lit(GREY, np.array([[1.0, 3.0], [4.0, 0.0]]))
    for row, column, share in ((0, 0, 0.25), (0, 2, 0.75), (2, 0, 1.0), (2, 2, 0.0)):
        assert found[row : row + 2, column : column + 2] == pytest.approx(0.5 * (0.25 + 0.75 * share)), (row, column)
    assert overlays.lit(GREY, np.array([[0.0, 2.0]]), ground=0)[:, :2].max() == 0
    assert overlays.lit(GREY, np.array([[0.0, 2.0]]), ground=0)[:, 2:] == pytest.approx(0.5)


def test_patches_that_are_left_out_let_the_page_through():
    found = overlays.faded(GREY, np.array([[True, False], [False, True]]))
    assert found[0, 0, 3] == found[3, 3, 3] == 1 and found[0, 3, 3] == found[3, 0, 3] == 0.25
    assert overlays.faded(GREY, np.array([[False, True]]), 0.5)[..., 3].tolist() == [[0.5, 0.5, 1, 1]] * 4


@pytest.mark.parametrize(
    ("box", "share"),
    [((0, 0, 1, 1), 1), ((0, 0, 0.5, 0.5), 0.1), ((0.5, 0, 0.5, 0.5), 0.2), ((0, 0.5, 0.5, 0.5), 0.3),
     ((0, 0.25, 1, 0.5), 0.5), ((0.25, 0, 0.5, 0.5), 0.15), ((0, 0, 0.25, 1), 0.2)],
)  # fmt: skip
def test_a_box_holds_patches_by_how_much_of_them_lies_in_it(box, share):
    assert overlays.share_inside(np.array([[1.0, 2.0], [3.0, 4.0]]), box) == pytest.approx(share)


def test_a_mask_grows_to_both_sides_and_never_round_the_border():
    mask = np.zeros((5, 5), bool)
    mask[2, 2] = True
    three = overlays.thickened(mask, 3)
    assert three.sum() == 5 and three[1, 2] and three[3, 2] and three[2, 1] and three[2, 3]
    corner = np.zeros((5, 5), bool)
    corner[0, 0] = True
    assert np.argwhere(overlays.thickened(corner, 3)).tolist() == [[0, 0], [0, 1], [1, 0]]
    assert (overlays.thickened(mask, 1) == mask).all()


def test_lines_are_light_with_a_dark_edge_where_patches_meet():
    numbers = np.array([[0, 1]])
    found = overlays.ruled(np.full((1, 8, 3), 0.5, np.float32), numbers)[0]
    shadow, line = (1 - SHADOW) * 0.5 + SHADOW * EDGE[0], 0.1 * ((1 - SHADOW) * 0.5) + 0.9 * LINE[0]
    assert found[:, 0].tolist() == pytest.approx([0.5, 0.5, 0.5, shadow, line, shadow, 0.5, 0.5])
    assert (overlays.ruled(GREY, np.zeros((2, 2))) == GREY).all()  # one window: no line in it


def test_frames_have_their_colour_a_dark_edge_and_nothing_inside():
    red, blue = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    found = overlays.framed(np.full((20, 20, 3), 0.5), [(0.2, 0.1, 0.5, 0.4)], [red], [1])
    assert found[2, 4].tolist() == list(red) and found[9, 13].tolist() == list(red)  # corners, (row, column)
    assert found[1, 4].tolist() == list(EDGE) and found[3, 5].tolist() == list(EDGE)
    assert found[5, 8].tolist() == [0.5] * 3 and found[0, 4].tolist() == [0.5] * 3
    both = overlays.framed(np.full((20, 20, 3), 0.5), [(0, 0, 1, 1), (0, 0, 1, 1)], [red, blue], [3, 1])
    assert both[0, 5].tolist() == list(blue) and both[2, 5].tolist() == list(red)  # the later one lies above


@pytest.mark.parametrize(("patch", "corner"), [((0, 1), (0, 48)), ((1, 0), (48, 0))])
def test_the_marked_patch_is_the_one_in_that_row_and_column(patch, corner):
    found = overlays.marked(np.full((96, 96, 3), 0.5), patch, (2, 2))
    row, column = corner
    assert found[row, column].tolist() == list(MARK) and found[row + 47, column + 47].tolist() == list(MARK)
    assert found[row + 20, column + 20].tolist() == [0.5] * 3
    assert found[95, 95].tolist() == [0.5] * 3
