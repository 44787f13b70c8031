"""Training on small made-up data: it runs, resumes, says what is missing, and its parts do what they say."""

import json
import lzma
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.data import scenes
from core.learning import optimising
from core.learning.batches import Pieces, batches_by_length
from core.learning.loss import cross_entropy
from core.store.opening import open_model
from core.store.recurrent import RecurrentConfig
from training import (
    emoji_clip,
    emoji_pieces,
    emoji_vit,
    encoder,
    gold,
    loop,
    mini_bert_wordpiece,
    mini_gpt,
    mini_xlmr_sentencepiece,
    ranking,
    rnn,
    rnn_lengths,
    rnn_speed,
    rnn_without,
    small_cnn,
    translator,
)
from training.card import place_for, thinned
from training.data import LANGUAGES, Missing, Pair, split, split_key


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
    (folder / "emoji").mkdir()
    with lzma.open(folder / "emoji" / "emoji_names.jsonl.xz", "wt", encoding="utf-8") as file:
        for i, name in enumerate(("cat", "dog", "red heart", "thumbs up")):
            one = {"key": str(i), "emoji": "?", "group": "g", "subgroup": "s"}
            names = {code: f"{code} {name[::-1]}" for code in ("fr", "de", "hi", "ar")} | {"en": name}
            file.write(json.dumps(one | {"names": names, "keywords": {"en": [name]}}) + "\n")
    return folder


@pytest.fixture
def small(monkeypatch):
    """Vocabularies that forty sentences can fill, five pairs of gold, forty emoji, and any folder allowed."""
    monkeypatch.setenv("GAZE_ALLOW_ANY", "1")
    for module, size in ((translator, 500), (mini_gpt, 400), (rnn, 450), (mini_bert_wordpiece, 300)):
        monkeypatch.setattr(module, "VOCABULARY", size)
    monkeypatch.setattr(mini_xlmr_sentencepiece, "VOCABULARY", 120)
    pairs = gold.pairs
    monkeypatch.setattr(gold, "pairs", lambda language: pairs(language)[:5])
    few = scenes.emoji()[:40]
    for module in (emoji_vit, emoji_clip, small_cnn):
        monkeypatch.setattr(module, "emoji", lambda: few)
    monkeypatch.setattr(emoji_clip, "SCENES_EACH", 2)
    monkeypatch.setattr(emoji_clip, "VOCABULARY", 2_000)


#: What trains each model, and some of the scores that its card must hold.
SCRIPTS = {
    "translator": (translator.main, {"BLEU en-fr", "AER en-fr", "BLEU en-vi"}),
    "mini-bert-wordpiece": (
        lambda given: encoder.main(mini_bert_wordpiece.RECIPE, given),
        {"translation retrieval en-ja", "AER en-fr", "masked word top-1 en"},
    ),
    "mini-xlmr-sentencepiece": (
        lambda given: encoder.main(mini_xlmr_sentencepiece.RECIPE, given),
        {"translation retrieval en-de", "AER en-es of the diagonal"},
    ),
    "mini-gpt": (mini_gpt.main, {"perplexity a piece", "perplexity a word"}),
    "rnn-additive": (lambda given: rnn.main("additive", given), {"BLEU en-fr", "AER en-fr"}),
    "rnn-scaled-dot": (lambda given: rnn.main("scaled-dot", given), {"BLEU en-fr", "AER en-fr of the diagonal"}),
    "emoji-vit": (emoji_vit.main, {"group", "rollout against area, mean over scenes"}),
    "small-cnn": (small_cnn.main, {"group", "commonest group"}),
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.slow
def test_a_smoke_run_ends_in_a_model_that_opens(name, data, small, tmp_path, capsys):
    train, scores = SCRIPTS[name]
    arguments = ["--data", str(data), "--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    short = ["--minutes", "0.01", "--held-out", "3", *arguments]
    train(short)
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["steps"] > 0
    assert set(card["scores"]) >= scores
    assert card["name"] == name
    opened = open_model(str(tmp_path / "out"))
    assert opened.card.family == card["family"]
    if name not in ("translator", "mini-gpt"):  # the same path; twice is enough
        return
    train(short)  # the budget is used: it goes straight to the scores
    assert f"resumed at step {card['steps']:,}" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))["steps"] == card["steps"]


