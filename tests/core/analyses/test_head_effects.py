"""Heads switched off and heads patched, held against transformers' own eager model with a hook of the test's own."""

import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM, BertModel, GPT2LMHeadModel, MarianMTModel

from core import ask, open_model
from core.requests import HeadEffectsRequest, PatchingRequest, TextRequest
from core.types import Refused
from tests.checkpoints import WORDS, saved, tiny_bert, tiny_gpt2, tiny_marian

pytestmark = pytest.mark.usefixtures("any_folder")

MASKED = "the [MASK] sat on the mat"
BEGUN = "the cat sat on"


def spread(model):
    """Weights large enough that heads differ."""
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.05 if "wpe" in name else 0.4)
    return model


def translating():
    model = tiny_marian()
    model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = 0
    return model


def disagreeing(model) -> tuple[str, str]:
    """Two texts of four words, alike in the first and the third, that lead to different answers."""
    texts = [f"the {one} sat {two}" for one in WORDS[5:] for two in WORDS[5:]]
    with torch.inference_mode():
        best = [int(model(ids_of(text)).logits[0, -1].argmax()) for text in texts]
    other = next(i for i, one in enumerate(best) if one != best[0])
    return texts[0], texts[other]


def ids_of(text: str) -> torch.Tensor:
    return torch.tensor([[WORDS.index(word) for word in text.split()]])


def with_heads(projection, heads: dict[int, torch.Tensor | None], count: int):
    """Before the output projection, other heads: None for nothing, else [query, width] of another text."""

    def hook(_module, given):
        (joined,) = given
        parts = joined.clone().view(*joined.shape[:2], count, -1)
        for head, other in heads.items():
            parts[:, :, head] = 0 if other is None else other
        return (parts.view_as(joined),)

    return projection.register_forward_pre_hook(hook)


def test_a_decoder_without_a_head(tmp_path):
    name = str(saved(spread(tiny_gpt2()), tmp_path))
    found = ask(HeadEffectsRequest(TextRequest(name, BEGUN)))
    model = GPT2LMHeadModel.from_pretrained(name, attn_implementation="eager").eval()
    ids = ids_of(BEGUN)
    with torch.inference_mode():
        before = model(ids).logits[0].softmax(-1)
    follow = [*ids[0, 1:].tolist(), int(before[-1].argmax())]
    rows = range(len(follow))
    (side,) = found.heads
    assert (found.says, found.asked, side.kind) == ("next token", (3,), "decoder")
    assert found.shares == pytest.approx(before[rows, follow].numpy(), abs=1e-5)
    for layer in range(2):
        for head in range(2):
            handle = with_heads(model.transformer.h[layer].attn.c_proj, {head: None}, 2)
            with torch.inference_mode():
                after = model(ids).logits[0].softmax(-1)
            handle.remove()
            wanted = (before - after)[rows, follow].numpy()
            assert np.abs(wanted).max() > 1e-4
            assert side.change[layer, head] == pytest.approx(wanted, abs=1e-5)


def test_a_masked_model_is_asked_for_its_mask(tmp_path):
    name = str(saved(spread(tiny_bert()), tmp_path))
    found = ask(HeadEffectsRequest(TextRequest(name, MASKED)))
    model = BertForMaskedLM.from_pretrained(name, attn_implementation="eager").eval()
    with torch.inference_mode():
        before = model(ids_of(MASKED)).logits[0].softmax(-1)
        best = int(before[1].argmax())
        handle = with_heads(model.bert.encoder.layer[1].attention.output.dense, {1: None}, 2)
        after = model(ids_of(MASKED)).logits[0].softmax(-1)
    handle.remove()
    assert found.asked == (1,) and found.expected[1] == WORDS[best]
    assert found.heads[0].change[1, 1, 1] == pytest.approx(float((before - after)[1, best]), abs=1e-5)


def test_an_encoder_that_guesses_nothing_is_told_by_how_far_its_states_turn(tmp_path):
    bare = BertModel(tiny_bert().config)
    name = str(saved(spread(bare), tmp_path))
    found = ask(HeadEffectsRequest(TextRequest(name, "the cat sat")))
    model = BertModel.from_pretrained(name, attn_implementation="eager").eval()
    with torch.inference_mode():
        before = model(ids_of("the cat sat")).last_hidden_state[0].double()
        handle = with_heads(model.encoder.layer[0].attention.output.dense, {0: None}, 2)
        after = model(ids_of("the cat sat")).last_hidden_state[0].double()
    handle.remove()
    assert (found.says, found.expected, found.asked) == ("last hidden state", (), (0, 1, 2))
    wanted = 1 - torch.cosine_similarity(before, after)
    assert found.heads[0].change[0, 0] == pytest.approx(wanted.numpy(), abs=1e-5) and float(wanted.max()) > 1e-4


