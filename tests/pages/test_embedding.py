"""The map of an embedding space: texts, vectors against plain forward passes, messages, files, and the page."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.analyses import embedding
from core.data.texts import parallel
from tests.apptest import SHELL, components
from tests.core.analyses.test_embedding import small
from tests.drawn import unpacked
from ui.components.points.message import CUT, pack_points
from ui.views.embedding.map import MapChoice, first_models, mapped, read_first


def test_points_arrive_as_they_were():
    header, arrays = unpacked(pack_points([small(), small()], 1, height=99))
    assert (header["height"], header["steps"], header["position"]) == (99, 2, 1)
    side = header["sides"][1]
    assert arrays["1 places 0"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert side["columns"][0]["names"] and arrays["1 codes 0"].tolist() == [0, 1, 0]
    assert side["texts"][0] == "</script>\ttext 0" and side["labels"] == []


def test_fifty_thousand_points_fit_into_one_message():
    side = small(labels=tuple(f"{i} " + "日" * 100 for i in range(50_000)))  # the longest letters
    message = pack_points([side], 0)
    assert len(message) < 12_000_000
    assert len(unpacked(message)[0]["sides"][0]["texts"][-1]) == CUT
    with pytest.raises(ValueError, match="at most"):
        pack_points([side, side], 0)


@pytest.fixture
def page():
    def go(**query) -> AppTest:
        at = AppTest.from_file(SHELL, default_timeout=60)
        for name, value in {"method": "PCA", **query}.items():
            at.query_params[name] = value
        return at.switch_page("../pages/embedding.py").run()

    return go


def message(at: AppTest) -> dict:
    return unpacked(components(at)[0].proto.bytes)[0]


def test_the_page_shows_two_models_and_says_what_it_stands_on(page):
    at = page()
    assert not at.exception
    sent = message(at)
    assert [len(side["texts"]) for side in sent["sides"]] == [400, 400]
    scores = dict(score[:2] for score in sent["sides"][0]["frames"][3]["scores"])
    assert {"trust", "continuity", "translation found", "parted by language", "parted by topic"} <= scores.keys()
    said = " ".join(one.proto.body for one in at.get("html"))
    assert "built in: mini-bert-wordpiece" in said and "What you see" in said


def test_bank_is_one_point_in_the_static_layer(page):
    at = page(texts="One word: bank", units="words", layer="0", method="UMAP")
    sent = message(at)
    side = sent["sides"][0]
    assert side["labels"] == ["bank"] * 6 and "too few for UMAP" in side["note"]
    assert [frame["method"] for frame in side["frames"]] == ["PCA"] * 6
    arrays = unpacked(components(at)[0].proto.bytes)[1]
    assert arrays["0 places 0"].shape == (6, 2) and not arrays["0 places 0"].any()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"texts": "Your table"}, "There is no table yet"),
        ({"texts": "Your sentences", "own": "just one"}, "One sentence makes no map"),
        ({"texts": "Your sentences", "centre": "true"}, "no column &#x27;language&#x27;"),
        ({"model": "nobody/nothing"}, "nobody/nothing"),
        ({"units": "words", "only": "xylophone"}, "None of these texts holds"),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture(page, query, says):
    at = page(**query)
    assert not at.exception
    assert says in " ".join(one.proto.body for one in at.get("html") if "gaze-advice" in one.proto.body)
    assert len(message(at)["sides"]) == 2


def test_what_the_page_begins_with_is_read_before_anybody_opens_it(monkeypatch):
    read_first()
    monkeypatch.setattr("core.engine.function_for", lambda kind: pytest.fail("read again"))
    for model in first_models():
        chosen = MapChoice(first_models(), parallel(), method="PCA", position=0)
        asked = mapped(chosen, model, st.empty(), lambda: None).question
        assert len(embedding.vectors(asked.embedding).labels) == len(parallel().texts)
