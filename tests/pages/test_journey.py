"""The page Journey: it opens on every family, refuses with a sentence, and each stop goes on to a page that exists."""

import csv
import io

import numpy as np
import pytest

from core.engine import ask
from core.requests import JourneyRequest, TextRequest
from tests.apptest import PAGES, components, taken
from tests.apptest import page as opened_page
from tests.drawn import said, unpacked
from ui.views.journey.whole import OPENING, files, goal

BERT = TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")


@pytest.mark.parametrize(
    ("query", "sides"),
    [({}, ["encoder", "decoder"]), ({"model": "mini-gpt"}, ["decoder"]), ({"model": BERT.model}, ["encoder"])],
)
def test_it_opens_on_a_finished_picture(query, sides):
    at = opened_page("journey", **query)
    (component,) = components(at)
    header, _ = unpacked(component.proto.bytes)
    assert [one["side"] for one in header["sides"]] == sides and header["guesses"]
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at)


def test_characters_and_bytes_are_those_of_the_text():
    header, _ = unpacked(components(opened_page("journey", text="Élan vital", model="mini-gpt"))[0].proto.bytes)
    assert (header["characters"], header["bytes"]) == (10, 11)


def test_a_text_that_is_too_long_gets_advice_and_the_last_good_picture_stays():
    at = opened_page("journey", text="the cat sat on the mat and " * 20, model="mini-gpt")
    assert "Shorten your text" in said(at) and len(components(at)) == 1


@pytest.mark.parametrize("request_", [OPENING, BERT, TextRequest("mini-gpt", "The cat sat on")])
def test_every_stop_goes_to_a_page_with_the_text(request_):
    found = ask(JourneyRequest(request_))
    for stop in files(found):
        asked = {"stop": stop, "layer": 2, "head": 3, "side": found.sides[-1].side}
        file, parameters = goal(request_, found, asked)
        assert (PAGES / f"{file}.py").exists()
        assert file == "word_vectors" or request_.text in parameters.values()


def test_layer_and_head_go_along_to_attention():
    found = ask(JourneyRequest(BERT))
    _, one = goal(BERT, found, {"stop": "Attention", "layer": 2, "head": 3, "side": "encoder"})
    assert one == {"text": BERT.text, "model": BERT.model, "kind": "encoder", "layer": "2", "head": "2"}
    _, mean = goal(BERT, found, {"stop": "Attention", "layer": 0, "head": 0, "side": "encoder"})
    assert mean["head"] == "mean"
    _, cross = goal(
        OPENING, ask(JourneyRequest(OPENING)), {"stop": "Cross-attention", "layer": 1, "head": 1, "side": "x"}
    )
    assert cross["kind"] == "cross" and cross["into"] == "French" and cross["head"] == "0"


def test_its_numbers_are_those_of_the_way():
    at = opened_page("journey")
    found = ask(JourneyRequest(OPENING))

    def table(title: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(taken(at, "journey", title, "CSV").decode("utf-8-sig"))))

    lengths = table("Lengths of the vectors")
    assert len(lengths) == sum(len(side.tokens) * sum(map(len, side.layers)) for side in found.sides)
    last, part = lengths[-1], found.sides[-1].layers[-1][-1]
    assert (last["side"], last["part"], int(last["layer"])) == ("decoder", part.name, len(found.sides[-1].layers))
    assert float(last["length added"]) == pytest.approx(np.sqrt((part.adds[-1] ** 2).sum()))
    guesses = table("What each layer would say")
    assert len(guesses) == len(found.guesses) * len(found.sides[-1].tokens)
    assert (guesses[-1]["says"], float(guesses[-1]["share"])) == pytest.approx(found.guesses[-1][-1])
    arrays = np.load(io.BytesIO(taken(at, "journey", "Lengths of the vectors", "NPZ")))
    assert np.array_equal(arrays["encoder enters"], found.sides[0].enters)
