"""The map of an embedding space: texts, vectors against plain forward passes, messages, files, and the page."""

import json
import struct

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import SHELL
from tests.core.analyses.test_embedding import small
from ui.components.points.message import CUT, pack_points


def opened(message: bytes) -> tuple[dict, bytes]:
    (length,) = struct.unpack("<I", message[:4])
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def test_points_arrive_as_they_were():
    header, rest = opened(pack_points([small(), small()], 1, height=99))
    assert (header["height"], header["steps"], header["position"]) == (99, 2, 1)
    side = header["sides"][1]
    where = side["frames"][0]["places"]
    assert np.frombuffer(rest, "<f4", where["count"], where["at"]).tolist() == [0, 1, 2, 3, 4, 5]
    codes = side["columns"][0]["codes"]
    assert np.frombuffer(rest, "u1", codes["count"], codes["at"]).tolist() == [0, 1, 0]
    assert side["texts"][0] == "</script>\ttext 0" and side["labels"] == []


def test_fifty_thousand_points_fit_into_one_message():
    side = small(labels=tuple(f"{i} " + "日" * 100 for i in range(50_000)))  # the longest letters
    message = pack_points([side], 0)
    assert len(message) < 12_000_000
    assert len(opened(message)[0]["sides"][0]["texts"][-1]) == CUT
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
    return opened(at.get("bidi_component")[0].proto.bytes)[0]


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
    rest = opened(at.get("bidi_component")[0].proto.bytes)[1]
    where = side["frames"][0]["places"]
    assert not np.frombuffer(rest, "<f4", where["count"], where["at"]).any()


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
