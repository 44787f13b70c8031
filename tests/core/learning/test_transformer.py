"""A small transformer that learns: the same for a seed, its maps and score against plain passes, and its files."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from core.learning.recordings import load_transformer, save_transformer
from core.learning.runs import TransformerResult, appears, transformer_run
from core.learning.tasks import example, material
from core.learning.transformer import Looker, Reader, train
from core.models.small import small_transformer
from core.models.text import encode
from core.requests import TextRequest
from core.requests.learning import TransformerTraining
from core.store import kept_models
from core.store.shelf import card_for
from core.types import Refused


def settings(**more):
    return TransformerTraining(**({"layers": 1, "heads": 2, "width": 16, "steps": 10, "longest": 4} | more))


def forever():
    return True


def run_of(**more):
    some = settings(**more)
    return transformer_run(some, tuple(train(some, forever)))


def pieces(kind, **more):
    some = settings(kind=kind, **more)
    found = material(some)
    reader = Reader(some, found)
    torch.manual_seed(0)
    model = small_transformer(kind, len(reader.tokenizer), 2, 2, 16, positions=True)
    return reader, model, example(some, found)


def test_rows_ask_a_causal_model_one_place_before():
    reader, _, row = pieces("causal")
    ids, mask, targets = reader.read([row])
    assert reader.tokenizer.decode(ids[0]) == row.given + row.asked
    begin = len(row.given) - 1
    assert (targets[0, :begin] == -100).all() and (targets[0, begin:-1] == ids[0, begin + 1 :]).all()
    assert targets[0, -1] == -100 and mask.all()


def test_rows_hide_the_answer_from_a_masked_model():
    reader, _, row = pieces("masked")
    ids, _, targets = reader.read([row])
    begin = len(row.given)
    assert (ids[0, begin:] == reader.mask).all() and (targets[0, :begin] == -100).all()
    assert reader.tokenizer.decode(targets[0, begin:]) == row.asked


@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_what_is_told_is_what_the_model_does(kind):
    reader, model, row = pieces(kind)
    frame = Looker(reader, model, row).look(0, 0.0, None)
    model.set_attn_implementation("eager")
    ids, mask, targets = reader.read([row])
    with torch.no_grad():
        out = model(input_ids=ids, attention_mask=mask, output_attentions=True)
        rows = [model(input_ids=i[m.bool()][None]).logits[0] for i, m, _ in zip(*reader.judged(), strict=True)]
    wanted = torch.stack([layer[0] for layer in out.attentions]).numpy()
    np.testing.assert_allclose(frame.weights / 255, wanted, atol=0.5 / 255 + 1e-6)
    for answer in frame.answers:
        share = torch.softmax(out.logits[0, answer.place], dim=-1)
        assert answer.choices[0][1] == pytest.approx(share.max().item(), abs=1e-5)
        assert reader.ids[answer.wanted] == targets[0, answer.place]
    asked = [t[m.bool()] for _, m, t in zip(*reader.judged(), strict=True)]
    right = [bool((r.argmax(-1)[t != -100] == t[t != -100]).all()) for r, t in zip(rows, asked, strict=True)]
    assert frame.right == pytest.approx(np.mean(right))
    each = torch.nn.functional.cross_entropy
    losses = torch.cat([each(r, t, reduction="none")[t != -100] for r, t in zip(rows, asked, strict=True)])
    assert frame.loss == pytest.approx(losses.mean().item(), abs=1e-4)


def test_the_pattern_is_the_weight_on_the_letter_to_be_written():
    reader, model, row = pieces("causal", task="copy")
    frame = Looker(reader, model, row).look(0, 0.0, None)
    begin, count = len(row.given) - 1, len(row.asked)
    by_hand = np.mean([frame.weights[:, :, begin + i, i] / 255 for i in range(count)], axis=0)
    np.testing.assert_allclose(frame.pattern, by_hand, atol=0.01)


def test_without_positions_two_equal_letters_are_one():
    model = small_transformer("causal", 12, 2, 2, 16, positions=False)
    assert not model.transformer.wpe.weight.any() and not model.transformer.wpe.weight.requires_grad
    *_, result = train(settings(positions=False), forever)
    import safetensors.torch

    assert not safetensors.torch.load(result.files["model.safetensors"])["transformer.wpe.weight"].any()


@pytest.mark.parametrize("task", ["copy", "addition", "poem"])
@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_a_seed_gives_the_same_numbers(task, kind):
    one, again, other = (run_of(task=task, kind=kind, seed=seed) for seed in (1, 1, 2))
    assert [f.loss for f in one.frames] == [f.loss for f in again.frames] != [f.loss for f in other.frames]
    assert one.result.files["model.safetensors"] == again.result.files["model.safetensors"]
    assert one.frames[0].loss == pytest.approx(math.log(len(material(settings(task=task)).alphabet) + 4), abs=0.7)


def test_it_ends_when_it_is_told_to_and_leaves_a_model():
    left = iter([True] * 4)
    *_, result = train(settings(steps=1_000), lambda: next(left, False))
    assert isinstance(result, TransformerResult) and result.step == 4 and "model.safetensors" in result.files


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_it_learns_to_copy_and_the_pattern_appears(kind):
    run = run_of(layers=2, heads=4, width=64, steps=500, kind=kind)
    assert run.frames[-1].right > 0.9
    assert run.frames[0].right < 0.1
    if kind == "causal":
        assert 0 < appears(run) < 500
        assert appears(run, 1.1) is None


def test_a_run_is_read_as_it_was_written(tmp_path):
    run = run_of()
    with (tmp_path / "run.npz").open("wb") as file:
        save_transformer(run, file)
    again = load_transformer(tmp_path / "run.npz")
    assert again.settings == run.settings and again.result.files == {}
    for one, other in zip(again.frames, run.frames, strict=True):
        assert (one.step, one.loss, one.right, one.tokens) == (other.step, other.loss, other.right, other.tokens)
        assert [a.wanted for a in one.answers] == [a.wanted for a in other.answers]
        assert (one.weights == other.weights).all()
        np.testing.assert_allclose(one.pattern, other.pattern, atol=1e-3)


@pytest.mark.parametrize(("kind", "family"), [("causal", "decoder"), ("masked", "encoder")])
def test_what_is_kept_opens_like_any_model(kind, family, monkeypatch):
    monkeypatch.setenv("GAZE_ALLOW_ANY", "0")  # where visitors may open no folders, their own models open still
    run = run_of(kind=kind)
    card = kept_models.keep("copy", "copy", family, run.result.files)
    assert card_for(card.name) == card
    text = "abc>" if kind == "causal" else "abc>[MASK]bc"
    found = encode(TextRequest(card.name, text))
    assert [token.text for token in found.tokens][:4] == ["a", "b", "c", ">"]
    assert found.attentions[0].weights.shape[:2] == (1, 2)
    assert found.predictions[0].choices


def test_room_for_kept_models_is_bounded(monkeypatch):
    monkeypatch.setattr(kept_models, "MOST", 2)
    cards = [kept_models.keep("x", "x", "decoder", {"a": b"1"}) for _ in range(3)]
    assert kept_models.kept_model(cards[0].name) is None and not Path(cards[0].id).exists()
    assert kept_models.kept_model(cards[2].name) == cards[2] and Path(cards[2].id, "a").read_bytes() == b"1"
    monkeypatch.setattr(kept_models, "MOST_BYTES", 5)
    large = kept_models.keep("x", "x", "decoder", {"a": b"12345"})
    assert kept_models.kept_model(cards[2].name) is None and kept_models.kept_model(large.name) == large
    with pytest.raises(Refused, match="20 MB"):
        kept_models.keep("x", "x", "decoder", {"a": bytes(20_000_001)})
