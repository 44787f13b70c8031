"""What an answer rests on: gradients, integrated gradients and occlusion equal captum's over the model itself."""

import numpy as np
import pytest
import torch
import transformers as hf
from captum.attr import InputXGradient, IntegratedGradients

from core.analyses.attribution import INTERVALS, attribution
from core.cache import silent
from core.engine import ask
from core.requests import AttributionRequest, Edit, TextRequest
from core.types import Refused, Stopped
from tests.checkpoints import saved, tiny_bert, tiny_gpt2

pytestmark = pytest.mark.usefixtures("any_folder")
MASKED = "the [MASK] sat on the mat"
OPEN = "the cat sat on the"


def made(model, folder):
    torch.manual_seed(4)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return str(saved(model, folder))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {
        "bert": made(tiny_bert(), tmp_path_factory.mktemp("bert")),
        "gpt2": made(tiny_gpt2(), tmp_path_factory.mktemp("gpt2")),
    }


def other(folder, kind, text, place):
    """(forward over vectors [text, token, width] -> ln p of the likeliest piece, vectors, all taken away, special)."""
    model = kind.from_pretrained(folder).eval()
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(text)["input_ids"]
    table = model.get_input_embeddings().weight.detach()
    vectors = table[ids][None]
    best = int(model(inputs_embeds=vectors).logits[0, place].argmax())
    gone = tokenizer.mask_token_id if tokenizer.mask_token_id is not None else tokenizer.pad_token_id
    special = [one in tokenizer.all_special_ids for one in ids]
    nothing = vectors.clone()
    nothing[0, [i for i, one in enumerate(special) if not one]] = table[gone]

    def forward(given):
        return torch.log_softmax(model(inputs_embeds=given).logits[:, place], -1)[:, best]

    return forward, vectors, nothing, special


CASES = [("bert", hf.BertForMaskedLM, MASKED, 2), ("gpt2", hf.GPT2LMHeadModel, OPEN, 4)]


@pytest.mark.parametrize(("name", "kind", "text", "place"), CASES)
def test_gradients_equal_captums(folders, name, kind, text, place):
    found = ask(AttributionRequest(TextRequest(folders[name], text), place))
    forward, vectors, nothing, special = other(folders[name], kind, text, place)
    methods = {one.name: one.scores for one in found.methods}
    plain = InputXGradient(forward).attribute(vectors.requires_grad_()).sum(-1)[0].detach()
    np.testing.assert_allclose(methods["Gradient × input"], plain, atol=2e-4)
    summed = IntegratedGradients(forward).attribute(
        vectors.detach(), baselines=nothing, n_steps=INTERVALS[0], method="gausslegendre"
    )
    np.testing.assert_allclose(methods["Integrated gradients"], summed.sum(-1)[0].detach(), atol=2e-4)
    assert [token.special for token in found.tokens] == special


@pytest.mark.parametrize(("name", "kind", "text", "place"), CASES)
def test_integrated_gradients_sum_to_what_the_answer_gains(folders, name, kind, text, place):
    found = ask(AttributionRequest(TextRequest(folders[name], text), place))
    scores = next(one.scores for one in found.methods if one.name == "Integrated gradients")
    wanted = np.log(found.share) - np.log(found.gone)
    assert scores.sum() == pytest.approx(wanted, abs=0.05 * abs(wanted)) and abs(found.gap) <= 0.05 * abs(wanted)
    assert found.gap == pytest.approx(scores.sum() - wanted, abs=1e-6)


@pytest.mark.parametrize(("name", "kind", "text", "place"), CASES)
def test_occlusion_and_the_ends_of_the_curves_are_those_of_a_plain_forward(folders, name, kind, text, place):
    found = ask(AttributionRequest(TextRequest(folders[name], text), place))
    forward, vectors, nothing, special = other(folders[name], kind, text, place)
    with torch.no_grad():
        whole, gone = forward(vectors).item(), forward(nothing).item()
        for i, score in enumerate(next(one.scores for one in found.methods if one.name == "Occlusion")):
            one = vectors.clone()
            one[0, i] = nothing[0, i]
            assert score == pytest.approx(0 if special[i] else whole - forward(one).item(), abs=2e-4)
    for one in (*found.methods, None):
        curves = one.curves if one else found.chance
        assert curves.deletion[[0, -1]] == pytest.approx(np.exp([whole, gone]), rel=1e-3)
        assert curves.insertion[[0, -1]] == pytest.approx(np.exp([gone, whole]), rel=1e-3)
    assert (found.share, found.gone) == (pytest.approx(np.exp(whole), rel=1e-3), pytest.approx(np.exp(gone), rel=1e-3))


def test_the_curve_takes_the_highest_word_away_first(folders):
    found = ask(AttributionRequest(TextRequest(folders["gpt2"], OPEN), 4))
    one = next(one for one in found.methods if one.name == "Occlusion")
    assert one.curves.deletion[1] == pytest.approx(found.share * np.exp(-one.scores.max()), rel=1e-3)


def test_the_built_in_translator_rests_chat_on_cat():
    found = ask(AttributionRequest(TextRequest("translator", "The black cat sleeps.", language="fr"), 1))
    assert found.answer == "chat" and found.instead == "<pad>"
    words = [token.text for token in found.tokens]
    for one in found.methods:
        if one.name in ("Integrated gradients", "Occlusion", "Attention, last layer"):
            assert words[int(one.scores.argmax())] == "cat"
    assert "Attention rollout" not in {one.name for one in found.methods}


def test_attention_rows_are_those_of_the_place():
    text = TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")
    found = ask(AttributionRequest(text, 2))
    row = np.mean([np.asarray(ask(text).attentions[0].weights[3])[head, 2] for head in range(6)], axis=0)
    scores = {one.name: one.scores for one in found.methods}
    np.testing.assert_allclose(scores["Attention, last layer"], row, atol=1e-6)
    assert scores["Attention rollout"].sum() == pytest.approx(1, abs=1e-6)


def test_another_rank_asks_about_another_answer_and_an_edit_counts():
    text = TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")
    first, second = (ask(AttributionRequest(text, 2, rank)) for rank in (0, 1))
    names = [choice.text for choice in ask(text).predictions[0].choices]
    assert [first.answer, second.answer] == names[:2] and first.share > second.share
    edited = TextRequest(text.model, text.text, edit=Edit(temperature=5.0))
    assert ask(AttributionRequest(edited, 2)).share != pytest.approx(first.share, rel=0.01)


def test_what_cannot_be_asked_is_refused(folders, tmp_path):
    bare = str(saved(tiny_bert().bert, tmp_path))
    with pytest.raises(Refused, match="guesses nothing"):
        ask(AttributionRequest(TextRequest(bare, OPEN), 0))
    with pytest.raises(Refused, match="no place 60"):
        ask(AttributionRequest(TextRequest(folders["gpt2"], OPEN), 59))
    with pytest.raises(Refused, match="no answer number 12"):
        ask(AttributionRequest(TextRequest(folders["gpt2"], OPEN), 0, 11))
    with pytest.raises(Refused, match="one token"):
        ask(AttributionRequest(TextRequest(folders["gpt2"], "cat"), 0))
    with pytest.raises(Stopped):
        attribution(AttributionRequest(TextRequest(folders["gpt2"], OPEN), 4), silent, lambda: True)
