"""The engine: every kind of question has its answer, and a model trained anew is asked anew."""

import gc
import io
import shutil
from dataclasses import fields

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core import engine
from core.cache import ANSWERS, ROOM, never, silent
from core.data.saved import load, save
from core.engine import ANSWERED_BY, ask, freeze_garbage, function_for, is_answered, made_here, needs
from core.requests import (
    KINDS,
    AlignmentReader,
    BlankRequest,
    Edit,
    EmbeddingRequest,
    ProjectionRequest,
    Request,
    TextRequest,
)
from core.store.cards import ASSETS
from core.store.revisions import kept, revision_of
from core.types import Attention, Choice, Prediction, Refused, TextEncoding, Token

PARTS = {AlignmentReader, ProjectionRequest}  # held by other requests, and asked by none alone

pytestmark = pytest.mark.usefixtures("any_folder")


def test_every_kind_of_request_is_answered_by_a_function_with_a_docstring():
    assert set(ANSWERED_BY) == set(KINDS.values()) - PARTS
    for kind in ANSWERED_BY:
        assert function_for(kind).__doc__, kind


def test_every_request_knows_the_models_that_it_asks():
    text = TextRequest("m", "x")
    assert text.models == ("m",)
    assert ProjectionRequest(EmbeddingRequest("n", ("a", "b"))).models == ("n",)
    for kind in KINDS.values():
        names = {f.name for f in fields(kind)}
        assert names & {"model", "text", "image", "reader", "embedding", "projection", "clean", "first"}, (
            f"{kind} names no model"
        )


def test_a_question_is_answered_once():
    request = TextRequest("mini-gpt", "Once upon a time")
    first = ask(request)
    assert ask(request) is first and is_answered(request)
    assert ask(TextRequest("mini-gpt", "Once upon a time", edit=Edit(scaled=False))) is not first


def test_what_is_refused_says_so_each_time_and_is_not_kept():
    request = TextRequest("mini-gpt", "")
    for _ in range(2):
        with pytest.raises(Refused):
            ask(request)
    assert not is_answered(request)


class Nobody(Request):
    """A kind that the table does not name."""


def test_a_kind_that_nobody_answers_is_our_fault():
    with pytest.raises(TypeError, match="Nobody"):
        ask(Nobody())


@pytest.fixture
def own(tmp_path):
    """A folder with a model of somebody's own, and what trains it anew in place."""
    folder = tmp_path / "own"
    shutil.copytree(ASSETS / "mini-bert-wordpiece", folder)
    (folder / "card.json").unlink()

    def train() -> None:
        file = folder / "model.safetensors"
        weights = load_file(file)
        save_file({name: np.ascontiguousarray(value[::-1]) for name, value in weights.items()}, file)

    return str(folder), train


def test_a_model_trained_anew_in_place_is_asked_anew(own):
    folder, train = own
    questions = (
        TextRequest(folder, "The cat sleeps."),
        BlankRequest(folder, "The cat sleeps.", (1,)),
        EmbeddingRequest(folder, ("The cat sleeps.", "A dog barks.")),
    )
    before, revision = [ask(question) for question in questions], revision_of(folder)
    assert all(ask(question) is value for question, value in zip(questions, before, strict=True))
    train()
    assert revision_of(folder) != revision
    after = [ask(question) for question in questions]
    assert not np.allclose(before[0].attentions[0].weights[0], after[0].attentions[0].weights[0])
    assert before[1].choices != after[1].choices
    assert not np.allclose(before[2].values, after[2].values)


def test_what_is_made_of_an_answer_is_made_anew_with_it(own):
    folder, train = own
    calls = []

    @kept
    def first_row(request: TextRequest) -> float:
        calls.append(request)
        return float(ask(request).attentions[0].weights[0, 0, 0, 0])

    request = TextRequest(folder, "The cat sleeps.")
    value = first_row(request)
    assert first_row(request) == value and len(calls) == 1
    train()
    assert first_row(request) != value and len(calls) == 2


def test_what_is_kept_counts_into_the_one_budget():
    ANSWERS.clear()
    ask(TextRequest("mini-gpt", "A budget is one"))
    assert ANSWERS.bytes > ask(TextRequest("mini-gpt", "A budget is one")).attentions[0].weights.nbytes


ONE = (Token("a", 0, 0),)


def test_an_encoding_comes_back_from_its_file():
    rng = np.random.default_rng(0)
    rows = (Token("a", 3, 0), Token("[SEP]", 4, -1, True, 1))
    some = TextEncoding(
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


def test_it_is_so_once_for_each_model_that_is_new(monkeypatch):
    met = []
    monkeypatch.setattr(engine, "_MET", set())
    monkeypatch.setattr(engine, "freeze_garbage", lambda: met.append(set(engine._MET)))
    for model in ("mini-gpt", "mini-gpt", "mini-bert-wordpiece"):
        made_here(TextRequest(model, "A cat."), silent, never)
    assert met == [{"mini-gpt"}, {"mini-gpt", "mini-bert-wordpiece"}]


def test_texts_that_are_read_together_take_little_of_the_room_and_all_else_half():
    text, edit = "The cat sleeps.", Edit(scaled=False)
    small = [TextRequest(model, text) for model in ("mini-gpt", "mini-bert-wordpiece", "mini-xlmr-sentencepiece")]
    assert all(20 * needs(one) < ROOM for one in small)
    assert needs(TextRequest("mini-gpt", text * 300)) > needs(small[0])
    large = [
        TextRequest("translator", text),
        TextRequest("mini-gpt", text, edit=edit),
        BlankRequest("mini-gpt", text, ()),
    ]
    assert [needs(one) for one in large] == [ROOM / 2] * 3
