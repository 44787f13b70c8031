"""Full memory: idle models are given up, work is tried again, then on the CPU where that is quick, else refused."""

import numpy as np
import pytest
import torch

from core import device
from core.cache import ANSWERS, memory, raise_if_cancelled
from core.cache.memory import Full, is_full, with_room
from core.capture import on_demand
from core.engine import ask, seconds_on_cpu
from core.measures.projection import nearest
from core.models.calling import called
from core.requests import ImageRequest, TextRequest
from core.store import opening
from core.store.revisions import kept

TEXT = TextRequest("mini-bert-wordpiece", "A card that is full gives way.")


@pytest.fixture
def card(monkeypatch):
    """This machine has a GPU of 2 GB, so it seems; what runs on it runs on the CPU."""
    real = device._device
    cuda = device.Device("cuda", "cpu", "Card")
    monkeypatch.setattr(device, "_device", lambda wanted: real("cpu") if wanted == "cpu" and forced() else cuda)
    monkeypatch.setattr(device.Device, "free_bytes", lambda self: 300_000_000)
    monkeypatch.setattr(device.Device, "total_bytes", lambda self: 2_000_000_000)
    opening._opened.cache_clear()
    ANSWERS.clear()
    yield cuda
    opening._opened.cache_clear()


def forced() -> bool:
    return bool(device._FORCED.get())


@pytest.fixture
def given_up(monkeypatch):
    """How often idle models were given up."""
    calls = []
    monkeypatch.setattr(memory, "_IDLE", [lambda: calls.append("models")])
    return calls


def failing(times: int, error: type[BaseException] = torch.OutOfMemoryError):
    """Work that finds memory full so many times, and then says where it ran; it may be cancelled."""
    left = [times]

    def work(cancelled):
        if left[0]:
            left[0] -= 1
            raise error("CUDA out of memory")
        raise_if_cancelled(cancelled)
        return device.best_device().kind

    return work


def test_what_fits_is_left_alone(card, given_up):
    assert with_room(failing(0)) == "cuda" and not given_up


def test_idle_models_are_given_up_and_the_work_is_tried_again(card, given_up):
    assert with_room(failing(1)) == "cuda" and given_up == ["models"]


def test_then_it_runs_on_the_cpu(card, given_up):
    assert with_room(failing(2)) == "cpu" and given_up == ["models"]
    assert device.best_device().kind == "cuda", "only this work"


def test_what_would_take_minutes_on_the_cpu_is_refused_with_numbers(card, given_up):
    with pytest.raises(Full, match=r"Card has 0\.3 of 2\.0 GB free\. .* about 10 minutes"):
        with_room(failing(2), seconds=lambda: 600)


def test_what_does_take_longer_than_a_minute_is_stopped(card, given_up, monkeypatch):
    monkeypatch.setattr(memory, "PATIENCE", -1.0)
    with pytest.raises(Full, match="over a minute"):
        with_room(failing(2), seconds=lambda: -2.0)


def test_a_full_machine_has_nowhere_else_to_go(given_up):
    with pytest.raises(Full, match=r"not enough memory for this: .* GB free"):
        with_room(failing(9, MemoryError))
    assert given_up == ["models"]


def test_other_errors_are_not_tried_again(card, given_up):
    with pytest.raises(KeyError):
        with_room(failing(1, KeyError))
    assert not given_up


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_who_says_that_memory_is_full(error, full):
    assert is_full(error) is full


def test_torch_says_so_on_the_cpu_by_the_words_that_are_known():
    with pytest.raises(RuntimeError) as error:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_full(error.value)


def test_a_pass_that_finds_no_room_says_so():
    with pytest.raises(Full, match=r"to run Linear over this: .* GB free\. Shorten"), called(torch.nn.Linear(1, 1)):
        raise torch.OutOfMemoryError("CUDA out of memory")


def planted(monkeypatch, owner, name: str, times: int) -> list[str]:
    """A method that finds the card full so many times; gives where each call was to run."""
    real, calls = getattr(owner, name), []

    def method(self, *args, **kwargs):
        calls.append(device.best_device().kind)
        if len(calls) <= times:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(owner, name, method)
    return calls


