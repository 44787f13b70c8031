"""Patches, windows, moved pictures and drawings against pencils, PyTorch and transformers' own code."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.swin.modeling_swin import SwinConfig, SwinLayer

from core.figures import overlays
from core.measures import bugs, grid_positions, patching, shifts, windows
from core.requests import Move
from core.types import Refused

few = settings(max_examples=25, deadline=None)
small = st.integers(1, 5)


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape).astype(np.float32)


# --- patches ----------------------------------------------------------------------------------------------------------


@few
@given(small, small, small, st.integers(0, 99))
def test_flattened_patches_are_those_of_unfold(rows, columns, side, seed):
    picture = drawn(rows * side, columns * side, 3, seed=seed)
    channels_first = torch.from_numpy(picture).permute(2, 0, 1)[None]
    theirs = torch.nn.functional.unfold(channels_first, side, stride=side)[0].T
    ours = patching.flattened(picture, side)
    assert np.array_equal(ours, theirs.numpy())
    assert np.array_equal(patching.joined(patching.laid_out(ours, rows, columns)), picture)


@few
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_without_permute_it_is_the_mistake_of_the_lesson(rows, columns, seed):
    picture = drawn(rows * 16, columns * 16, 3, seed=seed)
    theirs = bugs.patches_not_permuted(torch.from_numpy(picture).permute(2, 0, 1)).numpy()
    assert np.array_equal(patching.flattened_without_permute(picture, 16), theirs)


def test_true_patches_of_a_picture_of_224_pixels():
    picture = drawn(224, 224, 3)
    right, wrong = patching.flattened(picture, 16), patching.flattened_without_permute(picture, 16)
    assert patching.true_patches(right, right) == 196
    assert patching.true_patches(wrong, right) == 0
    assert patching.true_patches(np.where(np.arange(196)[:, None] < 5, right, wrong), right) == 5


def test_the_numbers_of_vit_base():
    price = patching.cost(224, 224, 16)
    assert (price.rows, price.columns, price.tokens, price.values) == (14, 14, 197, 768)
    assert price.weights == 38_809
    assert price.bytes == 4 * 38_809 * 144
    assert patching.cost(100, 60, 16, prefix=5).tokens == 6 * 3 + 5  # what does not fill a patch is left out
    with pytest.raises(Refused, match="larger than the picture"):
        patching.cost(64, 8, 16)
    with pytest.raises(ValueError, match="cannot be cut"):
        patching.cut(drawn(10, 8, 3), 4)


def test_exploded_patches_lie_apart():
    blocks = patching.cut(np.ones((4, 6, 3), np.float32), 2)
    apart = patching.joined(blocks, gap=1)
    assert apart.shape == (5, 8, 3)
    assert np.array_equal(apart[..., 0], np.outer([1, 1, 0, 1, 1], [1, 1, 0, 1, 1, 0, 1, 1]))


# --- windows ----------------------------------------------------------------------------------------------------------


def swin_layer(rows: int, columns: int, window: int, shift: int) -> SwinLayer:
    config = SwinConfig(embed_dim=8, window_size=window)
    layer = SwinLayer(config, 8, (rows, columns), 2, shift_size=shift)
    layer.set_shift_and_window_size((rows, columns))
    return layer


@pytest.mark.parametrize(
    ("rows", "columns", "window"), [(8, 8, 4), (14, 14, 7), (8, 12, 4), (10, 7, 4), (9, 9, 3), (6, 6, 2), (4, 4, 7)]
)
def test_the_mask_is_that_of_transformers(rows, columns, window):
    layer = swin_layer(rows, columns, window, window // 2)
    size, shift = windows.fitted(rows, columns, window, window // 2)
    assert (size, shift) == (layer.window_size, int(layer.shift_size))
    high, wide = windows.filled(rows, size), windows.filled(columns, size)
    theirs = layer.get_attn_mask(high, wide, torch.float32, torch.device("cpu"))
    ours = windows.mask(rows, columns, size, shift)
    if theirs is None:
        assert not ours.any()
    else:
        assert np.array_equal(ours, theirs.numpy())


@few
@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 4))
def test_patches_look_at_each_other_when_both_are_in_one_window_of_the_picture(rows, columns, window):
    """A window of the rolled grid, cut where the roll joins far ends, is a rectangle of the picture itself."""
    window, shift = windows.fitted(rows, columns, window, window // 2)
    found = windows.sees(rows, columns, window, shift)
    down, across = ((np.arange(count) + window - shift) // window for count in (rows, columns))
    place = (down[:, None] * 100 + across[None]).ravel()
    assert np.array_equal(found, place[:, None] == place[None])
    for patch in ((0, 0), (rows - 1, columns - 1)):
        row = windows.sees_from(patch, rows, columns, window, shift)
        assert np.array_equal(row.ravel(), found[patch[0] * columns + patch[1]])
    pieces = windows.pieces(rows, columns, window, shift)[:rows, :columns].ravel()
    assert np.array_equal(found, pieces[:, None] == pieces[None])


def test_four_by_four_with_windows_of_two_by_pencil():
    assert np.array_equal(windows.window_of(4, 4, 2, 0), [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]])
    assert np.array_equal(windows.window_of(4, 4, 2, 1), [[3, 2, 2, 3], [1, 0, 0, 1], [1, 0, 0, 1], [3, 2, 2, 3]])
    assert windows.sees(4, 4, 2, 1).sum() == 4 * 4**0 + 4 * 2 * 2 + 4 * 4  # corners, edges, middle
    assert windows.regions(4, 4, 2, 1).tolist() == [[0, 0, 1, 2], [0, 0, 1, 2], [3, 3, 4, 5], [6, 6, 7, 8]]


def test_a_row_comes_back_to_its_place():
    sizes = (4, 4, 2, 1)
    placed = windows.order(*sizes)
    weights = np.where(placed[:, None, :, None] < 0, 0, placed[:, None, None, :]).repeat(4, axis=2).astype(np.float32)
    found = windows.row_on_grid(weights, (1, 1), *sizes)  # each key's weight is its own number
    expected = np.zeros((4, 4))
    expected[1:3, 1:3] = [[5, 6], [9, 10]]
    assert np.array_equal(found[0], expected)


def test_the_cost_of_swins_first_stage():
    assert windows.multiplications(56, 56, 96) == 4 * 3136 * 96**2 + 2 * 3136**2 * 96 == 2_003_828_736
    assert windows.multiplications(56, 56, 96, 7) == 4 * 3136 * 96**2 + 2 * 49 * 3136 * 96 == 145_108_992
    assert windows.multiplications(7, 7, 96) == windows.multiplications(7, 7, 96, 7)


# --- moved pictures ---------------------------------------------------------------------------------------------------


def test_a_shift_goes_right_and_round():
    origin = shifts.origins(2, 4, 2, Move("shift", 1))
    assert origin[1].tolist() == [[3, 0, 1, 2]] * 2
    assert origin[0].tolist() == [[0] * 4, [1] * 4]
    assert shifts.origins(2, 4, 2, Move("patch"))[1].tolist() == [[2, 3, 0, 1]] * 2


@few
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
def test_a_shuffle_moves_whole_patches_and_loses_nothing(rows, columns, patch, seed):
    origin = shifts.origins(rows * patch, columns * patch, patch, Move("shuffle", seed=seed))
    pixels = (origin[0] * columns * patch + origin[1]).ravel()
    assert sorted(pixels) == list(range(rows * columns * patch**2))
    came, whole = shifts.cells(origin, patch)
    assert whole
    assert sorted((came[0] * columns + came[1]).ravel()) == list(range(rows * columns))


@few
@given(st.integers(-20, 20), st.integers(1, 4))
def test_cells_move_whole_when_the_shift_is_a_multiple_of_their_step(pixels, step):
    origin = shifts.origins(4 * step, 4 * step, step, Move("shift", pixels))
    came, whole = shifts.cells(origin, step)
    assert whole == (pixels % step == 0)
    if whole:
        assert np.array_equal(came[1][0], np.roll(np.arange(4), pixels // step))


@few
@given(st.integers(-9, 9), st.integers(0, 99))
def test_what_a_circular_convolution_makes_moves_along(pixels, seed):
    picture = torch.from_numpy(drawn(1, 3, 8, 8, seed=seed))
    weight = torch.from_numpy(drawn(4, 3, 3, 3, seed=seed + 1) - 0.5)

    def features(one: torch.Tensor) -> np.ndarray:
        return torch.nn.functional.conv2d(torch.nn.functional.pad(one, (1, 1, 1, 1), mode="circular"), weight)[
            0
        ].numpy()

    origin = shifts.origins(8, 8, 1, Move("shift", pixels))
    moved = picture[..., torch.from_numpy(origin[0]), torch.from_numpy(origin[1])]
    found = shifts.agreement(features(picture), features(moved), shifts.cells(origin, 1)[0])
    assert np.allclose(found, 1, atol=1e-5)


def test_agreement_and_chance_with_a_pencil():
    before = np.array([[[1.0, 0.0]], [[0.0, 2.0]]])  # two cells that stand at right angles
    after = before[:, :, ::-1]
    assert shifts.agreement(before, after, np.array([[[0, 0]], [[1, 0]]])).tolist() == [[1, 1]]
    assert shifts.agreement(before, after, np.array([[[0, 0]], [[0, 1]]])).tolist() == [[0, 0]]
    same = np.array([[[1.0, 3.0]], [[0.0, 0.0]]])
    assert shifts.chance(same, after) == shifts.chance(after, same) == pytest.approx(0.5)
    assert shifts.chance(same, same) == pytest.approx(1)


def test_moves_that_cannot_be_made():
    with pytest.raises(Refused, match="unknown"):
        Move("turn")
    with pytest.raises(Refused, match="up to 512"):
        Move("shift", 1_000)
    with pytest.raises(ValueError, match="whole patches"):
        shifts.origins(10, 8, 4, Move("shuffle"))


# --- positions --------------------------------------------------------------------------------------------------------


def test_a_plane_made_of_a_row_and_a_column_is_known_as_one():
    table = np.zeros((4, 5, 9))
    for row in range(4):
        for column in range(5):
            table[row, column, row] = table[row, column, 4 + column] = 1
    found = grid_positions.plane(table)
    assert found.additive == pytest.approx(1)
    assert found.across == pytest.approx(0.5)
    assert found.down == pytest.approx(0.5)
    assert found.wrapped == pytest.approx(0)
    same_row, same_column = 20 * 4, 20 * 3  # ordered pairs that share one of the two, at a cosine of a half
    assert found.all == pytest.approx(0.5 * (same_row + same_column) / (20 * 19))


def test_independent_positions_are_no_plane():
    found = grid_positions.plane(np.eye(20).reshape(4, 5, 20))
    assert found.across == found.down == found.all == 0
    assert found.additive == pytest.approx((3 + 4) / 19)  # as many degrees of freedom as rows and columns take


def test_the_mosaic_has_each_map_at_its_place():
    table = drawn(2, 3, 4)
    maps = grid_positions.cosines(table)
    whole = grid_positions.mosaic(maps, gap=1)
    assert whole.shape == (2 * 3 - 1, 3 * 4 - 1)
    for row in range(2):
        for column in range(3):
            part = whole[row * 3 : row * 3 + 2, column * 4 : column * 4 + 3]
            assert np.array_equal(part, maps[row, column])
            assert grid_positions.at(row * 3 + 1, column * 4 + 2, (2, 3)) == (row, column)
    a, b = table[0, 1], table[1, 2]
    assert maps[0, 1, 1, 2] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-5)


def test_rows_and_columns_alike_by_loops():
    maps = grid_positions.cosines(drawn(3, 4, 5))
    rows = [[np.mean([maps[r, c, q, c] for c in range(4)]) for q in range(3)] for r in range(3)]
    columns = [[np.mean([maps[r, c, r, q] for r in range(3)]) for q in range(4)] for c in range(4)]
    assert np.allclose(grid_positions.rows_alike(maps), rows)
    assert np.allclose(grid_positions.columns_alike(maps), columns)


# --- drawing ----------------------------------------------------------------------------------------------------------


def test_lines_run_between_different_patches_alone():
    picture = np.full((8, 12, 3), 0.5, np.float32)
    assert np.array_equal(overlays.ruled(picture, np.zeros((2, 3), int)), picture)
    lined = overlays.ruled(picture, np.array([[0, 0, 1]] * 2))
    assert (lined[:, 8] > 0.9).all()
    assert (lined[:, [7, 9]] < 0.5).all()
    assert np.array_equal(np.delete(lined, (7, 8, 9), axis=1), np.delete(picture, (7, 8, 9), axis=1))


def test_a_frame_is_cut_at_the_border():
    picture = np.ones((10, 10, 3), np.float32)
    lined = overlays.framed(picture, [(0.2, 0.2, 2.0, 0.4)], [(1, 0, 0)], [1])
    assert lined[2, 2].tolist() == lined[2, 9].tolist() == lined[5, 5].tolist() == [1, 0, 0]
    assert lined[1, 5].tolist() == [0, 0, 0]
    assert lined[0, 0].tolist() == lined[8, 8].tolist() == [1, 1, 1]
    assert overlays.marked(picture, (0, 1), (2, 2))[0, 5].tolist() == pytest.approx(list(overlays.MARK))


def test_what_is_kept_stays_and_the_rest_lets_the_page_through():
    faded = overlays.faded(np.zeros((4, 4, 3), np.float32), np.array([[True, False], [False, False]]), 0.25)
    assert faded[..., 3].tolist() == [[1, 1, 0.25, 0.25]] * 2 + [[0.25] * 4] * 2


def test_light_and_share_with_a_pencil():
    weights = np.array([[1.0, 0.0], [0.0, 3.0]])
    lit = overlays.lit(np.ones((2, 2, 3), np.float32), weights, ground=0.25)
    assert np.allclose(lit[..., 0], [[0.5, 0.25], [0.25, 1.0]])
    assert overlays.share_inside(weights, (0, 0, 1, 1)) == pytest.approx(1)
    assert overlays.share_inside(weights, (0.5, 0.5, 0.5, 0.25)) == pytest.approx(3 / 8)
    assert overlays.share_inside(weights, (-1, -1, 1.25, 2)) == pytest.approx(1 / 8)
