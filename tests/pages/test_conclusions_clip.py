"""Sentences that conclude on CLIP's page and on that of embeddings: each on both sides, from numbers by pencil."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses.clip_relevance import Why
from core.analyses.embedding import MapScores
from core.analyses.joint_map import Found
from core.data.gallery import PLAIN
from core.data.texts import TextSet
from core.requests import JointMapRequest
from core.types import Patches
from ui.views.clip import common, joint_map, matrix, retrieval, simclr, word_region, zero_shot
from ui.views.embedding import map as space

# --- zero-shot --------------------------------------------------------------------------------------------------------


def asked(*templates: str) -> zero_shot.ZeroShotChoice:
    return zero_shot.ZeroShotChoice("m", "x", ("cat", "dog"), templates or ("a {}",))


def test_a_template_that_changes_nothing_is_told_from_one_that_changes_the_answer():
    shares = np.array([0.75, 0.25])
    same = zero_shot.effect(asked(), shares, np.array([0.6, 0.4]))
    assert same.endswith("“cat” gets 75 % with it, 60 % without.") and "with the template;" in same
    other = zero_shot.effect(asked("a {}", "the {}"), shares, np.array([0.4, 0.6]))
    assert other.endswith("Without it “dog” wins with 60 %: the template changes the answer.")
    assert "with the mean of 2 templates;" in other


def test_the_best_class_is_strong_and_thin_bars_are_what_was_before():
    rows = zero_shot.bars_of(("cat", "dog"), np.array([0.25, 0.75]), np.array([0.5, 0.125]), np.array([0.2, -0.1]))
    cat, dog = rows.split("</li>")[:2]
    assert "class=strong" in dog and "class=strong" not in cat
    assert 'width:25.00%"></b></i><i><b style="width:50.00%' in cat and "25 %<small>cos 0.200" in cat
    assert 'width:75.00%"></b></i><i><b style="width:12.50%' in dog and "cos −0.100" in dog
    assert zero_shot.bars_of(("cat",), np.ones(1), None, np.ones(1)).count("<b style") == 1


# --- retrieval --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "place"), [("a", 2), ("b", 1), ("c", 3)])
def test_the_place_of_the_emoji_of_that_name_is_said(wanted, place):
    choice = retrieval.RetrievalChoice("m", "x", (PLAIN + "a", PLAIN + "b", PLAIN + "c"))
    vectors = np.array([[0.5, 0.0], [0.9, 0.0], [0.1, 0.0]])
    said = retrieval.summary(choice, np.array([1.0, 0.0]), vectors, wanted)
    assert said.startswith("The 3 nearest of 3 pictures") and f"is found at place {place}." in said


@pytest.mark.parametrize("key", ["", "elsewhere"])
def test_a_text_that_names_no_emoji_here_has_no_place(key):
    choice = retrieval.RetrievalChoice("m", "x", (PLAIN + "a",))
    many = np.zeros((1_234, 2))
    said = retrieval.summary(choice, np.ones(2), many, key)
    assert "place" not in said and said.startswith("The 30 nearest of 1,234 pictures")


# --- SimCLR -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("worst", ["crop", "blur"])
def test_the_change_that_moves_pictures_most_has_the_least_cosine(heard, monkeypatch, worst):
    captions = []
    monkeypatch.setattr(simclr, "alone", lambda model, choice, change: 0.25 if change == worst else 0.9)
    monkeypatch.setattr(simclr, "agreement", lambda model, choice: (0.75, 0.125))
    monkeypatch.setattr(simclr.st, "caption", captions.append)
    simclr.close("m", simclr.SimclrChoice(2, ("crop",), 0))
    assert f"“{worst}” moves pictures most." in captions[0]
    assert "views of one picture have 0.75, of different ones 0.12." in captions[0]
    first = heard.html[-1].split("</li>")[0]
    assert worst in first and "0.25" in first and "strong" in first


def test_views_of_one_picture_are_the_diagonal(monkeypatch):
    vectors = {"a1": [1, 0], "b1": [0, 1], "a2": [0.5, 0.25], "b2": [0.125, 0.75]}
    monkeypatch.setattr(simclr, "views", lambda choice: (("a1", "b1"), ("a2", "b2")))
    monkeypatch.setattr(simclr, "picture_vectors", lambda model, names: np.array([vectors[name] for name in names]))
    own, others = simclr.agreement.__wrapped__("m", simclr.SimclrChoice(2, (), 0))
    assert own == pytest.approx((0.5 + 0.75) / 2) and others == pytest.approx((0.125 + 0.25) / 2)


# --- words and regions, the map, the matrix ---------------------------------------------------------------------------


def carried(values: list[list[float]]) -> Why:
    return Why(0.25, Patches(2, 2), np.array(values), (), np.zeros(0))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[3.0, 1.0], [0.0, 0.0]], "Of the relevance 75 % on"),
        ([[0.0, 1.0], [0.0, 1.0]], "Of the relevance < 0.1 % on"),
        ([[0.0, 0.0], [0.0, 0.0]], "No patch speaks for it"),
    ],
)
def test_relevance_on_each_thing_of_a_scene_stands_beside_its_area(monkeypatch, values, says):
    mask = np.zeros((1, 4, 4), np.float32)
    mask[0, :2, :2] = 1
    monkeypatch.setattr(word_region, "scene_of", lambda image: SimpleNamespace(placed=(SimpleNamespace(key="cat"),)))
    monkeypatch.setattr(word_region, "masks", lambda image: mask)
    monkeypatch.setattr(word_region, "emoji_name", lambda key: key)
    said = word_region.summary("x", "a cat", carried(values))
    assert said.startswith("Cosine of “a cat” with the picture: 0.250.") and says in said
    assert ("on cat (25 % of the area)." in said) is ("Of" in says)
    monkeypatch.setattr(word_region, "scene_of", lambda image: None)
    assert "relevance" not in word_region.summary("x", "a cat", carried(values))


def test_the_map_says_what_centring_changes(monkeypatch):
    plain, centred = Found("en", 0.75, 1.0, 0.5, 0.25), Found("en", 0.125, 0.5, 0.5, 0.375)
    monkeypatch.setattr(joint_map.joint_map, "measures", lambda it: (centred if it.centre else plain,))
    row = joint_map.table(JointMapRequest("m", ("cat",), ("en",)))
    assert "<td>English</td><td>0.75 → 0.12</td><td>100 → 50</td><td>25 → 38</td>" in row
    assert joint_map.table(JointMapRequest("m", ("cat",), ("en",), True, "UMAP")) == row


def test_the_way_through_both_towers_is_counted():
    shape = SimpleNamespace(
        height=64,
        width=32,
        patches=8,
        prefix=1,
        vision_layers=4,
        embedding=128,
        tokens=77,
        text_layers=3,
        pooled="the end",
    )
    said = matrix.towers(shape, 5, 6)
    assert "<b>5 × 3 × 64 × 32</b> → 8 patches + 1 → 4 layers → <b>5 × 128</b>" in said
    assert "<b>6 × 77</b> tokens → 3 layers, pooled at the end → <b>6 × 128</b>" in said
    assert "<b>6 × 5</b> cosines" in said


def test_bars_are_as_long_as_their_share_of_the_greatest():
    said = common.bars([("cat", 0.25, "25 %"), ("dog", 0.5, "50 %")], 0.5, "dog")
    cat, dog = said.split("</li>")[:2]
    assert "50.0" in cat and "100" in dog and "strong" in dog and "strong" not in cat


# --- embeddings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "points", "shown", "why"),
    [
        ("UMAP", space.FEWEST - 1, "PCA", "too few for UMAP"),
        ("UMAP", space.FEWEST, "UMAP", ""),
        ("PCA", 1, "PCA", ""),
        ("t-SNE", space.MOST_TSNE, "t-SNE", ""),
        ("t-SNE", space.MOST_TSNE + 1, "UMAP", "too many for t-SNE"),
        ("UMAP", space.MOST_TSNE + 1, "UMAP", ""),
    ],
)
def test_a_method_gives_way_where_points_are_too_few_or_too_many(method, points, shown, why):
    found, remark = space.possible(method, points)
    assert found == shown and why in remark and bool(remark) is bool(why)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ((0.0, 0.08, 0.0, 0.5), "unknown pieces: Thai 25 %"),
        ((0.0, 0.1, 0.0, 0.0), "unknown pieces: English 5 %"),
        ((0.0, 0.09, 0.09, 0.0), ""),
        ((0.5, 0.5, 0.2, 0.0), "unknown pieces: English 50 %, Thai 10 %"),
    ],
)
def test_languages_are_unknown_by_the_mean_of_their_own_texts(shares, says):
    texts = TextSet("t", ("a", "b", "c", "d"), (("language", ("English", "English", "Thai", "Thai")),))
    assert space.unknown(texts, shares) == says
    assert space.unknown(TextSet("t", ("a",)), (0.5,)) == "unknown pieces: these texts 50 %"


def test_scores_of_a_map_are_said_where_they_are_known():
    said = space.in_words(MapScores(0.875, 0.75, 0.9, 0.005, (("language", -0.125), ("topic", None))))
    assert [(name, value) for name, value, _ in said] == [
        ("trust", "0.88"),
        ("continuity", "0.75"),
        ("translation found", "90 % (chance 0.5 %)"),
        ("parted by language", "−0.12"),
    ]
    assert space.in_words(MapScores(None, None, None, None, ())) == ()


@pytest.mark.parametrize(("position", "at"), [(None, 4), (0, 0), (3, 3), (99, 7), (-2, 0)])
def test_the_slider_stands_within_the_layers_or_in_the_middle(monkeypatch, position, at):
    monkeypatch.setattr(space, "layer_names", lambda model: ("x",) * {"small": 5, "large": 8}[model])
    chosen = space.MapChoice(("small", "large"), TextSet("t", ("a",)), position=position)
    assert space.steps_of(chosen) == 8 and space.position_of(chosen) == at