def test_a_translator_keeps_to_what_it_wrote(tmp_path):
    name = str(saved(spread(translating()), tmp_path))
    request = TextRequest(name, "the cat sat", target="on mat")
    found = ask(HeadEffectsRequest(request))
    assert [side.kind for side in found.heads] == ["encoder", "decoder", "cross"]
    model = MarianMTModel.from_pretrained(name, attn_implementation="eager").eval()
    shown = ask(request)
    ids = torch.tensor([[t.id for t in shown.tokens]])
    read = torch.tensor([[t.id for t in shown.attentions[1].queries]])
    target = torch.tensor([t.id for t in shown.attentions[2].queries])
    rows = torch.arange(len(target))
    with torch.inference_mode():
        before = model(input_ids=ids, decoder_input_ids=read).logits[0].softmax(-1)[rows, target]
        handle = with_heads(model.model.decoder.layers[1].encoder_attn.out_proj, {1: None}, 2)
        after = model(input_ids=ids, decoder_input_ids=read).logits[0].softmax(-1)[rows, target]
    handle.remove()
    assert found.heads[2].change[1, 1] == pytest.approx((before - after).numpy(), abs=1e-5)
    assert np.abs(found.heads[2].change).max() > 1e-4


def test_a_head_and_a_place_patched(tmp_path):
    """The second derivation runs the corrupted text through eager GPT-2 with what the clean text gave."""
    name = str(saved(spread(tiny_gpt2()), tmp_path))
    model = GPT2LMHeadModel.from_pretrained(name, attn_implementation="eager").eval()
    clean, dirty = disagreeing(model)
    kept: dict[tuple[str, int], torch.Tensor] = {}
    watching = []
    for at, block in enumerate(model.transformer.h):
        watching += [
            block.attn.c_proj.register_forward_pre_hook(
                lambda _m, given, at=at: kept.update({("heads", at): given[0][0]})
            ),
            block.register_forward_hook(
                lambda _m, _g, out, at=at: kept.update({("state", at): (out[0] if isinstance(out, tuple) else out)[0]})
            ),
        ]
    with torch.inference_mode():
        one = model(ids_of(clean)).logits[0, -1]
        for handle in watching:
            handle.remove()
        two = model(ids_of(dirty)).logits[0, -1]
    a, b = int(one.argmax()), int(two.argmax())
    found = ask(PatchingRequest(TextRequest(name, clean), dirty))
    told = lambda logits: float(logits[a] - logits[b])  # noqa: E731
    assert found.difference == pytest.approx((told(one), told(two)), abs=1e-4)
    scale = told(one) - told(two)
    for at, block in enumerate(model.transformer.h):
        parts = kept["heads", at].view(4, 2, -1)
        for head in range(2):
            handle = with_heads(block.attn.c_proj, {head: parts[:, head]}, 2)
            with torch.inference_mode():
                patched = told(model(ids_of(dirty)).logits[0, -1])
            handle.remove()
            assert found.heads[at, head] == pytest.approx((patched - told(two)) / scale, abs=1e-4)
    assert found.stream[:, 0] == pytest.approx(0, abs=1e-5)  # the first word is the same in both
    assert found.stream[-1, -1] == pytest.approx(1, abs=1e-5)  # what the last layer hands on is the answer
    assert found.stream[-1, 1] == pytest.approx(0, abs=1e-5)  # nothing looks at the other places any more


def test_nobody_else_meets_the_hooks(tmp_path):
    name = str(saved(spread(tiny_gpt2()), tmp_path))
    whole = ask(TextRequest(name, BEGUN)).predictions[0].choices
    ask(HeadEffectsRequest(TextRequest(name, "the")))  # transformers adds hooks of its own, once
    before = {n: len(m._forward_hooks) for n, m in open_model(name).model.named_modules()}
    ask(HeadEffectsRequest(TextRequest(name, BEGUN)))
    clean, dirty = disagreeing(open_model(name).model)
    ask(PatchingRequest(TextRequest(name, clean), dirty))
    assert before == {n: len(m._forward_hooks) for n, m in open_model(name).model.named_modules()}
    assert whole == ask(TextRequest(name, BEGUN, spacing="tidy")).predictions[0].choices


