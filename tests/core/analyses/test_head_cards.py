"""Heads over a corpus: sums by pencil on a made-up model, and the built-in models' cards on sentences never seen."""

import numpy as np
import pytest

from core.analyses import head_cards
from core.analyses.head_cards import cards, made
from core.data.head_cards import HeadCards
from core.data.kept_cards import kept_cards
from core.data.sentences import made as grammar
from core.data.sentences import sentences
from core.models.text import encode
from core.requests import HeadCardsRequest, TextRequest
from core.types import Attention, Refused, Stopped, TextEncoding, Token
from tests.checkpoints import saved, tiny_bert, tiny_vit

REQUEST = HeadCardsRequest("mini-bert-wordpiece")


def reads(text: str) -> TextEncoding:
    """A model of one layer: head 1 looks at the previous token, head 2 at the first one; 0.8 and 0.2 evenly."""
    words = text.split()
    tokens = (Token("[CLS]", 0, -1, special=True), *(Token(w, hash(w) % 997, i) for i, w in enumerate(words)))
    n = len(tokens)
    maps = np.full((1, 2, n, n), 0.2 / n, np.float32)
    for row in range(n):
        maps[0, 0, row, max(0, row - 1)] += 0.8
        maps[0, 1, row, 0] += 0.8
    return TextEncoding(TextRequest("m", text), "m", tokens, (Attention("encoder", tokens, tokens, maps),))


@pytest.fixture
def pencil(monkeypatch):
    monkeypatch.setattr(head_cards, "asked_of", lambda _, text: reads(text))


def test_means_spreads_and_strongest_edges(pencil):
    found = made(REQUEST, ("a b c", "a b c d e"))
    kind = found.of("encoder")
    assert kind is not None and found.sentences == 2 and found.own == 0
    # previous, head 1: 0.8 + 0.2 / n for n = 4 and 6
    own = np.array([0.85, 0.8 + 0.2 / 6])
    assert kind.means["previous"][0, 0] == pytest.approx(own.mean(), abs=1e-6)
    assert kind.spreads["previous"][0, 0] == pytest.approx(own.std(), abs=1e-6)
    assert kind.edges["previous"].tolist() == [[1, 0]] and kind.edges["first"].tolist() == [[0, 1]]
    assert "same" not in kind.means and kind.counts["previous"] == 2
    # strongest between words: one of a sentence, of the same two words the greatest
    (best,) = kind.strongest[0][0]
    assert (best.sentence, best.query, best.key) == (0, 2, 1) and best.weight == pytest.approx(0.85)
    assert found.texts[0].text == "a b c" and found.texts[0].sides["read"] == (" [CLS]", " a", " b", " c")


def test_the_strongest_edges_are_of_different_words(pencil):
    kind = made(REQUEST, ("a b c d", "x b c", "a b c")).of("encoder")
    assert kind is not None
    # "b" to "a" is stronger in the shorter, third sentence than in the first
    assert {(e.sentence, e.query, e.key) for e in kind.strongest[0][0]} == {(1, 2, 1), (2, 2, 1)}
    many = tuple(f"w{n} b c" for n in range(14))
    kind = made(REQUEST, (*many, "z b")).of("encoder")
    assert kind is not None and len(kind.strongest[0][0]) == 10 and kind.strongest[0][0][0].sentence == 14


def test_words_that_are_given_and_take(pencil):
    kind = made(REQUEST, ("a b", "a b", "a b")).of("encoder")
    assert kind is not None
    even = 0.2 / 3
    # head 1: "b" gives "a" 0.8 + even; "a" gives "b" even
    assert dict(kind.given[0][0]) == pytest.approx({"a": 0.8 + even, "b": even}, abs=1e-6)
    assert dict(kind.taking[0][0]) == pytest.approx({"b": 0.8 + even, "a": even}, abs=1e-6)
    rare = made(REQUEST, ("a b", "a b", "a z")).of("encoder")
    assert rare is not None and "z" not in dict(rare.given[0][0])


def test_induction_is_taken_over_sentences_said_twice(pencil):
    kind = made(REQUEST, ("a b c d", "e f g h")).of("encoder")
    assert kind is not None and kind.counts["induction"] == 2
    assert kind.means["induction"][0].tolist() == pytest.approx([0.2 / 9, 0.2 / 9], abs=1e-6)


def test_it_can_be_stopped_and_says_how_far_it_is(pencil):
    told = []
    made(REQUEST, ("a b c", "d e f"), lambda *news: told.append(news))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with pytest.raises(Stopped):
        made(REQUEST, ("a b c",), cancelled=lambda: True)