@pytest.mark.parametrize(("times", "ran"), [(1, "cuda"), (2, "cpu")])
def test_a_question_whose_pass_does_not_fit_is_answered_all_the_same(card, monkeypatch, times, ran):
    from transformers import BertModel

    wanted = ask(TEXT).attentions[0].weights
    ANSWERS.clear()
    calls = planted(monkeypatch, BertModel, "forward", times)
    found = ask(TEXT).attentions[0].weights
    assert np.array_equal(found, wanted)
    assert calls == ["cuda"] * times + [ran]


def test_a_question_that_fits_nowhere_is_refused_and_the_next_one_is_answered(card, monkeypatch):
    from transformers import BertModel

    calls = planted(monkeypatch, BertModel, "forward", 3)
    with pytest.raises(Full, match="GB free"):
        ask(TEXT)
    assert len(calls) == 3
    assert ask(TEXT).tokens


def test_a_model_finds_room_once_idle_ones_are_given_up(card, monkeypatch):
    other = opening.open_model("mini-gpt")
    calls = planted(monkeypatch, torch.nn.Module, "to", 1)
    assert opening.open_model(TEXT.model).device is card
    assert len(calls) >= 2 and opening.open_model("mini-gpt") is not other


def test_a_model_that_nothing_makes_room_for_is_refused_with_numbers(card, monkeypatch):
    planted(monkeypatch, torch.nn.Module, "to", 2)
    with pytest.raises(Full, match=r"0\.3 of 2\.0 GB free"):
        opening.open_model(TEXT.model)


def test_a_look_that_finds_no_room_is_taken_again(card, monkeypatch, given_up):
    monkeypatch.setattr(device.Device, "free_bytes", lambda self: 1_000_000_000 if given_up else 1_000)
    assert opening.open_model(TEXT.model).dtype == "float32" and given_up


def test_neighbours_find_room_too(card, monkeypatch):
    points = np.random.default_rng(0).random((30, 3)).astype(np.float32)
    indices, _ = nearest(points, 2)
    calls = planted(monkeypatch, torch.Tensor, "topk", 1)
    assert np.array_equal(with_room(lambda _: nearest(points, 2))[0], indices) and len(calls) == 2


def test_what_is_kept_of_an_answer_finds_room_too(card, given_up):
    calls = []

    @kept
    def value(number: int) -> int:
        calls.append(number)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return number

    assert value(3) == 3 and calls == [3, 3] and given_up == ["models"]


def test_weights_on_demand_are_computed_on_the_host_when_the_card_is_full(monkeypatch):
    recipe = on_demand.ScoreInputs(torch.randn(1, 2, 5, 4), torch.randn(1, 2, 5, 4), 0.5)
    weights = on_demand.LazyWeights([recipe], 0, slice(None), slice(None))
    wanted, real, asked = weights[0], on_demand.scores, []

    def scores(*args):
        asked.append(args[4] if len(args) > 4 else None)
        if asked[-1] == "card":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(*args)

    monkeypatch.setattr(on_demand, "scores", scores)
    weights.place = "card"
    assert np.array_equal(weights[0], wanted) and asked == ["card", "cpu"]


def test_a_minute_on_the_cpu_is_told_from_the_weights_and_the_text(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("core.engine.weights_on_disk", lambda name: 4 * 7_000_000_000)
    short, long = TextRequest("m", "x" * 300), TextRequest("m", "x" * 19_000)
    assert seconds_on_cpu(short) == pytest.approx(2 * 7e9 * 577 / 6e10)
    assert seconds_on_cpu(long) == pytest.approx(2 * 7e9 * 19_000 / 3 / 6e10, rel=0.01)
    assert seconds_on_cpu(ImageRequest("m", "x")) == seconds_on_cpu(short)
    monkeypatch.undo()
    assert opening.weights_on_disk("mini-gpt") > 1_000_000 and opening.weights_on_disk("nothing/here") == 0