@pytest.mark.slow
def test_recurrent_models_are_timed_on_the_same_batches(small, data, tmp_path, monkeypatch):
    monkeypatch.setattr(rnn_speed, "STEPS", 2)
    for score in ("dot", "additive"):
        out = ["--run", str(tmp_path / "runs" / score), "--out", str(tmp_path / f"rnn-{score}")]
        rnn.main(score, ["--minutes", "0.01", "--held-out", "3", "--data", str(data), *out])
    before = (tmp_path / "rnn-dot" / "model.safetensors").read_bytes()
    rnn_speed.main(["--data", str(data), "--models", str(tmp_path), "--held-out", "3"])
    for score in ("dot", "additive"):
        card = json.loads((tmp_path / f"rnn-{score}" / "card.json").read_text(encoding="utf-8"))
        assert card["seconds_an_epoch"] >= 0 and card["timed_on"] and card["steps"] > 0
    assert (tmp_path / "rnn-dot" / "model.safetensors").read_bytes() == before


@pytest.mark.slow
def test_what_a_length_costs_is_written_into_the_cards(small, data, tmp_path, monkeypatch):
    monkeypatch.setattr(rnn_lengths, "LEAST", 1)
    monkeypatch.setattr(rnn, "STEPS", 2)
    out = ["--minutes", "1", "--held-out", "3", "--data", str(data)]
    rnn.main("dot", [*out, "--run", str(tmp_path / "runs" / "dot"), "--out", str(tmp_path / "rnn-dot")])
    rnn_lengths.main(["--data", str(data), "--models", str(tmp_path), "--held-out", "3"])
    rnn_without.main([*out, "--run", str(tmp_path / "runs" / "w"), "--out", str(tmp_path / "rnn-without")])
    card = json.loads((tmp_path / "rnn-dot" / "card.json").read_text(encoding="utf-8"))
    assert sum(group[2] for group in card["by_length"]) == 3 and card["microseconds_a_call"] > 0
    assert [g[:3] for g in card["without"]["by_length"]] == [g[:3] for g in card["by_length"]]
    assert card["without"]["steps"] == 2 and not (tmp_path / "rnn-without").exists()


def test_a_twin_without_attention_knows_nothing_of_the_source_but_its_last_state():
    torch.manual_seed(0)
    model = rnn_without.Without(RecurrentConfig(20, 8, 12, "dot")).eval()
    ids, state, mask = torch.tensor([[3, 4]]), torch.randn(1, 1, 12), torch.ones(1, 5, dtype=torch.bool)
    one, other = (model.write(ids, torch.randn(1, 5, 12), state, mask).hidden for _ in range(2))
    assert torch.equal(one, other)