def test_a_column_that_is_no_token_is_left_out(pencil, monkeypatch):
    def with_sink(_, text):
        found = reads(text)
        (attention,) = found.attentions
        maps = np.concatenate([np.full((*attention.weights.shape[:3], 1), 0.5), attention.weights / 2], axis=-1)
        keys = (Token("sink", -1, -1, special=True), *attention.queries)
        given = Attention("encoder", attention.queries, keys, maps.astype(np.float32))
        return TextEncoding(found.request, "m", found.tokens, (given,))

    plain = made(REQUEST, ("a b c d", "a b c")).kinds[0]
    monkeypatch.setattr(head_cards, "asked_of", with_sink)
    sunk = made(REQUEST, ("a b c d", "a b c")).kinds[0]
    np.testing.assert_allclose(sunk.means["previous"], plain.means["previous"] / 2, atol=1e-6)
    assert sunk.edges["previous"].tolist() == plain.edges["previous"].tolist()
    best, other = sunk.strongest[0][0][0], plain.strongest[0][0][0]
    assert (best.query, best.key) == (other.query, other.key)


def test_a_text_that_cannot_be_read_is_left_out_and_not_counted(pencil, monkeypatch):
    def short(_, text):
        if len(text.split()) > 5:
            raise Refused("too long")
        return reads(text)

    monkeypatch.setattr(head_cards, "asked_of", short)
    found = made(REQUEST, ("a b c", "a b c d e f g", "d e"))
    kind = found.of("encoder")
    assert kind is not None and found.sentences == 2 and kind.counts["previous"] == 2
    assert kind.counts.get("induction") is None  # all of them are too long twice, or too short
    with pytest.raises(Refused, match="too long"):
        made(REQUEST, ("a b c d e f g", "d e"))


def test_texts_side_by_side_give_what_one_alone_gives():
    texts = sentences("de")[:40]
    one, other = (made(HeadCardsRequest("mini-bert-wordpiece", "de"), texts, workers=n).kinds[0] for n in (1, 8))
    for name in one.means:
        np.testing.assert_allclose(one.means[name], other.means[name], atol=1e-5)
        np.testing.assert_allclose(one.spreads[name], other.spreads[name], atol=1e-4)
    assert one.counts == other.counts


def test_what_is_measured_is_kept(any_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GAZE_FOLDER", str(tmp_path / "kept"))
    monkeypatch.setattr(head_cards, "sentences", lambda _: ("the cat sat on the mat", "the mat sat"))
    request = HeadCardsRequest(str(saved(tiny_bert(), tmp_path / "own")))
    first = cards(request)
    monkeypatch.setattr(head_cards, "made", None)  # nothing is measured a second time
    again = cards(request)
    assert again.sentences == first.sentences == 2
    np.testing.assert_allclose(again.kinds[0].means["entropy"], first.kinds[0].means["entropy"], atol=1e-4)


def test_what_reads_no_text_is_refused(any_folder, tmp_path):
    with pytest.raises(Refused, match="reads no text"):
        cards(HeadCardsRequest(str(saved(tiny_vit(), tmp_path / "own"))))
    with pytest.raises(Refused, match="no sentences in"):
        cards(HeadCardsRequest("mini-gpt", "xx"))


def shipped(model: str, language: str = "en") -> HeadCards:
    found = kept_cards(model, language)
    assert found is not None
    return found


@pytest.mark.parametrize("model", ["mini-bert-wordpiece", "mini-xlmr-sentencepiece", "translator"])
def test_a_previous_token_head_is_one_on_sentences_that_no_card_has_seen(model):
    """By its card and a reading of the maps of its own: where does the greatest weight of the words lie?"""
    kinds = [one for one in shipped(model).kinds if "previous" in one.edges]
    kind = max(kinds, key=lambda one: one.edges["previous"].max())
    layer, head = np.unravel_index(int(kind.edges["previous"].argmax()), kind.edges["previous"].shape)
    assert kind.edges["previous"][layer, head] >= 0.8
    fresh = [text for text in grammar("en") if text not in set(sentences("en"))][: 12 if model == "translator" else 60]
    right = 0
    for text in fresh:
        attention = next(one for one in encode(TextRequest(model, text)).attentions if one.kind == kind.kind)
        weights = np.array(attention.weights[layer, head])
        weights[:2] = 0
        weights[[i for i, token in enumerate(attention.queries) if token.special]] = 0
        row, column = divmod(int(weights.argmax()), weights.shape[1])
        right += column == row - 1
    assert right >= 0.8 * len(fresh)


@pytest.mark.slow
def test_shipped_cards_are_what_is_measured_now():
    again, was = (
        made(HeadCardsRequest("mini-bert-wordpiece", "vi"), sentences("vi")),
        shipped("mini-bert-wordpiece", "vi"),
    )
    assert again.mark == was.mark and again.sentences == was.sentences == 1_000
    for name, values in was.kinds[0].means.items():
        np.testing.assert_allclose(again.kinds[0].means[name], values, atol=2e-3)
    for name, values in was.kinds[0].edges.items():
        np.testing.assert_allclose(again.kinds[0].edges[name], values, atol=0.02)  # a tie may fall otherwise
