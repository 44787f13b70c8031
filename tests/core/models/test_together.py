"""Texts of one length that wait for one model are read in one pass, and each gets what it would have got alone."""

import threading

import numpy as np
import pytest
import torch

from core.cache import ANSWERS
from core.engine import ask
from core.models import text, together
from core.models.together import read_together
from core.requests import TextRequest
from core.store.opening import open_model
from core.types import Refused

LIMIT = 30
TEXTS = ["The cat sleeps.", "A dog barks.", "Mary reads books.", "We go."]
MODELS = ["mini-bert-wordpiece", "mini-xlmr-sentencepiece", "mini-gpt"]


def ids_of(model: str, some: list[str]) -> list[torch.Tensor]:
    return [torch.tensor([open_model(model).tokenizer(one)["input_ids"]]) for one in some]


class Held:
    """A model's pass whose first call waits until so many others stand in line."""

    def __init__(self, model, others: int) -> None:
        self.model, self.others, self.sizes, self.inside = model, others, [], threading.Event()

    def __call__(self, **inputs):
        self.sizes.append(tuple(inputs["input_ids"].shape))
        if len(self.sizes) == 1:
            self.inside.set()
            line = together._LINES[self.model]
            for _ in range(100_000_000):
                with line.change:
                    if len(line.waiting) == self.others:
                        break
        return self.model(**inputs)


def asked(model, run, inputs: list[dict], keep: bool) -> list:
    """What each gets when the first is at work while all others come."""
    found: dict[int, object] = {}

    def work(place: int) -> None:
        try:
            found[place] = read_together(model, run, "whole", inputs[place], keep=keep)
        except Refused as error:
            found[place] = error

    threads = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(len(inputs))]
    threads[0].start()
    assert run.inside.wait(LIMIT)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    return [found[place] for place in range(len(inputs))]


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_each_gets_what_it_would_have_got_alone(name, keep):
    model = open_model(name).model
    rows = torch.randint(10, 200, (4, 6), generator=torch.Generator().manual_seed(0))
    inputs = [{"input_ids": row[None]} for row in rows] + [{"input_ids": rows[:1, :4]}]
    run = Held(model, 4)
    found = asked(model, run, inputs, keep)
    assert sorted(run.sizes) == [(1, 4), (1, 6), (3, 6)]
    for given, (output, maps) in zip(inputs, found, strict=True):
        alone, wanted = read_together(model, model, "whole", given, keep=keep)
        assert torch.allclose(output.logits, alone.logits, atol=1e-4)
        assert len(maps) == len(wanted) > 0
        size = given["input_ids"].shape[1]
        ours = text.weights_of(maps, size, size)
        theirs = text.weights_of(wanted, size, size)
        for layer in range(len(maps)):
            assert np.allclose(ours[layer], theirs[layer], atol=1e-6)
        if not keep:
            assert ours.nbytes <= theirs.nbytes, "nobody keeps what others read"


def test_no_more_are_read_together_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(together, "MOST_TOKENS", 12)
    model = open_model("mini-gpt").model
    run = Held(model, 5)
    asked(model, run, [{"input_ids": torch.full((1, 6), 20 + i)} for i in range(6)], True)
    assert sorted(run.sizes) == [(1, 6), (1, 6), (2, 6), (2, 6)]


def test_a_text_that_fails_fails_alone():
    model = open_model("mini-gpt").model
    inputs = [{"input_ids": torch.full((1, 3), i)} for i in (5, 6, 10_000_000, 7)]
    found = asked(model, Held(model, 3), inputs, True)
    assert isinstance(found[2], Refused) and all(isinstance(one, tuple) for one in found[:2] + found[3:])


def test_maps_that_do_not_tell_the_texts_apart_are_made_one_by_one(monkeypatch):
    model = open_model("mini-gpt").model
    real = together.parts_of
    monkeypatch.setattr(together, "parts_of", lambda output, maps, n: real(output, maps, n + 5 if n > 1 else n))
    run = Held(model, 2)
    found = asked(model, run, [{"input_ids": torch.full((1, 3), i)} for i in (5, 6, 7)], True)
    assert all(output.logits.shape[0] == 1 for output, _ in found) and run.sizes.count((1, 3)) == 3


@pytest.mark.parametrize("name", MODELS)
def test_a_room_that_asks_at_once_gets_what_each_would_alone(name):
    requests = [TextRequest(name, one) for one in TEXTS * 2]
    ANSWERS.clear()
    alone = [ask(request) for request in requests]
    ANSWERS.clear()
    found: dict[int, object] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.__setitem__(i, ask(requests[i])), daemon=True)
        for i in range(len(requests))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    for place, wanted in enumerate(alone):
        ours = found[place]
        assert ours.tokens == wanted.tokens
        assert np.allclose(ours.attentions[0].weights[0], wanted.attentions[0].weights[0], atol=1e-6)
        for one, other in zip(ours.predictions, wanted.predictions, strict=True):
            assert [c.text for c in one.choices] == [c.text for c in other.choices]
            assert one.choices[0].probability == pytest.approx(other.choices[0].probability, abs=1e-5)
