"""The CLIP page: every screen from a tiny checkpoint, bad input answered where it is, and the matrix in a browser."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.gallery import plain_names
from core.store import shelf
from core.store.shelf import SHELF, ModelCard
from core.types import Refused
from tests.apptest import SHELL, components
from tests.core.analyses.test_clip import folder  # noqa: F401 - fixtures
from tests.drawn import unpacked
from ui.components.contrast.message import Contrast, Edge, pack_contrast
from ui.components.points.message import Frame, PointsSide, pack_points

pytestmark = pytest.mark.usefixtures("any_folder")


@pytest.fixture
def page(folder, monkeypatch):  # noqa: F811
    """The app, with a tiny model in the place of the built-in one."""
    from streamlit.testing.v1 import AppTest

    card = ModelCard("emoji-clip", str(folder / "clip"), "clip", "Tiny", provenance="random", folder=True)
    monkeypatch.setitem(SHELF, "emoji-clip", card)
    return AppTest.from_file(SHELL, default_timeout=90)


def said(app) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def header(app, at: int = 0) -> dict:
    """What the first of the browser's messages says."""
    sent = [one.proto.bytes for one in components(app) if one.proto.bytes]
    return unpacked(sent[at])[0]


def opened(app, screen: str):
    app.query_params["screen"] = screen
    app.switch_page("../pages/clip.py").run()
    assert not app.exception
    return app


def test_the_matrix_its_captions_and_what_is_wrong_with_them(page):
    opened(page, "Matrix")
    assert "8 × 3 × 16 × 16" in said(page) and "8 × 8" in said(page)
    shown = header(page)
    assert [edge["text"] for edge in shown["rows"][:2]] == ["cat face", "dog face"]
    page.session_state["clip:captions"] = "the cat\nthe mat"
    page.run()
    assert [edge["text"] for edge in header(page)["rows"][:3]] == ["the cat", "the mat", "pizza"]
    page.session_state["clip:language"], page.session_state["clip:captions"] = "ja", ""
    page.run()
    assert header(page)["rows"][0]["text"] == "ネコの顔"
    page.session_state["clip:set"] = "Your pictures"
    page.run()
    assert "no pictures of yours yet" in said(page) and header(page)["rows"][0]["text"] == "ネコの顔"
    page.session_state["clip:set"] = "By hand: .3 against 0"
    page.run()
    assert not page.exception and len(header(page)["rows"]) == 4
    page.session_state["clip:set"], page.session_state["clip:captions"] = "Things", "x\n" * 40
    page.run()
    assert "40 captions; up to 32" in said(page) and not page.exception


def test_zero_shot_and_its_bad_input(page):
    opened(page, "Zero-shot")
    assert "cat face" in said(page) and "over 8 classes" in said(page)
    page.session_state["clip:templates"] = "the {}\non the {}"
    page.run()
    assert any("Thick: with the mean of 2 templates" in one.value for one in page.caption)
    for field, typed, advice in (
        ("classes", "cat, mat, cat", "named twice"),
        ("classes", " \n ", "no classes"),
        ("classes", "\n".join(map(str, range(70))), "70 classes; up to 60"),
        ("templates", "a photo", "needs {} once"),
        ("templates", "", "no templates"),
    ):
        before = page.session_state[f"clip:{field}"]
        page.session_state[f"clip:{field}"] = typed
        page.run()
        assert advice in said(page) and "over 8 classes" in said(page) and not page.exception, typed
        page.session_state[f"clip:{field}"] = before
        page.run()
    page.session_state["clip:classes"] = "<img src=x onerror=alert(1)>, mat"
    page.run()
    assert "<img" not in said(page).replace("&lt;img", "") and "&lt;img" in said(page)


@pytest.mark.slow
def test_retrieval_both_ways(page):
    page.query_params["where"] = "Scenes and photographs"
    opened(page, "Retrieval")
    finds = header(page)["finds"]
    assert len(finds) == 30 and [f["cosine"] for f in finds] == sorted((f["cosine"] for f in finds), reverse=True)
    page.session_state["clip:question"] = "  "
    page.run()
    assert "no text to read" in said(page) and len(header(page)["finds"]) == 30
    page.session_state["clip/stopped search"] = "emoji-clip", plain_names()
    page.session_state["clip:where"], page.session_state["clip:question"] = "All emoji", "mat"
    page.run()
    assert "press Go on" in said(page) and len(header(page)["finds"]) == 30
    next(one for one in page.button if one.label == "Go on").click()
    page.run()
    assert "press Go on" not in said(page) and header(page)["finds"][0]["name"].startswith("emoji-")
    page.session_state["clip:where"], page.session_state["clip:question"] = "Your pictures", "cat"
    page.run()
    assert "no pictures of yours yet" in said(page) and not page.exception
    page.session_state["clip:way"] = "Picture finds texts"
    page.run()
    assert not page.exception and said(page).count("<li") == 14
    assert any("of 1,5" in one.value and "“cat face”, is at place" in one.value for one in page.caption)


