"""The page Word vectors: its recordings, what is asked of a run, a run of one's own, and what is refused."""

import io

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.numbers import as_npz
from core.data.small_world import kinds_shown
from core.learning.recordings import load_words, save_words, word_run
from core.measures.word_vectors import context
from tests.apptest import SHELL, components, page, run_out
from tests.drawn import said, unpacked
from ui.views.word_vectors.common import TRAINER, changed, recording
from ui.views.word_vectors.map import numbers_of, quality

TEXT = "\n".join(["the cat sleeps on the sofa", "the dog sleeps on the bed", "a cat and a dog eat"] * 20)


def sent(at):
    return unpacked(components(at)[0].proto.bytes)


def test_it_opens_on_a_recording_that_walks():
    at = page("word_vectors")
    header, arrays = sent(at)
    (side,) = header["sides"]
    assert side["title"] == "recorded, skip-gram" and header["step"] == "step" and header["named"]
    assert header["steps"] == len(side["frames"]) == len(recording("skip-gram").frames) > 30
    kinds = kinds_shown()
    column = side["columns"][0]
    named = [column["names"][code] for code in arrays["0 codes 0"]]
    assert named == [kinds[word] for word in side["texts"]]
    assert "95 %" in said(at) and "81 %" in said(at)


def test_neighbours_on_the_map_are_those_of_the_vectors():
    run = recording("skip-gram")
    rows = np.array([run.result.words.index(word) for word in run.shown])
    one = run.result.vectors[rows] / np.linalg.norm(run.result.vectors[rows], axis=1, keepdims=True)
    cosines = one @ one.T - 2 * np.eye(len(rows))
    assert (cosines.argmax(axis=1) == run.frames[-1].neighbours[:, 0]).mean() > 0.95  # both are rounded to 16 bits


def test_both_recordings_learned_what_they_say():
    for method in ("skip-gram", "CBOW"):
        near, (right, count) = quality(recording(method))
        assert near > 0.85 and right > 0.6 and count == 236
        assert recording(method).settings.method == method


def test_a_recording_is_read_as_it_was_written(tmp_path):
    run = recording("CBOW")
    with (tmp_path / "run.npz").open("wb") as file:
        save_words(run, file)
    again = load_words(tmp_path / "run.npz")
    assert again.settings == run.settings and again.shown == run.shown
    assert (again.result.vectors == run.result.vectors).all()
    assert [f.loss for f in again.frames] == [f.loss for f in run.frames]


def test_pairs_are_those_of_the_window():
    at = page("word_vectors", screen="Pairs", sentence="one two three four", centre="1", window="2", negatives="3")
    html = said(at)
    words = ("one", "two", "three", "four")
    pairs = [word for word in words if f"<tr><td>one</td><td>{word}</td>" in html]
    assert pairs == [words[place] for place in context(4, 0, 2)] == ["two", "three"]
    assert "makes 2 pairs" in html and "3 negatives" in html
    assert "makes 0 pairs" in said(page("word_vectors", screen="Pairs", sentence="word"))


def test_neighbours_and_an_analogy():
    html = said(page("word_vectors", screen="Neighbours", words="paris", analogy="man, king, woman"))
    assert "king − man + woman" in html and "“king” is to “man” as “queen” is to “woman”" in html


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"screen": "Neighbours", "words": "king, xylophone, zebra"}, "“xylophone”, “zebra”"),
        ({"screen": "Neighbours", "analogy": "man, king"}, "three different words"),
        ({"screen": "Neighbours", "words": ""}, "Type a word"),
        ({"screen": "Pairs", "sentence": "..."}, "There is no word"),
        ({"screen": "Pairs", "sentence": "word " * 30}, "30 words; up to 24"),
        ({"screen": "One-hot", "listed": "king, flibbertigibbet"}, "“flibbertigibbet”"),
    ],
)
def test_what_does_not_go_is_said_and_the_picture_stays(query, says):
    at = page("word_vectors", **query)
    assert says in said(at) and "What you see" in said(at)


def test_two_runs_are_told_apart():
    at = page("word_vectors", screen="Two runs")
    assert [side["title"] for side in sent(at)[0]["sides"]] == ["A: recorded, skip-gram", "B: recorded, CBOW"]
    assert "From A to B: method skip-gram → CBOW." in said(at)
    one = recording("skip-gram").settings
    assert changed(one, one) == []


def click(at, name):
    return at.button(key=f"word_vectors:{name}").click().run()


@pytest.mark.slow
def test_a_run_of_one_s_own():
    at = page("word_vectors", source="Your text", own=TEXT, epochs="3", size="8")
    click(at, "train")
    assert not at.exception
    training = at.session_state["word_vectors/training run"]
    assert training.trainer == TRAINER and training.settings.size == 8
    run_out(training)
    at.run()
    assert sent(at)[0]["sides"][0]["title"] == "skip-gram, size 8, window 4, 3 epochs"
    with np.load(io.BytesIO(as_npz(numbers_of(word_run(training.settings, training.steps).result)))) as file:
        assert file["vectors"].shape == (len(file["words"]), 8)
    click(at, "again")
    assert sent(at)[0]["sides"][0]["title"] == "recorded, skip-gram"


@pytest.mark.parametrize(
    ("query", "says"),
    [({"source": "Your text"}, "no text of yours yet"), ({"source": "Your text", "own": " "}, "no text")],
)
def test_a_run_without_a_text_is_refused(query, says):
    at = page("word_vectors", **query)
    click(at, "train")
    assert says in said(at) and "word_vectors/training run" not in at.session_state


def test_the_way_to_embedding_space_is_open():
    at = AppTest.from_file(SHELL, default_timeout=60)
    at.query_params["screen"] = "One-hot"
    at.switch_page("../pages/word_vectors.py").run()
    click(at, "on")
    assert not at.exception
    assert at.session_state["embedding/session kept"]["texts"] == "One word: bank"
