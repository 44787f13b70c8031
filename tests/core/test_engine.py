"""The engine: the same question is computed once, errors are not kept, and the cache stays within its bytes."""

import gc
import io
import threading

import numpy as np
import pytest

from core.data.saved import load, save
from core.engine import Engine, freeze_garbage, size_of
from core.errors import Refused
from core.requests import Edit, TextRequest
from core.types import Attention, Choice, Encoding, Prediction, Token

ONE = (Token("a", 0, 0),)


def value(request: TextRequest, layers: int = 1) -> Encoding:
    return Encoding(request, "m", ONE, (Attention("encoder", ONE, ONE, np.ones((layers, 1, 1, 1), dtype="f4")),))


def test_a_question_is_answered_once():
    asked = []

    def answer(request, progress):
        asked.append(request)
        return value(request)

    engine = Engine(answer)
    first = engine.ask(TextRequest("m", "x"))
    assert engine.ask(TextRequest("m", "x")) is first
    assert engine.ask(TextRequest("m", "x", edit=Edit(scaled=False))) is not first
    assert len(asked) == 2
    assert engine.hits == 1


def test_a_full_room_with_one_question_costs_one_answer():
    asked, opened, found = [], threading.Event(), []

    def answer(request, progress):
        asked.append(request)
        opened.wait(10)
        return value(request)

    engine = Engine(answer)
    room = [
        threading.Thread(target=lambda: found.append(engine.ask(TextRequest("m", "x"))), daemon=True) for _ in range(20)
    ]
    for student in room:
        student.start()
    opened.set()
    for student in room:
        student.join(10)
    assert len(asked) == 1
    assert len({id(v) for v in found}) == 1
    assert len(found) == 20


def test_errors_reach_who_asked_and_are_not_kept():
    def answer(request, progress):
        raise Refused("too long")

    engine = Engine(answer)
    for _ in range(2):
        with pytest.raises(Refused, match="too long"):
            engine.ask(TextRequest("m", "x"))
    assert engine.asked == 2
    assert engine.bytes == 0


def test_the_cache_drops_what_was_not_used_for_longest():
    asked = []

    def answer(request, progress):
        asked.append(request.text)
        return value(request)

    engine = Engine(answer, cache_bytes=2 * size_of(value(TextRequest("m", "x"))))
    for text in ("a", "b", "a", "c", "a", "b"):
        engine.ask(TextRequest("m", text))
    assert asked == ["a", "b", "c", "b"]
    assert engine.bytes <= 2 * size_of(value(TextRequest("m", "x")))


def test_a_value_larger_than_the_cache_is_given_but_not_kept():
    engine = Engine(lambda request, progress: value(request), cache_bytes=10)
    assert engine.ask(TextRequest("m", "x")).model == "m"
    assert engine.bytes == 0


def test_an_encoding_comes_back_from_its_file():
    rng = np.random.default_rng(0)
    rows = (Token("a", 3, 0), Token("[SEP]", 4, -1, True, 1))
    some = Encoding(
        TextRequest("m", "x", edit=Edit(heads_off=(("encoder", 0, 1),))),
        "m",
        rows,
        (Attention("encoder", rows, rows, rng.dirichlet([1, 1], (2, 3, 2)).astype("f4")),),
        predictions=(Prediction("next token", 1, (Choice("é", 0.5),)),),
        output="oui",
        remarks=("cut",),
    )
    file = io.BytesIO()
    save(some, file)
    file.seek(0)
    back = load(file)
    assert np.array_equal(back.attentions[0].weights, some.attentions[0].weights)
    assert (back.request, back.tokens, back.predictions, back.output, back.remarks) == (
        some.request,
        some.tokens,
        some.predictions,
        some.output,
        some.remarks,
    )


def test_what_a_model_brought_is_out_of_the_collectors_way():
    here = [[]]
    here[0].append(here)  # only the collector could free it, and it is still in use
    freeze_garbage()
    assert not any(one is here for one in gc.get_objects())
    gc.unfreeze()
    assert any(one is here for one in gc.get_objects())
