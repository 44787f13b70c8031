"""Next token: distributions, steps with and without kept keys and values, chat templates, and what is refused."""

import json

import numpy as np
import pytest
import torch

from core.analyses.next_token import continued, with_chosen
from core.analyses.runs import Run, read_run, write_run
from core.engine import ask
from core.models.writing import Steps, writer
from core.requests import (
    ContinuationRequest,
    DistributionsRequest,
    Edit,
    KeptRequest,
    Sampling,
    TextRequest,
    from_address,
    to_address,
)
from core.store.opening import open_model
from core.types import Refused

TEXT = TextRequest("mini-gpt", "The cat is sleeping on")


def test_distributions_are_the_models_own_softmax():
    found, opened = ask(DistributionsRequest(TEXT)), open_model("mini-gpt")
    ids = [token.id for token in found.tokens]
    with torch.inference_mode():
        shares = torch.softmax(opened.model(torch.tensor([ids])).logits[0].double(), dim=-1).numpy()
    for place, row in zip(found.places, shares, strict=True):
        best = np.sort(row)[::-1][: len(place.candidates)]
        assert np.allclose([c.share for c in place.candidates], best, atol=1e-6)
        assert place.entropy == pytest.approx(-(row * np.log2(row)).sum(), abs=1e-4)
    share, rank = found.places[0].followed
    assert share == pytest.approx(shares[0, ids[1]], abs=1e-6) and rank == (shares[0] > shares[0, ids[1]]).sum() + 1
    logs = [np.log(shares[i, ids[i + 1]]) for i in range(len(ids) - 1)]
    assert found.perplexity == pytest.approx(np.exp(-np.mean(logs)), rel=1e-4)


def test_what_is_chosen_is_read_behind_the_text():
    found = ask(DistributionsRequest(with_chosen(TEXT, 275, 1324)))
    assert [t.text for t in found.tokens] == ["The", "cat", "is", "sleeping", "on", "the", "table"]
    assert found.given == 5 and [t.word for t in found.tokens] == list(range(7))
    assert ask(with_chosen(TEXT, 275, 1324)).tokens == found.tokens
    request = DistributionsRequest(with_chosen(TEXT, 275), Sampling("sample", top_k=5))
    assert from_address(to_address(request)) == request


def test_logits_are_the_same_with_and_without_what_is_kept():
    opened, ids, _ = writer(TEXT)
    steps, more = Steps(TEXT, opened), ids
    for _ in range(12):
        kept = steps(more)
        with torch.inference_mode():
            anew = opened.model(torch.tensor([steps.ids]), use_cache=False).logits[0, -1]
        assert torch.allclose(kept, anew, atol=1e-4)
        more = [int(kept.argmax())]
    assert steps.bytes == 2 * 6 * len(steps.ids) * 192 * 4  # keys and values, layers, tokens, width, bytes a number


def test_greedy_is_transformers_own_and_a_temperature_of_zero_too():
    opened, ids, _ = writer(TEXT)
    theirs = opened.model.generate(
        torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=15,
        do_sample=False, pad_token_id=0,
    )[0, len(ids) :].tolist()  # fmt: skip
    assert list(ask(ContinuationRequest(TEXT, Sampling(), 15)).ids) == theirs
    assert list(ask(ContinuationRequest(TEXT, Sampling("sample", temperature=0.0), 15)).ids) == theirs


def test_steps_taken_one_by_one_are_those_of_a_run():
    how, request = Sampling("sample", temperature=0.9, top_k=50, seed=3), TEXT
    run = ask(ContinuationRequest(TEXT, how, 8))
    for one in run.ids:
        assert ask(DistributionsRequest(request, how)).next == one
        request = with_chosen(request, one)
    assert ask(ContinuationRequest(TEXT, Sampling("sample", 1.0, 0.9, 50, seed=4), 8)).ids != run.ids


def test_a_run_tells_every_token_and_stops_at_the_end_of_the_text():
    told = []
    opened, ends = open_model("mini-gpt"), 0
    found = continued(ContinuationRequest(TEXT, Sampling(), 30), lambda *news: told.append(news))
    assert found.ended == "end" and found.ids[-1] == ends and len(found.ids) < 30
    assert told == [(i, 30, found.ids[:i]) for i in range(1, len(found.ids) + 1)]
    assert opened.tokenizer.decode(found.ids[:-1]).endswith(".")


