"""Training on small made-up data: it runs, resumes, says what is missing, and its parts do what they say."""

import json
import lzma
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.shelf import open_model
from training import loop, translator
from training.card import place_for, thinned
from training.data import LANGUAGES, Pair, batches_by_length, read_pairs, split, split_key
from training.loss import cross_entropy


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Forty made-up pairs a language in the form of the real files."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "tatoeba").mkdir()
    words = random.Random(0)
    for code, name in LANGUAGES.items():
        lines = []
        for i in range(40):
            chosen = words.sample(["cat", "dog", "house", "tree", "bird", "book"], 3)
            lines.append(f"The {' '.join(chosen)} {i}.\t{code} {' '.join(w[::-1] for w in chosen)} {i}.")
        with lzma.open(folder / "tatoeba" / f"eng-{name}.tsv.xz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return folder


def test_a_smoke_run_ends_in_a_model_that_opens(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GAZE_ALLOW_ANY", "1")
    monkeypatch.setattr(translator, "VOCABULARY", 500)
    arguments = ["--data", str(data), "--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    short = ["--minutes", "0.02", "--held-out", "3", *arguments]
    translator.main(short)
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["steps"] > 0
    assert set(card["scores"]) >= {"BLEU en-fr", "AER en-fr", "BLEU en-vi"}
    assert open_model(str(tmp_path / "out")).model.config.d_model == translator.WIDTH
    translator.main(short)  # the budget is used: it goes straight to the scores
    assert f"resumed at step {card['steps']:,}" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "card.json").read_text())["steps"] == card["steps"]


def test_a_short_run_does_not_replace_a_longer_one(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "card.json").write_text('{"minutes": 94}')
    assert place_for(loop.Run(tmp_path, 1, 0, seconds=60), out) == tmp_path / "model"
    assert place_for(loop.Run(tmp_path, 95, 0, seconds=95 * 60), out) == out
    assert place_for(loop.Run(tmp_path, 1, 0, seconds=60), tmp_path / "new") == tmp_path / "new"


def test_missing_data_is_named_with_where_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"eng-fra\.tsv\.xz.*manythings"):
        read_pairs(tmp_path, "fr")


def test_no_held_out_sentence_is_trained_on():
    pairs = {
        code: [Pair(f"Sentence {i}!", f"{code}{i}", code) for i in range(n)] for code, n in (("fr", 60), ("de", 30))
    }
    pairs["fr"].append(Pair("sentence 3", "again", "fr"))  # the same but for case and signs
    training, held_out = split(pairs, 5)
    away = {split_key(p.english) for some in held_out.values() for p in some}
    assert not away & {split_key(p.english) for p in training}
    assert [len(held_out[code]) for code in ("fr", "de")] == [5, 5]
    shuffled = {code: some[::-1] for code, some in pairs.items()}
    assert {split_key(p.english) for p in split(shuffled, 5)[1]["fr"]} == {split_key(p.english) for p in held_out["fr"]}


@given(st.lists(st.integers(1, 40), min_size=1, max_size=200), st.integers(0, 9))
def test_batches_hold_every_row_once_and_stay_small(lengths, seed):
    batches = batches_by_length(torch.tensor(lengths), 120, torch.Generator().manual_seed(seed))
    assert sorted(i for batch in batches for i in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch.tolist()) <= 120


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_in_pieces_equals_torchs_own(smoothing):
    torch.manual_seed(0)
    hidden = torch.randn(600, 16, requires_grad=True)
    weight = torch.randn(50, 16, requires_grad=True)
    target = torch.randint(0, 50, (600,))
    found = cross_entropy(hidden, weight, target, smoothing)
    found.backward()
    mine = hidden.grad.clone(), weight.grad.clone()
    hidden.grad = weight.grad = None
    wanted = torch.nn.functional.cross_entropy(hidden @ weight.T, target, label_smoothing=smoothing)
    wanted.backward()
    assert found.item() == pytest.approx(wanted.item(), rel=5e-3)  # products are in bfloat16
    for one, other in zip(mine, (hidden.grad, weight.grad), strict=True):
        assert torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.9995


def test_a_run_goes_on_where_it_stopped(tmp_path):
    def new():
        torch.manual_seed(1)
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 1))
        return model, loop.optimisers(model, 1e-2, 1e-2)

    model, optimisers = new()
    run = loop.Run(tmp_path, 1, 0, steps=7, seconds=12.5, losses=[(7, 1.5)])
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        optimiser.step()
    loop.save(run, model, optimisers)
    other, others = new()
    back = loop.Run(tmp_path, 1, 0)
    assert loop.resume(back, other, others)
    assert (back.steps, back.seconds, back.losses) == (7, 12.5, [(7, 1.5)])
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
    assert not (tmp_path / "checkpoint.half").exists()
    assert not loop.resume(loop.Run(tmp_path / "none", 1, 0), other, others)


def test_the_learning_rate_rises_and_falls_to_zero():
    assert loop.rate_at(0.015) == pytest.approx(0.5)
    assert loop.rate_at(0.03) == pytest.approx(1)
    assert loop.rate_at(0.515) == pytest.approx(0.5)
    assert loop.rate_at(1) == 0


def test_a_long_curve_is_thinned_to_means():
    points = thinned([(i, float(i)) for i in range(1, 241)], most=60)
    assert len(points) == 60
    assert points[0] == (4, 2.5)
    assert np.all(np.diff([step for step, _ in points]) == 4)
