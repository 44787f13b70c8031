"""The shipped translator does what its card and the lessons rely on; sentences and links were written by hand."""

import json

import numpy as np
import pytest

from core.data.examples import FIRST
from core.engine import ask
from core.measures.alignment import corpus_error_rate, cross_links, diagonal
from core.models.text import encode
from core.requests import TextRequest
from core.store.shelf import SHELF
from core.tokens import words_of
from training.gold import pairs
from ui import state
from ui.components.heads.message import pack


@pytest.fixture(scope="module", params=["fr", "de", "es"])
def aligned(request):
    gold = pairs(request.param)
    crosses = [
        ask(TextRequest("translator", p["source"], target=p["target"], language=request.param)).attentions[2]
        for p in gold
    ]
    return request.param, gold, crosses


def test_gold_words_are_the_words_that_gaze_sees(aligned):
    _, gold, crosses = aligned
    for pair, cross in zip(gold, crosses, strict=True):
        for side, text in (("source_words", pair["source"]), ("target_words", pair["target"])):
            assert max(words_of(text)) + 1 == len(pair[side])
        assert max(t.word for t in cross.queries) + 1 == len(pair["target_words"])
        assert max(t.word for t in cross.keys) + 1 == len(pair["source_words"])


def test_cross_attention_follows_the_words(aligned):
    language, gold, crosses = aligned
    sure, possible = [p["sure"] for p in gold], [p["possible"] for p in gold]
    layers = crosses[0].weights.shape[0]
    rates = [corpus_error_rate([cross_links(c, i) for c in crosses], sure, possible) for i in range(layers)]
    straight = [diagonal(len(p["source_words"]), len(p["target_words"])) for p in gold]
    scores = SHELF["translator"].scores
    assert min(rates) <= 0.30
    assert min(rates) == pytest.approx(scores[f"AER en-{language}"], abs=0.011)
    assert corpus_error_rate(straight, sure, possible) == pytest.approx(
        scores[f"AER en-{language} of the diagonal"], abs=0.001
    )
    assert min(rates) <= scores[f"AER en-{language} of the diagonal"] - 0.15


@pytest.mark.parametrize(
    ("text", "language", "holds"),
    [
        ("Where is my brother?", "fr", "frère"),
        ("I am tired.", "de", "müde"),
        ("The house is big.", "es", "casa"),
        ("I have a dog.", "nl", "hond"),
        ("I read a book.", "ja", "本"),
        ("I read a book.", "zh", "书 書"),
        ("I love you.", "vi", "yêu"),
    ],
)
def test_it_translates_into_each_of_its_languages(text, language, holds):
    assert any(word in ask(TextRequest("translator", text, language=language)).output for word in holds.split())


def test_the_shipped_opening_picture_is_what_the_model_computes():
    shipped, computed = state.first(), encode(FIRST)
    assert shipped.output == computed.output
    for one, other in zip(shipped.attentions, computed.attentions, strict=True):
        assert one.queries == other.queries
        assert np.abs(one.weights - other.weights).max() < 1e-4
    assert len(pack(shipped)) == len(pack(computed))


def test_the_card_is_filled():
    card = json.loads((state.FIRST_FILE.parents[1] / "models" / "translator" / "card.json").read_text(encoding="utf-8"))
    for field in ("data", "licence", "seed", "steps", "minutes", "machine", "parameters", "sha256", "held_out"):
        assert card[field] or field == "seed"
    assert all(f"BLEU en-{code}" in card["scores"] for code in card["languages"])
    assert (state.FIRST_FILE.parents[1] / "models" / "translator" / "model.safetensors").stat().st_size <= 16_000_000
