"""Zero-shot transfer: closed forms, scikit-learn and scipy as judges, tables with slips in them, and the page."""

import json

import numpy as np
import pytest

from core.analyses.transfer import rows, shipped_task
from core.data.labelled import NAMES
from core.requests import TransferRequest
from core.store.shelf import SHELF
from tests.apptest import page
from tests.drawn import said
from ui.views.transfer import controls

MODEL = "mini-bert-wordpiece"


needs_model = pytest.mark.skipif(MODEL not in SHELF, reason=f"{MODEL} is not on the shelf")


@needs_model
def test_the_page_says_what_was_measured():
    at = page("transfer", second=MODEL, layer1="layer 3", layer2="layer 3")
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at)
    found = rows(TransferRequest(MODEL, shipped_task("topics"), 3))
    for row in found:
        assert f"<td>{NAMES[row.language]}</td>" in said(at)
        assert f"<b>{100 * row.zero_shot.share:.0f} %</b>" in said(at)
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert np.allclose(figure["data"][0]["y"], [row.zero_shot.share for row in found])


@needs_model
def test_factors_draw_correlations():
    at = page("transfer", show="Factors", task="Sentiment", second=MODEL, layer1="layer 2", layer2="layer 3")
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    titles = [one["text"] for one in figure["layout"]["annotations"]]
    assert len(titles) == 3 and "r = " in figure["layout"]["xaxis"]["title"]["text"]
    assert "gaze-notes" in said(at)


@needs_model
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"task": "Your table"}, "no table yet"),
        ({"model": "nobody/nothing", "second": MODEL}, "nobody/nothing"),
        ({"fit": "fit on French", "second": MODEL}, "Fitted on French"),
        ({"task": "nonsense", "fit": "klingon", "layer1": "layer 99", "second": MODEL}, ""),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says):
    at = page("transfer", **query)
    assert says in said(at)
    assert at.get("plotly_chart") and "gaze-notes" in said(at)


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ({"en": 0.0, "ja": 0.099}, ""),
        ({"en": 0.0, "ja": 0.1}, "10 % of the Japanese pieces"),
        ({"ja": 0.2, "zh": 0.67}, "20 % of the Japanese and 67 % of the Chinese pieces"),
        ({"ja": 0.2, "zh": 0.67, "fr": 0.1}, "20 % of the Japanese, 67 % of the Chinese and 10 % of the French pieces"),
    ],
)
def test_languages_that_a_tokenizer_does_not_know_are_said_in_one_sentence(monkeypatch, shares, told):
    monkeypatch.setattr(controls, "unknown", lambda model, task: shares)
    rest = " are unknown to Mini-BERT, WordPiece: to it these sentences say little. Choose another model."
    assert controls.unknown_said(MODEL, shipped_task("topics")) == (told + rest if told else "")
