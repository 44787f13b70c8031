"""The map of an embedding space: texts, vectors against plain forward passes, messages, files, and the page."""

from urllib.parse import urlencode

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.views.embedding as pages
from core.analyses import embedding
from core.data.texts import parallel
from tests.apptest import SHELL, address, components
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


# --- a table of one's own ---------------------------------------------------------------------------------------------

REVIEWS = "url,review,stars\n" + "".join(
    f"https://example.org/{i:030},{('dull', 'warm')[i % 2]} play {i},{i % 5}\n" for i in range(12)
)
RANDOM = np.random.default_rng(7)
VECTORS = RANDOM.normal(size=(12, 5)).astype(np.float32)
METADATA = "word\tgroup\n" + "".join(f"w{i}\t{'ab'[i % 2]}\n" for i in range(12))


def tsv(values: np.ndarray) -> bytes:
    return "".join("\t".join(f"{x:.6f}" for x in row) + "\n" for row in values).encode()


def bring(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Give files as a visitor does."""
    at.file_uploader(key="embedding:file").set_value([(name, data, "") for name, data in files]).run()
    assert not at.exception
    return at


def advice(at: AppTest) -> str:
    return " ".join(one.proto.body for one in at.get("html") if 'class="gaze-advice"' in one.proto.body)


def html(at: AppTest) -> str:
    return " ".join(one.proto.body for one in at.get("html"))


def test_a_table_is_shown_with_its_choosers_and_what_was_guessed(page):
    at = bring(page(), ("reviews.csv", REVIEWS.encode()))
    assert not advice(at)
    assert at.selectbox(key="embedding:text").value == "review" and at.selectbox(key="embedding:label").value == "stars"
    assert "reviews.csv: 12 rows; parted by commas; the first line holds the titles." in html(at)
    side = message(at)["sides"][0]
    assert side["texts"][:2] == ["dull play 0", "warm play 1"] and side["columns"][0]["title"] == "stars"
    at.selectbox(key="embedding:text").set_value("url").run()
    assert message(at)["sides"][0]["texts"][0].startswith("https://")
    at.selectbox(key="embedding:label").set_value("no label").run()
    assert texts_of(at)[0].startswith("https://") and not at.exception


def test_own_vectors_are_mapped_as_they_are_and_no_model_is_asked(page, monkeypatch):
    at = page()
    monkeypatch.setattr("core.analyses.vectors.open_model", lambda name: pytest.fail("a model was asked"))
    monkeypatch.setattr("ui.views.embedding.map.open_model", lambda *told: pytest.fail("a model was opened"))
    bring(at, ("vectors.tsv", tsv(VECTORS)), ("metadata.tsv", METADATA.encode()))
    assert not advice(at)
    at.segmented_control(key="embedding:method").set_value("PCA").run()
    (side,) = message(at)["sides"]
    assert side["texts"] == [f"w{i}" for i in range(12)] and side["title"] == "vectors.tsv"
    assert side["columns"][0]["title"] == "group" and side["names"] == ["as given"]
    assert "own vectors: vectors.tsv, 12 × 5" in html(at) and "built in:" not in html(at)
    arrays = unpacked(components(at)[0].proto.bytes)[1]
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    cosines = np.sort(unit @ unit.T - 2 * np.eye(12), axis=1)[:, ::-1]
    assert np.allclose(arrays["0 cosines 0"], cosines[:, :5], atol=1e-3)
    centred = unit - unit.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    wanted = u[:, :2] * s[:2]
    wanted /= np.sqrt((wanted**2).sum(axis=1).mean())
    assert np.allclose(np.abs(arrays["0 places 0"]), np.abs(wanted), atol=1e-3)
    scores = {name: value for name, value, _ in side["frames"][0]["scores"]}
    assert {"trust", "continuity", "parted by group"} <= scores.keys()
    given = [cosine_silhouette(unit, [i % 2 for i in range(12)])]
    assert scores["parted by group"].replace("−", "-") == f"{given[0]:.2f}"


def cosine_silhouette(unit: np.ndarray, groups: list[int]) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(unit, groups, metric="cosine"))


def texts_of(at: AppTest) -> list[str]:
    return message(at)["sides"][0]["texts"]


def test_a_table_survives_another_page_a_reload_and_undo(page, monkeypatch):
    at = bring(page(), ("reviews.csv", REVIEWS.encode()))
    at.selectbox(key="embedding:text").set_value("url").run()
    at.segmented_control(key="embedding:method").set_value("PCA").run()
    at.switch_page("../pages/tokenizers.py").run().switch_page("../pages/embedding.py").run()
    assert texts_of(at)[0].startswith("https://") and not at.exception
    again = page(**{name: values[0] for name, values in address(at, "embedding").items()})
    assert texts_of(again) == texts_of(at) and not advice(again)
    bring(at, ("vectors.tsv", tsv(VECTORS)))
    assert texts_of(at)[0] == "row 1"
    choose, back = pages.controls.choose, urlencode(address(again, "embedding"), doseq=True)
    monkeypatch.setattr(pages.controls, "choose", lambda: (pages.map.PAGE.restore(back), choose())[1])
    assert texts_of(at.run())[0].startswith("https://") and not at.exception


def test_a_table_that_is_gone_is_asked_for_again(page):
    at = page(texts="Your table", table="own-000000000000000000000000")
    assert "This table is no longer here. Give its file again under More." in advice(at)
    assert len(message(at)["sides"]) == 2 and not at.exception


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([("t.csv", b"text,n\na,1\nb\n")], "Line 3 of t.csv has 1 columns"),
        ([("v.tsv", tsv(VECTORS)), ("m.tsv", b"a\nb\n")], "v.tsv has 12 vectors, m.tsv 2 rows"),
        ([("v.npy", b"\x93NUMPY")], "cannot be read as an array"),
        ([("v.tsv", b"1e30\t1\n1\t2\n")], "Row 1 of v.tsv holds 1e+30"),
    ],
)
def test_a_file_that_cannot_be_shown_is_refused_and_the_picture_stays(page, files, says):
    at = bring(page(), *files)
    assert says in advice(at).replace("&#x27;", "'")
    assert len(message(at)["sides"]) == 2


def test_a_wrong_guess_about_the_first_line_is_mended_by_a_click(page):
    at = bring(page(), ("t.txt", b"fruit\napple\npear\nplum\n"))
    assert texts_of(at) == ["fruit", "apple", "pear", "plum"]
    at.button(key="embedding:titled").click().run()
    assert texts_of(at) == ["apple", "pear", "plum"] and at.selectbox(key="embedding:text").value == "fruit"
    at.button(key="embedding:titled").click().run()
    assert texts_of(at) == ["fruit", "apple", "pear", "plum"] and not at.exception


def test_vectors_of_zeros_have_no_direction_and_are_counted(page):
    values = np.vstack([VECTORS, np.zeros((2, 5), np.float32)])
    at = bring(page(), ("v.tsv", tsv(values)))
    at.segmented_control(key="embedding:method").set_value("PCA").run()
    (side,) = message(at)["sides"]
    assert "Vectors of zeros, without a direction: 2" in side["note"] and len(side["texts"]) == 14
    assert np.isfinite(unpacked(components(at)[0].proto.bytes)[1]["0 places 0"]).all()


def test_rows_without_a_vector_are_left_out_and_counted(page):
    rows = "".join(f'{{"name": "w{i}", "embedding": {"null" if i == 3 else VECTORS[i].tolist()}}}\n' for i in range(12))
    at = bring(page(), ("t.jsonl", rows.encode()))
    at.segmented_control(key="embedding:method").set_value("PCA").run()
    (side,) = message(at)["sides"]
    assert (
        len(side["texts"]) == 11 and "w3" not in side["texts"] and "Rows without a vector, left out: 1." in side["note"]
    )


def test_what_the_page_begins_with_is_read_before_anybody_opens_it(monkeypatch):
    read_first()
    monkeypatch.setattr("core.engine.function_for", lambda kind: pytest.fail("read again"))
    for model in first_models():
        chosen = MapChoice(first_models(), parallel(), method="PCA", position=0)
        asked = mapped(chosen, model, st.empty(), lambda: None).question
        assert len(embedding.vectors(asked.embedding).labels) == len(parallel().texts)
