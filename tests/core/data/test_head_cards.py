"""Cards of heads as files, and which heads are alike."""

import gzip
import json

import numpy as np
import pytest

from core.data.head_cards import Edge, HeadCards, KindCards, Read, as_file, codes, from_file, like, weights

WORDS = (("a", "b"), ("a", "b"))


def made_up(maps, *, words=WORDS, kind="encoder", model="one") -> HeadCards:
    """Cards of [layer, head] maps over one sentence of two words."""
    layers, heads = maps.shape[:2]
    flat = np.arange(layers * heads, dtype=float).reshape(layers, heads) / 10
    none = tuple(tuple(() for _ in range(heads)) for _ in range(layers))
    edges = tuple(tuple((Edge(0, 1, 0, 0.25),) for _ in range(heads)) for _ in range(layers))
    said = tuple(tuple((("a", 0.5),) for _ in range(heads)) for _ in range(layers))
    means = {"entropy": flat, "same": np.full((layers, heads), np.nan)}
    return HeadCards(
        model, "mark", "en", 3, 2, {0: Read("a b", {"read": (" a", " b")})},
        (KindCards(kind, tuple(range(layers)), means, {"entropy": flat / 2}, {"entropy": 3}, {"previous": flat}, edges,
                   said, none, (words,), (codes(maps),)),),
    )  # fmt: skip


def test_a_file_gives_back_the_cards():
    cards = made_up(np.random.default_rng(0).dirichlet(np.ones(3), (2, 2, 2)))
    again = from_file(as_file(cards))
    assert as_file(again) == as_file(cards)
    assert (again.model, again.mark, again.sentences, again.own, again.texts) == ("one", "mark", 3, 2, cards.texts)
    kind, was = again.kinds[0], cards.kinds[0]
    np.testing.assert_allclose(kind.means["entropy"], was.means["entropy"])
    assert np.isnan(kind.means["same"]).all() and kind.strongest == was.strongest and kind.given == was.given
    np.testing.assert_array_equal(kind.maps[0], was.maps[0])


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", gzip.compress(b"{}"), gzip.compress(json.dumps({"form": 99}).encode())],
    ids=["empty", "nonsense", "nothing inside", "another form"],
)
def test_what_is_no_card_is_a_value_error(data):
    with pytest.raises(ValueError):
        from_file(data)


def test_codes_keep_small_weights_apart():
    some = np.array([0, 0.001, 0.002, 0.5, 1])
    assert np.all(np.diff(codes(some).astype(int)) > 0)
    np.testing.assert_allclose(weights(codes(some)), some, atol=0.004)


def test_heads_are_alike_by_their_rows_over_the_same_words():
    # heads: both words look at "a"; the same but for one row; everything on special tokens
    first = np.array([[1.0, 0, 0], [1, 0, 0]])
    half = np.array([[1.0, 0, 0], [0, 1, 0]])
    special = np.array([[0.0, 0, 1], [0, 0, 1]])
    cards = made_up(np.array([[first, half], [special, first]]))
    found = like(cards, ("encoder", 0, 0), cards)
    assert [name for _, name in found] == [("encoder", 1, 1), ("encoder", 0, 1), ("encoder", 1, 0)]
    np.testing.assert_allclose([share for share, _ in found], [1, 0.5, 0], atol=1e-6)
    other = made_up(np.array([[special, half]]), model="two")
    found = like(cards, ("encoder", 0, 0), other)  # every head of another model, also the one of the same number
    assert [name for _, name in found] == [("encoder", 0, 1), ("encoder", 0, 0)]


def test_heads_that_read_other_words_are_not_compared():
    maps = np.full((1, 2, 2, 3), 1 / 3)
    cards = made_up(maps)
    assert like(cards, ("encoder", 0, 0), made_up(maps, words=(("a", "c"), ("a", "c")))) == []
    assert like(cards, ("cross", 0, 0), cards) == []
