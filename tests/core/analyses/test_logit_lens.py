"""Logit lens: the last row is the model's own output in every family, earlier rows are what is computed by hand."""

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from core.engine import ask
from core.models.layers import ending_after
from core.requests import LensRequest, TextRequest
from core.store.opening import open_model
from core.types import Refused


def test_the_last_row_is_the_output_and_an_earlier_one_the_norm_and_head_of_that_layer():
    found, opened = ask(LensRequest(TextRequest("mini-gpt", "The cat is sleeping on"))), open_model("mini-gpt")
    with torch.inference_mode():
        out = opened.model(torch.tensor([[t.id for t in found.tokens]]), output_hidden_states=True)
        by_hand = [opened.model.lm_head(opened.model.transformer.ln_f(h))[0] for h in out.hidden_states[:-1]]
    for layer, logits in enumerate([*by_hand, out.logits[0]]):
        shares = torch.softmax(logits.double(), dim=-1)
        assert np.allclose(found.shares[layer], shares.max(dim=-1).values, atol=1e-5), layer
    best = out.logits[0].argmax(-1)
    assert np.allclose(found.final[2], torch.softmax(by_hand[2].double(), -1)[range(5), best], atol=1e-5)
    assert (found.ranks[-1] == 1).all() and found.says == "next token"


def test_a_masked_encoder_and_a_translators_decoder_end_in_what_they_say():
    found = ask(LensRequest(TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")))
    said = ask(TextRequest("mini-bert-wordpiece", "The [MASK] chased the mouse.")).predictions[0]
    assert found.words[-1][said.position] == said.choices[0].text and found.says == "this token"
    assert found.shares[-1, said.position] == pytest.approx(said.choices[0].probability, abs=1e-5)
    request = TextRequest("translator", "The cat sleeps.", language="fr")
    found, encoding = ask(LensRequest(request)), ask(request)
    assert [p.choices[0].text for p in encoding.predictions] == list(found.words[-1])
    assert np.allclose(found.shares[-1], [p.choices[0].probability for p in encoding.predictions], atol=1e-5)


SMALL = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 20}


class Bare:
    """As much of an opened model as the lens asks for."""

    def __init__(self, model, *can):
        self.model, self.family = model.eval(), can
        self.card = type("Card", (), {"title": "It"})


@pytest.mark.parametrize("live", [50_000_000, 1])
def test_other_families_and_few_layers_at_a_time(monkeypatch, live):
    monkeypatch.setattr("core.models.layers.LIVE", live)
    torch.manual_seed(0)
    ids = torch.tensor([[5, 6, 7, 8]])
    t5 = T5ForConditionalGeneration(T5Config(vocab_size=50, d_model=16, d_kv=8, d_ff=20, num_layers=2, num_heads=2))
    models = [
        (Bare(LlamaForCausalLM(LlamaConfig(**SMALL))), {}),
        (Bare(BertForMaskedLM(BertConfig(**SMALL))), {}),
        (Bare(t5, "two stacks"), {"decoder_input_ids": ids[:, :3]}),
    ]
    for opened, more in models:
        with torch.inference_mode():
            logits = opened.model(input_ids=ids, **more).logits[0]
        found = dict(ending_after(opened, lambda model, more=more: model(input_ids=ids, **more), logits.shape[0]))
        assert torch.allclose(found[max(found)], logits, atol=1e-5)
        assert not torch.allclose(found[0], logits, atol=1e-3)
        with torch.inference_mode():
            assert torch.equal(opened.model(input_ids=ids, **more).logits[0], logits)  # the shared model is untouched


def test_models_without_guesses_or_layers_are_refused():
    for model in ("rnn-dot", "emoji-vit"):
        with pytest.raises(Refused, match="guesses no pieces"):
            ask(LensRequest(TextRequest(model, "The cat")))