@pytest.mark.slow
def test_a_smoke_run_of_emoji_clip_begins_with_emoji_vit(small, tmp_path, monkeypatch):
    monkeypatch.setattr(emoji_clip, "MODELS", tmp_path)
    short = ["--minutes", "0.02", "--held-out", "2", "--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    with pytest.raises(Missing, match="train emoji-vit first"):
        emoji_clip.main(short)
    vit = emoji_vit.new_model(emoji_vit.emoji())
    vit.save_pretrained(tmp_path / "emoji-vit")
    emoji_clip.main(short)
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["steps"] > 0
    assert card["picture_tower_steps"] > 0
    assert "recall@1, plain picture, hi" in card["scores"]
    opened = open_model(str(tmp_path / "out"))
    assert opened.card.family == "clip"
    end = opened.model.config.text_config.eos_token_id
    ids = torch.tensor([opened.tokenizer("cat face")["input_ids"]])
    assert ids[0, -1] == end and (ids[0, :-1] != end).all()
    with torch.no_grad():
        out = opened.model.text_model(input_ids=ids)
    assert torch.equal(out.pooler_output, out.last_hidden_state[:, -1])  # a text is read where it ends


def test_emoji_clips_picture_tower_begins_as_emoji_vit(small, tmp_path):
    torch.manual_seed(0)
    vit = emoji_vit.new_model(emoji_vit.emoji()).eval()
    vit.save_pretrained(tmp_path)
    model = emoji_clip.new_model(emoji_pieces.train_tokenizer(emoji_clip.emoji())).eval()
    tower = emoji_clip.Tower(model, 40).eval()
    emoji_clip.begin_as_vit(model, tower.classifier, tmp_path)
    model.vision_model.pre_layrnorm = torch.nn.Identity()  # the one part that ViT has not
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(tower(pictures).logits, vit(pixel_values=pictures).logits, atol=1e-4)


def test_a_short_run_does_not_replace_a_longer_one(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "card.json").write_text('{"minutes": 94}')
    assert place_for(loop.Run(tmp_path, 1, 0, seconds=60), out) == tmp_path / "model"
    assert place_for(loop.Run(tmp_path, 95, 0, seconds=95 * 60), out) == out
    assert place_for(loop.Run(tmp_path, 1, 0, seconds=60), tmp_path / "new") == tmp_path / "new"


def test_pieces_are_the_rows_they_were_made_of():
    rows = [[5, 6], [], [7, 8, 9], [1]]
    pieces = Pieces(rows)
    assert [pieces[i].tolist() for i in range(len(pieces))] == rows
    assert pieces.lengths.tolist() == [2, 0, 3, 1]


def sides(n: int = 5):
    """Normalised pieces of two sides with some padding: [n, 4, 8] and [n, 3, 8]."""
    torch.manual_seed(2)
    a, b = (torch.nn.functional.normalize(torch.randn(n, k, 8), dim=-1) for k in (4, 3))
    in_a, in_b = torch.ones(n, 4, dtype=torch.bool), torch.ones(n, 3, dtype=torch.bool)
    in_a[1, 2:], in_b[2, 1:] = False, False
    return a, b, in_a, in_b


def test_best_matches_and_their_gradient_by_torchs_own_maximum():
    a, b, in_a, in_b = sides()
    ours = [a.clone().requires_grad_(), b.clone().requires_grad_()]
    theirs = [a.clone().requires_grad_(), b.clone().requires_grad_()]
    cosines = torch.einsum("xiw,yjw->xyij", *theirs)
    forth = cosines.masked_fill(~in_b[None, :, None], -2).amax(3)  # [x, y, i]
    back = cosines.masked_fill(~in_a[:, None, :, None], -2).amax(2)  # [x, y, j]
    wanted = (forth * in_a[:, None]).sum(2) / in_a.sum(1)[:, None] + (back * in_b[None]).sum(2) / in_b.sum(1)[None]
    found = ranking.best_matches(*ours, in_a, in_b)
    assert torch.allclose(found, wanted / 2, atol=0.02)  # products are in bfloat16
    torch.manual_seed(4)
    upstream = torch.randn(5, 5)
    (found * upstream).sum().backward()
    (wanted / 2 * upstream).sum().backward()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.nn.functional.cosine_similarity(mine.grad.flatten(), other.grad.flatten(), dim=0) > 0.99


def test_ranking_leaves_out_pairs_that_share_a_text():
    cosines = torch.tensor([[0.5, 0.9], [0.9, 0.5]])
    apart = ranking.ranking(cosines, torch.eye(2, dtype=torch.bool))
    assert apart.item() == pytest.approx(np.log(1 + np.exp(0.4 * ranking.SHARPNESS)), rel=1e-4)
    assert ranking.ranking(cosines, torch.ones(2, 2, dtype=torch.bool)).item() == pytest.approx(0, abs=1e-6)


def test_disagreement_is_none_for_a_clear_one_to_one_alignment():
    pieces = torch.nn.functional.normalize(torch.eye(8)[:3][None] + 0.0, dim=-1)
    inside = torch.ones(1, 3, dtype=torch.bool)
    assert ranking.disagreement(pieces, pieces.flip(1), inside, inside).item() == pytest.approx(0, abs=1e-4)
    same = pieces[:, :1].repeat(1, 3, 1)  # every piece like every other: each direction spreads over three
    assert ranking.disagreement(same, same, inside, inside).item() == pytest.approx(1 - 9 * (1 / 9) / 3, abs=1e-5)


@pytest.mark.parametrize("recipe", [mini_bert_wordpiece.RECIPE, mini_xlmr_sentencepiece.RECIPE], ids=lambda r: r.name)
def test_a_pair_is_joined_as_the_tokenizer_joins_it(recipe, small):
    tokenizer = recipe.train_tokenizer(["the cat sat", "le chat dort", "the dog", "le chien"] * 3)
    joined = object.__new__(encoder.Objective)
    joined.recipe, joined.first, joined.last = recipe, tokenizer.cls_token_id, tokenizer.sep_token_id
    a, b = (torch.tensor(tokenizer(t, add_special_tokens=False)["input_ids"]) for t in ("the cat", "le chat"))
    assert joined.joined(a, b).tolist() == tokenizer("the cat", "le chat")["input_ids"]


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    model = torch.nn.Linear(2, 2)
    run = loop.Run(tmp_path, 1, 0)
    with pytest.raises(RuntimeError, match="step 0: the loss is nan"):
        loop.train(run, model, [], iter([None]), lambda _: (model.weight.sum() * torch.nan, 1))
    assert not (tmp_path / "checkpoint.pt").exists()


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
        return model, optimising.optimisers(model, 1e-2, 1e-2)

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
    assert optimising.rate_at(0.015) == pytest.approx(0.5)
    assert optimising.rate_at(0.03) == pytest.approx(1)
    assert optimising.rate_at(0.515) == pytest.approx(0.5)
    assert optimising.rate_at(1) == 0


def test_a_long_curve_is_thinned_to_means():
    points = thinned([(i, float(i)) for i in range(1, 241)], most=60)
    assert len(points) == 60
    assert points[0] == (4, 2.5)
    assert np.all(np.diff([step for step, _ in points]) == 4)