def test_the_map_the_words_and_the_views(page):
    opened(page, "Map")
    (side,) = header(page)["sides"]
    assert side["columns"][0]["names"] == ["pictures", "English", "Japanese"] and "gap" in said(page)
    page.session_state["clip:languages"] = []
    page.run()
    assert "at least one language" in said(page) and header(page)["sides"]
    page.session_state["clip:screen"] = "Word to region"
    page.run()
    assert [p["title"] for p in header(page)["panels"]][1] == "“cat face, dog face”" and not page.exception
    assert any("on cat face" in one.value and "of the area" in one.value for one in page.caption)
    page.session_state["clip:screen"] = "SimCLR"
    page.run()
    assert not page.exception and header(page)["kind"] == "simclr" and len(header(page)["rows"]) == 12


def test_points_inside_a_loop_are_listed_with_their_neighbours(page):
    opened(page, "Map")
    question = page.session_state["clip/good map"]
    count = len(question.keys)
    page.session_state["clip/joint points"] = (question, [0, count])  # a picture and its own name
    page.run()
    table = page.dataframe[0].value
    assert list(table["kind"]) == ["pictures", "English"] and table["point"][0] == table["point"][1]
    assert all("(" in near for near in table["nearest 1"])


def test_without_any_clip_the_page_says_what_to_do(page, monkeypatch):
    monkeypatch.delitem(SHELF, "emoji-clip")
    shelf._available.cache_clear()
    page.switch_page("../pages/clip.py").run()
    assert not page.exception and "python run.py train emoji-clip" in said(page)


def test_what_the_browser_gets():
    cosines = np.array([[0.5, -0.25], [0.125, 1.0]])
    edges = (Edge("a", 0), Edge("b"))
    told, arrays = unpacked(pack_contrast(Contrast(edges, edges, cosines, 14.0, sheet=b"jpeg")))
    assert arrays["cosines"].tolist() == cosines.tolist() and arrays["sheet"].tobytes() == b"jpeg"
    assert told["scale"] == 14 and told["pictures"] == 1 and told["rows"][1] == {"text": "b", "picture": -1}
    with pytest.raises(Refused, match="above 0"):
        pack_contrast(Contrast(edges, edges, cosines, float("nan")))
    with pytest.raises(ValueError, match="do not meet"):
        Contrast(edges, edges[:1], cosines, 1.0)
    with pytest.raises(ValueError, match="two of every"):
        Contrast(edges * 2, edges * 2, np.zeros((4, 4)), 1.0, kind="simclr") and Contrast(
            edges[:1], edges[:1], np.zeros((1, 1)), 1.0, kind="simclr"
        )


def test_points_may_be_pictures():
    frame = Frame(0, "PCA", np.zeros((14, 2)), (), np.zeros((14, 0)), np.zeros((14, 0)))
    labels = tuple("abcdefghijklmn")
    where = np.array([*range(13), -1])
    side = PointsSide(
        "map", ("one",), labels, labels, np.arange(14), (), (frame,), pictures=where, sheet=b"file!", across=12
    )
    told, arrays = unpacked(pack_points([side], 0))
    (said_of,) = told["sides"]
    assert (said_of["across"], said_of["down"]) == (12, 2)
    assert arrays["0 pictures"].tolist() == where.tolist() and arrays["0 sheet"].tobytes() == b"file!"


@pytest.mark.parametrize("screen", ["Matrix", "Zero-shot"])
def test_a_siglip_says_what_it_does(page, folder, monkeypatch, screen):  # noqa: F811
    monkeypatch.setitem(SHELF, "emoji-clip", replace(SHELF["emoji-clip"], id=str(folder / "siglip")))
    opened(page, screen)
    if screen == "Zero-shot":
        assert "sigmoid(cosine" in said(page) and "judged by itself" in said(page)
        return
    told = header(page)
    assert told["kind"] == "siglip" and told["bias"] and told["marks"][1]["value"] == 10