def test_a_text_as_long_as_the_model_reads_is_not_written_on():
    long = TextRequest("mini-gpt", " ".join(["cat"] * 254))
    found = ask(ContinuationRequest(long, Sampling(penalty=5.0), 30))
    assert len(ask(DistributionsRequest(long)).tokens) + len(found.ids) <= 256


def test_without_its_causal_mask_nothing_is_kept_and_the_steps_are_still_right():
    request = TextRequest("mini-gpt", "The cat is sleeping on", edit=Edit(mask="none"))
    opened, ids, _ = writer(request)
    steps = Steps(request, opened)
    steps(ids)
    second = steps([275])
    whole = Steps(request, opened)([*ids, 275])
    assert torch.allclose(second, whole, atol=1e-5) and steps.bytes == 0
    with pytest.raises(Refused, match="keeps no keys"):
        ask(KeptRequest(request))


def test_what_is_kept_is_counted_and_measured():
    found, opened = ask(KeptRequest(TEXT)), open_model("mini-gpt")
    assert found.shape == (6, 6, 5, 32) and found.bytes == 2 * 6 * 6 * 5 * 32 * 4
    with torch.inference_mode():
        cache = opened.model(torch.tensor([[t.id for t in found.tokens]]), use_cache=True).past_key_values
    keys = torch.stack([layer.keys[0].norm(dim=-1).mean(0) for layer in cache.layers]).numpy()
    assert np.allclose(found.lengths[0], keys, atol=1e-4)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (TextRequest("mini-gpt", "  "), "no text"),
        (TextRequest("mini-gpt", "cat " * 400), "reads up to 256"),
        (TextRequest("translator", "The cat"), "does not write on"),
        (TextRequest("mini-bert-wordpiece", "The cat"), "does not write on"),
        (TextRequest("emoji-vit", "The cat"), "does not write on"),
        (TextRequest("mini-gpt", "The cat", form="chat"), "no chat template"),
        (TextRequest("mini-gpt", "The cat", chosen=(9_999_999,)), "piece"),
    ],
)
def test_what_cannot_be_asked_is_refused_truly(request_, says):
    with pytest.raises(Refused, match=says):
        ask(DistributionsRequest(request_))


def test_one_word_is_a_beginning():
    found = ask(DistributionsRequest(TextRequest("mini-gpt", "I")))
    assert len(found.places) == 1 and found.perplexity is None


def test_a_chat_template_is_shown_as_the_tokens_it_is(tmp_path, any_folder):
    opened = open_model("mini-gpt")
    opened.model.save_pretrained(tmp_path)
    opened.tokenizer.save_pretrained(tmp_path)
    said = json.loads((tmp_path / "tokenizer_config.json").read_text())
    said["chat_template"] = (
        "{% for m in messages %}{{ bos_token }}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    )
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(said))
    found = ask(DistributionsRequest(TextRequest(str(tmp_path), "Hello there", form="chat")))
    texts = [t.text for t in found.tokens]
    assert texts[0] == "<|endoftext|>" and found.tokens[0].special and texts[-1] == ":"
    read = opened.tokenizer("<|endoftext|>user: Hello there\nassistant:")["input_ids"]
    assert [t.id for t in found.tokens] == read


def test_a_saved_run_comes_back_as_it_was():
    found = ask(DistributionsRequest(with_chosen(TEXT, 275, 1324), Sampling("sample", top_k=5)))
    run = read_run(write_run(Run("mini-gpt", "by hand", found)).encode())
    assert [t.text for t in run.found.tokens] == [t.text for t in found.tokens] and run.found.given == 5
    assert run.found.places[3].candidates[0].share == pytest.approx(found.places[3].candidates[0].share, abs=1e-6)
    part = run.until(6)
    assert part.next == found.tokens[6].id and part.places[-1].followed is None and len(part.tokens) == 6


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"form": "gaze run 1"}'])
def test_a_file_that_is_no_run_is_refused(raw):
    with pytest.raises(Refused, match="no run that Gaze saved"):
        read_run(raw)


def test_a_run_with_nonsense_inside_is_refused():
    found = ask(DistributionsRequest(TEXT))
    said = json.loads(write_run(Run("m", "h", found)))
    for change in ({"given": 99}, {"places": []}, {"tokens": [["a"]]}):
        with pytest.raises(Refused, match="missing or of another kind"):
            read_run(json.dumps(said | change).encode())
    said["places"][0]["candidates"][0][2] = 7
    with pytest.raises(Refused, match="missing or of another kind"):
        read_run(json.dumps(said).encode())