def test_bad_questions_get_a_sentence(tmp_path):
    gpt, bert = str(saved(spread(tiny_gpt2()), tmp_path / "g")), str(saved(spread(tiny_bert()), tmp_path / "b"))
    marian = str(saved(translating(), tmp_path / "m"))
    for request, says in (
        (lambda: PatchingRequest(TextRequest(gpt, BEGUN), " "), "needs a second text"),
        (lambda: PatchingRequest(TextRequest(gpt, BEGUN), "the cat sat on the mat"), r"4 tokens .* the second 6"),
        (lambda: PatchingRequest(TextRequest(gpt, BEGUN), BEGUN), "Both texts lead to"),
        (lambda: PatchingRequest(TextRequest(bert, "the cat sat"), "the mat sat"), r"Write \[MASK\]"),
        (lambda: PatchingRequest(TextRequest(bert, "[MASK] cat sat"), "the [MASK] sat"), "at different places"),
        (lambda: PatchingRequest(TextRequest(marian, "the cat"), "the mat"), "a text of its own"),
        (lambda: HeadEffectsRequest(TextRequest("rnn-dot", "the cat")), "no transformer"),
        (lambda: HeadEffectsRequest(TextRequest("mini-gpt", "a " * 300)), "up to 256"),
    ):
        with pytest.raises(Refused, match=says):
            ask(request())


def eager_gpt2(name, text):
    model = GPT2LMHeadModel.from_pretrained(name, attn_implementation="eager").eval()
    return model, ids_of(text)


def test_a_head_alone_is_its_layer_without_all_others(tmp_path):
    name = str(saved(spread(tiny_gpt2()), tmp_path))
    found = ask(HeadEffectsRequest(TextRequest(name, BEGUN), "alone"))
    model, ids = eager_gpt2(name, BEGUN)
    with torch.inference_mode():
        before = model(ids).logits[0].softmax(-1)
        follow = [*ids[0, 1:].tolist(), int(before[-1].argmax())]
        for layer in range(2):
            for head in range(2):
                handle = with_heads(model.transformer.h[layer].attn.c_proj, {1 - head: None}, 2)
                after = model(ids).logits[0].softmax(-1)
                handle.remove()
                wanted = [float(before[i, piece] - after[i, piece]) for i, piece in enumerate(follow)]
                assert found.heads[0].change[layer, head] == pytest.approx(wanted, abs=1e-5)


def test_an_edge_is_cut_in_one_head_and_the_row_shares_the_rest(tmp_path):
    """By hand: the row's output without the edge is (o - w v) / (1 - w)."""
    name = str(saved(spread(tiny_gpt2()), tmp_path))
    query, key = 3, 1
    found = ask(HeadEffectsRequest(TextRequest(name, BEGUN), "edge", (query, key)))
    model, ids = eager_gpt2(name, BEGUN)
    with torch.inference_mode():
        whole = model(ids, output_attentions=True)
        before = whole.logits[0].softmax(-1)
        follow = [*ids[0, 1:].tolist(), int(before[-1].argmax())]
        for layer in range(2):
            attention = model.transformer.h[layer].attn
            values: list[torch.Tensor] = []
            handle = attention.c_attn.register_forward_hook(lambda _m, _g, out, kept=values: kept.append(out[0]))
            model(ids)
            handle.remove()
            width = values[0].shape[-1] // 3
            value = values[0][:, 2 * width :].view(4, 2, -1)
            for head in range(2):
                weight = whole.attentions[layer][0, head, query, key]

                def cut(_module, given, head=head, weight=weight, value=value):
                    parts = given[0].clone().view(1, 4, 2, -1)
                    parts[0, query, head] = (parts[0, query, head] - weight * value[key, head]) / (1 - weight)
                    return (parts.view_as(given[0]),)

                handle = attention.c_proj.register_forward_pre_hook(cut)
                after = model(ids).logits[0].softmax(-1)
                handle.remove()
                wanted = [float(before[i, piece] - after[i, piece]) for i, piece in enumerate(follow)]
                assert found.heads[0].change[layer, head] == pytest.approx(wanted, abs=1e-5)
                assert found.heads[0].change[layer, head, :query] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("edge", "says"),
    [((0, 0), "can look at nothing else"), ((1, 3), "cannot look at"), ((9, 0), "no edge"), ((-1, 2), "Choose both")],
)
def test_an_edge_that_cannot_be_cut_is_refused(edge, says):
    with pytest.raises(Refused, match=says):
        ask(HeadEffectsRequest(TextRequest("mini-gpt", "The cat sat on"), "edge", edge))


def test_an_edge_of_a_translator_is_one_between_its_texts():
    found = ask(HeadEffectsRequest(TextRequest("translator", "The black cat sleeps.", language="fr"), "edge", (1, 3)))
    (side,) = found.heads
    assert side.kind == "cross" and side.change.shape == (4, 6, 7)
    assert abs(side.change[:, :, 1]).max() > 0.001 and abs(side.change[:, :, 0]).max() < 1e-6
