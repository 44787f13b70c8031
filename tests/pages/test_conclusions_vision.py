"""Sentences that conclude on the page of pictures: each on both sides of where it turns, from numbers by pencil."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses.patch_maps import METHODS
from core.analyses.shifts import Followed, Layer
from core.analyses.windows import Block
from core.measures.grid_positions import Plane
from core.models.detector import UNTRAINED, Box, Detection, Query
from core.types import Choice, Encoding, Patches, Prediction
from ui.views.vision import common, detr, faithful, on_object, positions, shifts, swin


def plain(html: str) -> str:
    return re.sub("<[^>]+>", "", html).replace("\u00a0", " ")


def guess(*choices: tuple[str, float]) -> tuple[Prediction, ...]:
    return (Prediction("class", 0, tuple(Choice(text, share, i) for i, (text, share) in enumerate(choices))),)


# --- on the object ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratios", "says"),
    [
        ([[1.0, 0.5], [4.0, 2.0]], "head 2.1 puts 50 % of its weight on them, 4.0 times as much as chance."),
        ([[1.0, 0.5], [0.4, 0.2]], "head 1.1 puts 12 % of its weight on them, 1.0 times as much as chance."),
        ([[0.1, 0.5], [0.4, 0.2]], "head 1.2 puts 6.2 % of its weight on them, 0.5 times as much as chance."),
    ],
)
def test_the_head_most_on_the_object_is_named_with_its_share(ratios, says):
    filled = np.array([[0.5, 0.0], [0.0, 0.0]])  # an eighth of the picture
    silent = Encoding(None, "m", (), ())
    see, _, _ = on_object.notes(silent, np.array(ratios), filled)
    assert see == f"The emoji fill 12 % of the picture; {says}"
    named = Encoding(None, "m", (), (), predictions=guess(("cat", 0.9), ("dog", 0.1)))
    assert on_object.notes(named, np.array(ratios), filled)[0].endswith("Relevance is for “cat”, the likeliest class.")


def test_a_table_says_the_share_and_how_many_times_the_area():
    table = on_object.as_table({"Rollout": 0.5, "By chance": 0.2}, 0.25, {})
    assert "<td>Rollout</td><td>50 %</td><td><b>2.0 ×</b></td></tr>" in table
    assert "<td>By chance</td><td>20 %</td><td><b>0.8 ×</b></td></tr>" in table and "scenes" not in table
    table = on_object.as_table({"Rollout": 0.5, "By chance": 0.2}, 0.25, {"Rollout": 3.0, "By chance": 1.0})
    assert "<b>2.0 ×</b></td><td>3.0 ×</td>" in table and "mean of 24 scenes" in table


def test_the_mean_of_a_layer_stands_behind_its_heads():
    for ratios, last in (([[1.0, 3.0], [0.0, 1.0]], [2, 0.5]), ([[2.0, 2.0, 5.0]], [3])):
        panel = on_object.heads_panel(np.array(ratios))
        assert panel.values[:, -1].tolist() == last and panel.values[:, :-1].tolist() == ratios
        assert panel.columns[-1] == "mean" and panel.columns[0] == "1" and panel.rows[0] == "layer 1"


# --- faithful? --------------------------------------------------------------------------------------------------------

TITLES = tuple(METHODS.values())


@pytest.mark.parametrize(
    ("areas", "says"),
    [
        (
            ((0.4, 0.7), (0.2, 0.6), (0.3, 0.5), (0.5, 0.4)),
            ("Rollout takes", "(area 0.200)", "By insertion it is Last layer."),
        ),
        (
            ((0.1, 0.9), (0.2, 0.6), (0.3, 0.5), (0.5, 0.4)),
            ("Last layer takes", "(area 0.100)", "By insertion it is too."),
        ),
        (
            ((0.4, 0.2), (0.2, 0.1), (0.15, 0.3), (0.5, 0.4)),
            ("Relevance takes", "0.150", "By insertion it is By chance."),
        ),
    ],
)
def test_the_lowest_deletion_and_the_highest_insertion_are_named(areas, says):
    see, _, _ = faithful.notes(dict(zip(TITLES, areas, strict=True)), "cat")
    assert see.startswith("For “cat”, ") and all(one in see for one in says)


def test_no_method_is_named_before_all_have_been_tried():
    see, _, _ = faithful.notes({TITLES[0]: (0.1, 0.9)}, "cat")
    assert "fastest" not in see and "insertion" not in see


def test_the_best_areas_are_bold():
    table = faithful.area_table({"Rollout": (0.4, 0.7), "By chance": (0.2, 0.6)})
    assert "<td>Rollout</td><td>0.400</td><td><b>0.700</b></td>" in table
    assert "<td>By chance</td><td><b>0.200</b></td><td>0.600</td>" in table


def test_classes_stand_with_what_they_were_and_what_they_are():
    whole = (Choice("cat", 0.75, 3), Choice("dog", 0.25, 4))
    now = (Choice("dog", 0.5, 4), Choice("fox", 0.25, 5), Choice("cat", 0.125, 3))
    table = faithful.classes_table(whole, now, 3).replace("\u00a0", " ")
    assert "<td><b>cat</b></td><td>75 %</td><td><b>12 %</b></td>" in table
    assert "<td>dog</td><td>25 %</td><td>50 %</td>" in table and "<td>fox</td><td>·</td><td>25 %</td>" in table


def test_patches_taken_away_are_those_that_the_map_names(monkeypatch):
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:, 2:] = 200
    monkeypatch.setattr(faithful, "picture", lambda name: pixels)
    shown = faithful.without("x", np.array([[0, 1], [0, 0]], bool), Patches(2, 2))
    assert (shown[:2, 2:] == 100).all() and (shown[2:, 2:] == 200).all() and (shown[:, :2] == 0).all()


# --- shift and shuffle ------------------------------------------------------------------------------------------------


def followed(last: float, kind: str = "m", said: tuple = ((), ()), first: float = 1.0) -> Followed:
    layers = tuple(
        Layer(name, 8, np.full((2, 2), value), 0.25, True)
        for name, value in (("patches", 1.0), ("layer 1", first), ("layer 2", last))
    )
    square = np.zeros((16, 16, 3), np.uint8)
    return Followed(kind, square, square, 8, layers, said, True)


@pytest.mark.parametrize(
    ("last", "kind", "says"),
    [
        (1 - 0.5e-6, "1 patch", "to the last digit"),
        (1 - 2e-6, "1 patch", "from there on they differ: 1.000 in the last layer."),
        (0.5, "1 patch", "from there on they differ: 0.500 in the last layer."),
        (0.75, "1 pixel", "have a cosine of 0.750."),
        (0.25, "Shuffle", "still have a cosine of 0.250 with what they were"),
    ],
)
def test_what_moved_along_exactly_is_told_from_what_did_not(last, kind, says):
    see, attempt, _ = shifts.notes(followed(last), None, kind)
    assert says in see and attempt == shifts.ATTEMPT[kind]
    assert ("Without positions" in see) is (last > 1 - 1e-6)


def test_one_cell_that_did_not_follow_is_not_exact():
    found = followed(1.0)
    found.layers[-1].cosines[0, 0] = 0.5
    assert "differ: 0.875 in the last layer" in shifts.notes(found, None, "1 patch")[0]


@pytest.mark.parametrize(("first", "share"), [(1.0, "100 %"), (0.9, "< 0.1 %")])
def test_the_cells_of_the_cnn_that_followed_are_counted(first, share):
    see, _, _ = shifts.notes(followed(0.5), followed(0.5, first=first), "1 pixel")
    assert f"{share} of its cells moved along exactly" in see
    assert "CNN" not in shifts.notes(followed(0.5), None, "1 pixel")[0]


def test_what_was_said_stands_before_what_is_said_now():
    told = guess(("cat", 0.5)), guess(("dog", 0.25))
    see = shifts.notes(followed(0.5, said=told), None, "Shuffle")[0].replace("\u00a0", " ")
    assert see.endswith("It said cat 50 %, now dog 25 %.")
    table = plain(shifts.table(followed(0.5, said=told), None, followed(0.5, said=told)))
    assert "mcat 50 %dog 25 %" in table


def test_curves_of_a_model_are_its_means_and_what_chance_gives():
    line = shifts.lined(followed(0.5, first=0.75))
    assert (line.mean.tolist(), line.chance.tolist()) == ([1, 0.75, 0.5], [0.25] * 3)
    assert line.layers == ("patches", "layer 1", "layer 2")
    panel = shifts.lost("m", followed(0.5).layers[-1])
    assert panel.values.tolist() == [[0.5, 0.5]] * 2 and panel.note == "steps of 8 px, 0 % exact"
    assert shifts.lost("m", followed(1.0).layers[-1]).note == "steps of 8 px, 100 % exact"
    assert [shifts.beside(followed(0.5), followed(0.5), one) for one in ("patches", "layer 1", "layer 2")] == [0, 1, 2]


# --- Swin -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ((8, 8, 0), "are one window of 8 × 8: full attention"),
        ((8, 4, 0), "4 windows of 4 × 4, not shifted"),
        ((8, 4, 2), "4 windows of 4 × 4, rolled up and left by 2"),
        ((12, 4, 2), "9 windows of 4 × 4, rolled"),
    ],
)
def test_windows_are_counted_and_one_is_full_attention(sizes, says):
    assert says in swin.summed_up(*sizes)


@pytest.mark.parametrize(
    ("sizes", "patch", "count", "further"),
    [
        ((8, 4, 0), (0, 0), 16, False),
        ((8, 4, 2), (0, 0), 4, True),
        ((8, 4, 2), (3, 3), 16, True),
        ((8, 4, 2), (0, 3), 8, True),
    ],
)
def test_a_patch_at_the_border_looks_at_fewer_when_windows_shift(sizes, patch, count, further):
    see, _, _ = swin.notes(*sizes, patch)
    assert see.startswith(f"A patch looks at the {count} patches of its window, not at all 64.")
    assert ("Shifted windows lie across" in see) is further


def test_a_block_is_named_by_its_stage_from_one_and_its_shift():
    made = [Block(stage, 4, 8, 2, shift, np.zeros((8, 3, 4, 4))) for stage, shift in ((0, 0), (2, 1))]
    assert [swin.named(one) for one in made] == ["Stage 1, plain windows", "Stage 3, shifted windows"]
    assert swin.described(made[0]) == "4 × 8 patches, 8 windows of 2 × 2, 3 heads"


# --- DETR -------------------------------------------------------------------------------------------------------------


def query(number: int, score: float, nothing: float, box: Box = Box(0, 0, 0.5, 1)) -> Query:  # noqa: B008 - frozen
    return Query(number, box, (Choice("cat", score), Choice("dog", 0.05)), nothing)


@pytest.mark.parametrize(
    ("score", "nothing", "least", "kept"),
    [
        (0.6, 0.3, 0.5, True),
        (0.6, 0.3, 0.6, True),
        (0.6, 0.3, 0.65, False),
        (0.4, 0.5, 0.1, False),
        (0.4, 0.4, 0.1, False),
    ],
)
def test_a_box_is_shown_where_its_class_is_likelier_than_none_and_likely_enough(score, nothing, least, kept):
    assert detr.keeps(query(0, score, nothing), least) is kept


@pytest.mark.parametrize(
    ("weights", "share"), [([[1.0, 3.0]], "25 %"), ([[1.0, 0.0]], "100 %"), ([[0.0, 1.0]], "< 0.1 %")]
)
def test_how_much_of_a_look_lies_in_its_own_box(weights, share):
    for model, says in (("real", "Trained queries look at the ends"), (UNTRAINED, "It has learned nothing")):
        see, _, _ = detr.notes(Detection(model, (), np.zeros((1,) * 5)), query(4, 0.9, 0.1), np.array(weights))
        assert see.startswith(f"{share} of what query 5 looks at lies inside its own box. {says}")


def test_a_query_is_counted_from_one():
    assert detr.named(query(0, 0.75, 0.2)) == "cat, 75 % (query 1)"
    assert (
        detr.answer(query(6, 0.75, 0.2), 3, 100)
        == "Query 7: cat 75 %, dog 5.0 %, no object 20 %. 3 of 100 boxes shown."
    )


# --- positions of patches, and numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("across", "down", "everyone", "says"),
    [
        (0.9, 0.8, 0.1, "a plane"),
        (0.9, 0.49, 0.1, "a line"),
        (0.9, 0.51, 0.1, "a plane"),
        (0.14, 0.9, 0.1, "places hardly told apart"),
        (float("nan"), 0.9, 0.1, "one line of patches"),
        (0.9, float("nan"), 0.1, "one line of patches"),
    ],
)
def test_a_table_is_a_plane_where_down_is_nearly_as_much_alike_as_right(across, down, everyone, says):
    plane = Plane(across, down, 0.5, everyone, 0.75)
    assert positions.verdict(plane) == says
    assert f"one step to the right {across:.2f}, one step down {down:.2f}, any two 0.10" in positions.line(plane, 8, 8)


@pytest.mark.parametrize(("wrapped", "said"), [(0.25, True), (float("nan"), False)])
def test_ends_of_rows_are_spoken_of_where_there_are_any(wrapped, said):
    plane = Plane(0.9, 0.8, wrapped, 0.1, 0.75)
    see, attempt, _ = positions.notes(plane, 8, np.zeros((1, 8, 1, 8)), (0, 0))
    assert "patch 9 lies below patch 1" in see and "explain 75 % of it" in see
    assert ("their cosine is 0.25" in attempt) is said


def test_amounts_have_their_unit():
    found = [common.amount(number) for number in (999, 999_999, 1e6, 9.96e6, 12e6, 2.0e9)]
    assert found == ["999", "999,999", "1.0 M", "10.0 M", "12 M", "2.0 G"]


def test_memory_has_its_unit():
    found = [common.memory(count) for count in (12_000, 1.25e6, 34e6, 3.4e9)]
    assert found == ["12 kB", "1.2 MB", "34 MB", "3.4 GB"]


@pytest.mark.parametrize(
    ("row", "column", "patch"), [(0, 0, (0, 0)), (99, 0, (3, 0)), (0, 199, (0, 7)), (26, 24, (1, 0))]
)
def test_a_click_means_the_patch_under_it(row, column, patch):
    assert common.cell_of({"row": row, "column": column}, (100, 200), (4, 8)) == patch
    assert common.inside((9, 9), 4, 8) == (3, 7) and common.inside((1, 2), 4, 8) == (1, 2)


def test_a_small_model_is_asked_over_scenes_at_once_and_a_large_one_when_wanted(heard, monkeypatch):
    monkeypatch.setattr(on_object, "ask", lambda *some: (2.0, 1.0))
    room = SimpleNamespace(button=lambda *some, **more: False, empty=lambda: None)
    small = SimpleNamespace(model="emoji-vit")
    assert on_object.over_several(small, ("raw", "random"), room) == {"Last layer": 2.0, "By chance": 1.0}
    assert on_object.over_several(SimpleNamespace(model="nobody/knows"), ("raw", "random"), room) == {}
