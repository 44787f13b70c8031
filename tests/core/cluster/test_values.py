"""Values as bytes: what comes back is what went, to the last bit, and nothing else is taken."""

import pickle

import numpy as np
import pytest
import torch

from core.cache import never, silent
from core.capture.on_demand import LazyWeights
from core.cluster.values import packed, unpacked
from core.engine import made_here
from core.models import text
from core.requests import KINDS, TextRequest
from core.types import Choice
from tests.core.cluster.alike import assert_same
from tests.core.cluster.questions import FOREIGN, GPT, QUICK, SLOW
from tests.core.test_engine import PARTS
from tests.vision_language import asked, saved_vision_language


def travelled(value):
    return unpacked(packed(value))


def test_every_kind_of_question_is_among_those_that_are_tried():
    assert {type(one) for one in (*QUICK, *SLOW, *FOREIGN)} == set(KINDS.values()) - PARTS - {
        KINDS["OwnVectorsRequest"]
    }


@pytest.mark.parametrize("question", QUICK, ids=lambda one: f"{type(one).__name__}-{one.models[0]}")
def test_an_answer_comes_back_as_it_went(question):
    value = made_here(question, silent, never)
    assert_same(value, travelled(value))


@pytest.mark.slow
@pytest.mark.parametrize("question", SLOW, ids=lambda one: type(one).__name__)
def test_a_slow_answer_comes_back_as_it_went(question):
    value = made_here(question, silent, never)
    assert_same(value, travelled(value))


def test_a_picture_among_words_comes_back_as_it_went(tmp_path):
    value = made_here(asked(saved_vision_language("llava", tmp_path / "llava")), silent, never)
    assert_same(value, travelled(value))


@pytest.fixture
def long(monkeypatch):
    """Weights of a text that is long enough to keep what they follow from."""
    monkeypatch.setattr(text, "KEPT_NUMBERS", 100)
    found = made_here(TextRequest(GPT, "Once upon a time there was a cat."), silent, never).attentions[0].weights
    assert isinstance(found, LazyWeights)
    return found


def test_weights_that_are_computed_when_they_are_looked_at_are_so_still(long):
    again = travelled(long)
    assert isinstance(again, LazyWeights) and again.shape == long.shape
    assert_same(long, again)


def test_a_gpus_weights_are_computed_on_the_host_by_whoever_reads_them(long):
    long.place = "cuda:7"
    assert travelled(long).place == "cpu" and long.place == "cuda:7"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_keep_their_strides_and_their_common_memory(dtype):
    whole = (torch.arange(24) % 7).to(dtype).reshape(2, 3, 4)
    turned, part = whole.transpose(0, 2), whole[:, 1:]
    one, other = travelled((turned, part))
    assert one.stride() == turned.stride() and torch.equal(one, turned) and one.dtype == dtype
    assert torch.equal(other, part) and one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


def test_a_small_part_of_a_large_tensor_travels_alone():
    part = torch.zeros(100_000)[5:8]
    assert len(packed(part)) < 1_000 and torch.equal(travelled(part), part)


def test_an_array_that_nobody_may_change_stays_so():
    array = np.arange(6.0)
    array.flags.writeable = False
    assert not travelled(array).flags.writeable


class Program:
    """What runs when it is read."""

    def __reduce__(self):
        return print, ("run",)


def resolves_a_name():
    from core.store.families import resolved

    return resolved


@pytest.mark.parametrize(
    "value", [Program(), pickle.loads, resolves_a_name(), np.load], ids=["a program", "loads", "a name", "load"]
)
def test_programs_are_not_read(value, capsys):
    with pytest.raises(pickle.UnpicklingError, match="is no part of a value"):
        unpacked(pickle.dumps(value))
    assert capsys.readouterr().out == ""


def test_a_value_of_ours_is_read():
    assert travelled(Choice("a", 0.5)) == Choice("a", 0.5)
