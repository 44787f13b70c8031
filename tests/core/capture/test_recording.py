"""Recorded attention is what the eager model shows, edits are what a pencil says, in every family."""

from __future__ import annotations

import gc
import math
import threading
import weakref

import numpy as np
import pytest
import torch
import transformers as hf
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AttentionInterface

from core.capture import on_demand
from core.capture.on_demand import lazy_weights, pool
from core.capture.recording import ATTENTION, Map, recording
from core.requests import Edit
from core.types import Attention, Refused, Token
from tests.tiny import FAMILIES, inputs, tiny

CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models():
    """model(family, attention) made once; tests that change weights copy or call tiny themselves."""
    made = {}

    def model(name, attention=ATTENTION):
        if (name, attention) not in made:
            made[name, attention] = tiny(name, attention)
        return made[name, attention]

    return model


def run(model, given_inputs, **how) -> tuple[object, list[Map]]:
    with torch.no_grad(), recording(**how) as maps:
        output = model(**given_inputs)
    return output, maps


def eager(model, given_inputs):
    with torch.no_grad():
        return model(**given_inputs, output_attentions=True)


def field(output, path):
    for name in path.split("."):
        output = getattr(output, name)
    return output


def results(output) -> list[torch.Tensor]:
    """What a model answers, attention aside."""
    names = ("last_hidden_state", "encoder_last_hidden_state", "text_embeds", "image_embeds", "logits_per_image")
    return [output[name] for name in names if output.get(name) is not None]


def of(maps, kind) -> list[Map]:
    return [one for one in maps if one.kind == kind]


def compare(maps, expected, name):
    """The maps of every kind are those transformers shows; Swin shows the last layer of each stage only."""
    for kind, path in FAMILIES[name].shown.items():
        shown, mine = field(expected, path), of(maps, kind)
        assert [one.layer for one in mine] == list(range(len(mine)))
        if name == "swin":
            assert len(mine) == 4
            mine = mine[1::2]
        assert len(mine) == len(shown) > 1
        for one, weights in zip(mine, shown, strict=True):
            torch.testing.assert_close(one.weights, weights, **CLOSE)
    assert sum(len(of(maps, kind)) for kind in FAMILIES[name].shown) == len(maps)


# Parity


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("name", FAMILIES)
def test_maps_and_output_are_the_eager_models(models, name, padded):
    given_inputs = inputs(name, padded)
    expected = eager(models(name, "eager"), given_inputs)
    output, maps = run(models(name), given_inputs)
    compare(maps, expected, name)
    for one in maps:
        assert one.weights.dtype == torch.float32 and not one.weights.requires_grad
        torch.testing.assert_close(one.weights.sum(-1), torch.ones_like(one.weights[..., 0]), **CLOSE)
    assert max(one.weights.max() * one.weights.shape[-1] for one in maps) > 2, "too even to tell anything"
    with torch.no_grad():
        plain = models(name)(**given_inputs)
    assert results(expected)
    for want, recorded, alone in zip(results(expected), results(output), results(plain), strict=True):
        torch.testing.assert_close(recorded, want, **CLOSE)
        torch.testing.assert_close(alone, want, **CLOSE)


@pytest.mark.parametrize("name", FAMILIES)
def test_two_threads_share_one_model(models, name):
    model, both = models(name), [inputs(name, seed=1), inputs(name, True, seed=2)]
    alone = [run(model, one)[1] for one in both]
    barrier, found = threading.Barrier(2, timeout=20), [None, None]

    def ask(which):
        torch.set_num_threads(1)

        def meet(weights, kind, layer):  # both stand in the same layer before either goes on
            barrier.wait()
            return {}

        found[which] = run(model, both[which], reduce=meet)[1]

    threads = [threading.Thread(target=ask, args=(which,)) for which in (0, 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for mine, want in zip(found, alone, strict=True):
        assert len(mine) == len(want)
        for one, other in zip(mine, want, strict=True):
            assert (one.kind, one.layer) == (other.kind, other.layer)
            assert torch.equal(one.weights, other.weights)


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_padding_on_the_left(models, name):
    given_inputs = {key: value.flip(1) for key, value in inputs(name, True).items()}
    expected = eager(models(name, "eager"), given_inputs)
    output, maps = run(models(name), given_inputs)
    compare(maps, expected, name)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)


def test_bert_as_a_decoder_over_an_encoder():
    from transformers import BertConfig, BertModel

    from tests.tiny import TEXT

    torch.manual_seed(0)
    model = BertModel(BertConfig(**TEXT, is_decoder=True, add_cross_attention=True)).eval()
    given_inputs = {**inputs("bert", True), "encoder_hidden_states": torch.randn(2, 5, 32), "use_cache": False}
    model.set_attn_implementation("eager")
    expected = eager(model, given_inputs)
    model.set_attn_implementation(ATTENTION)
    _, maps = run(model, given_inputs)
    assert [(one.kind, one.layer) for one in maps] == [(k, n) for n in range(3) for k in ("decoder", "cross")]
    for kind, shown in (("decoder", expected.attentions), ("cross", expected.cross_attentions)):
        for one, weights in zip(of(maps, kind), shown, strict=True):
            torch.testing.assert_close(one.weights, weights, **CLOSE)


def test_dropout_is_eagers():
    found = []
    for attention in ("eager", ATTENTION):
        model = tiny("bert", attention).train()
        torch.manual_seed(5)
        with recording() if attention == ATTENTION else torch.no_grad():
            found.append(model(**inputs("bert")).last_hidden_state)
    torch.testing.assert_close(*found, **CLOSE)


def test_half_precision_records_float32(models):
    model = tiny("llama", ATTENTION).to(torch.bfloat16)
    output, maps = run(model, inputs("llama", True))
    assert output.last_hidden_state.dtype == torch.bfloat16
    for one in maps:
        assert one.weights.dtype == torch.float32
        torch.testing.assert_close(one.weights.sum(-1), torch.ones(2, 4, 9), **CLOSE)


# What is recorded


def test_layers_are_chosen(models):
    model, given_inputs = models("bart"), inputs("bart", True)
    every = {(one.kind, one.layer): one.weights for one in run(model, given_inputs)[1]}
    output, some = run(model, given_inputs, layers={1})
    assert [(one.kind, one.layer) for one in some] == [("encoder", 1), ("decoder", 1), ("cross", 1)]
    _, pairs = run(model, given_inputs, layers={("cross", 2), ("encoder", 0)})
    assert [(one.kind, one.layer) for one in pairs] == [("encoder", 0), ("cross", 2)]
    for one in [*some, *pairs]:
        torch.testing.assert_close(one.weights, every[one.kind, one.layer], **CLOSE)
    expected = eager(models("bart", "eager"), given_inputs)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)


def test_kinds_are_chosen(models):
    model, given_inputs = models("clip"), inputs("clip")
    _, every = run(model, given_inputs)
    _, words = run(model, given_inputs, kinds=("decoder", "encoder"))
    assert {one.kind for one in every} == {"vision", "decoder"}
    assert {one.kind for one in words} == {"decoder"}
    wanted = [one.weights for one in every if one.kind == "decoder"]
    assert all(torch.equal(one.weights, weights) for one, weights in zip(words, wanted, strict=True))
    assert run(model, given_inputs, kinds=("decoder",), layers={1})[1][0].layer == 1


@pytest.mark.parametrize("name", ["bert", "llama", "t5", "swin"])
def test_scores_and_states(models, name):
    given_inputs = inputs(name, True)
    expected = eager(models(name, "eager"), given_inputs)
    _, maps = run(models(name), given_inputs, scores=True, qkv=True)
    compare(maps, expected, name)
    for one in maps:
        torch.testing.assert_close(one.scores.softmax(-1), one.weights, **CLOSE)
        assert one.query.shape[:2] == one.key.shape[:2] == one.value.shape[:2] == one.weights.shape[:2]
    if name in ("bert", "llama"):  # no position bias: the weights of the full rows follow from query and key alone
        for one in maps:
            product = torch.einsum("bhqd,bhkd->bhqk", one.query, one.key) / math.sqrt(one.query.shape[-1])
            seen = torch.ones(9, 9).tril() if name == "llama" else torch.ones(9, 9)
            seen = seen * given_inputs["attention_mask"][:, None, None]
            by_hand = product.exp() * seen
            torch.testing.assert_close(one.weights, by_hand / by_hand.sum(-1, keepdim=True), **CLOSE)


def test_later_passes_count_layers_again(models):
    model, ids = models("gpt2"), inputs("gpt2")["input_ids"]
    for how in ({}, {"edit": Edit(mask="local", window=3)}, {"edit": Edit(mask="causal", temperature=2)}):
        _, whole = run(model, {"input_ids": ids}, **how)
        with torch.no_grad(), recording(**how) as maps:
            first = model(ids[:, :8], use_cache=True)
            model(ids[:, 8:], past_key_values=first.past_key_values)
        assert [one.layer for one in maps] == [0, 1, 2, 0, 1, 2]
        for one, full in zip(maps[3:], whole, strict=True):
            torch.testing.assert_close(one.weights, full.weights[:, :, 8:], **CLOSE)


def test_a_recording_inside_another_takes_over(models):
    with torch.no_grad(), recording() as outer:
        models("vit")(**inputs("vit"))
        _, inner = run(models("bert"), inputs("bert"))
    assert {one.kind for one in outer} == {"vision"} and {one.kind for one in inner} == {"encoder"}


def test_nothing_seen_is_an_error(models):
    with pytest.raises(RuntimeError, match=f"attn_implementation='{ATTENTION}'"):
        run(tiny("bert", "sdpa"), inputs("bert"))
    with pytest.raises(RuntimeError, match="never ran"):
        run(models("bert"), inputs("bert"), layers={0, 3})
    with pytest.raises(KeyError, match="mine"), recording():
        raise KeyError("mine")


class Alone(torch.nn.Module):
    """An attention layer that runs without a model."""

    config = hf.BertConfig()
    is_causal = False


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "not recorded"])
@pytest.mark.parametrize(
    ("more", "weights"),
    [
        # Scores 3 and 4 of one query, pressed to 2 tanh(3/2) and 2 tanh(4/2).
        ({"softcap": 2.0}, [math.exp(2 * math.tanh(1.5)), math.exp(2 * math.tanh(2.0))]),
        ({"s_aux": torch.tensor([1.0])}, [math.exp(1), math.exp(3), math.exp(4)]),
        ({"softcap": 2.0, "s_aux": torch.tensor([-1.0])},
         [math.exp(-1), math.exp(2 * math.tanh(1.5)), math.exp(2 * math.tanh(2.0))]),
    ],
    ids=["cap", "sink", "both"],
)  # fmt: skip
def test_caps_and_sinks_by_pencil(more, weights, recorded):
    query, keys = torch.tensor([[[[1.0]]]]), torch.tensor([[[[3.0], [4.0]]]])
    values = torch.tensor([[[[10.0], [100.0]]]])
    attend = AttentionInterface()[ATTENTION]
    wanted = torch.tensor(weights) / sum(weights)
    if recorded:
        with recording() as maps:
            output, _ = attend(Alone(), query, keys, values, None, scaling=1.0, **more)
        with recording(keep=False) as later:
            attend(Alone(), query, keys, values, None, scaling=1.0, **more)
        torch.testing.assert_close(maps[0].weights.flatten(), wanted, **CLOSE)
        torch.testing.assert_close(torch.from_numpy(lazy_weights(later)[0]).flatten(), wanted, **CLOSE)
        assert maps[0].sink == ("s_aux" in more)
    else:
        output, _ = attend(Alone(), query, keys, values, None, scaling=1.0, **more)
    assert output.item() == pytest.approx(float(10 * wanted[-2] + 100 * wanted[-1]), rel=1e-5)


# Edits


def scale_queries(model, name, factor):
    """The model with its scores multiplied by factor, bias included, by its own parameters."""
    parts = (".query.", ".q_proj.", ".q.weight", "relative_attention_bias.weight", "relative_position_bias_table")
    for key, parameter in model.named_parameters():
        if any(part in key for part in parts):
            parameter.data.mul_(factor)
        elif name == "gpt2" and ".c_attn." in key:
            parameter.data[..., :32].mul_(factor)
    return model


@pytest.mark.parametrize("name", ["bert", "gpt2", "llama", "t5", "bart", "vit", "swin"])
def test_temperature_divides_scores(models, name):
    given_inputs, by = inputs(name, True), 20 if name == "swin" else 2.5  # its windows stay closed, hot as it may be
    expected = eager(scale_queries(tiny(name), name, 1 / by), given_inputs)
    output, maps = run(models(name), given_inputs, edit=Edit(temperature=by))
    compare(maps, expected, name)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)


@pytest.mark.parametrize(("name", "factor"), [("bert", 8**0.5), ("gpt2", 8**0.5), ("llama", 8**0.5), ("t5", 1.0)])
def test_unscaled(models, name, factor):
    given_inputs = inputs(name, True)
    expected = eager(scale_queries(tiny(name), name, factor), given_inputs)
    output, maps = run(models(name), given_inputs, edit=Edit(scaled=False))
    compare(maps, expected, name)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("mask", ["none", "causal", "local"])
@pytest.mark.parametrize("name", ["bert", "albert", "gpt2", "llama"])
def test_masks_are_those_given_by_hand(models, name, mask, padded):
    given_inputs = inputs(name, padded)
    real = given_inputs["attention_mask"].bool()[:, None, None]
    ones = torch.ones(9, 9, dtype=torch.bool)
    shape = {"none": ones, "causal": ones.tril(), "local": ones.tril(2).triu(-2)}[mask]
    if name in ("gpt2", "llama") and mask == "local":
        shape = shape.tril()
    seen = shape & real
    seen = torch.where(seen.any(-1, keepdim=True), seen, real)
    by_hand = torch.where(seen, 0.0, torch.finfo(torch.float32).min)
    positions = {"position_ids": torch.arange(9)[None].expand(2, 9)} if name in ("gpt2", "llama") else {}
    expected = eager(models(name, "eager"), {**given_inputs, **positions, "attention_mask": by_hand})
    output, maps = run(models(name), given_inputs, edit=Edit(mask=mask))
    compare(maps, expected, name)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)
    for one in maps:
        assert one.weights[~seen.expand_as(one.weights)].abs().max() == 0 if not seen.all() else True


@pytest.mark.parametrize("mask", ["none", "causal", "local"])
@pytest.mark.parametrize("name", ["t5", "marian", "detr", "clip", "siglip", "vit"])
def test_masks_in_other_families(models, name, mask):
    given_inputs = inputs(name, True)
    plain = {(one.kind, one.layer): one.weights for one in run(models(name), given_inputs)[1]}
    for one in run(models(name), given_inputs, edit=Edit(mask=mask, window=1))[1]:
        weights, before = one.weights, plain[one.kind, one.layer]
        lost = {"detr": 3 * (one.kind != "decoder"), "vit": 0}.get(name, 3 * (one.kind != "vision"))
        if lost:  # of 3 x 3 patches, or of 9 or 7 pieces
            assert before[1, ..., -lost:].max() == 0
            assert weights[1, ..., -lost:].max() == 0, "padding shows"
        if one.kind == "cross":
            if mask != "none" and one.layer == 0 and name == "marian":
                assert weights[1, ..., :-lost].min() > 0, "cross-attention was masked"
            continue
        full = slice(0, min(4, weights.shape[2]))  # rows of tokens that are no padding
        seen = torch.ones(weights.shape[-2:], dtype=torch.bool)
        seen = {"none": seen, "causal": seen.tril(), "local": seen.tril(1).triu(-1)}[mask]
        if one.kind == "decoder" and name != "detr" and mask == "local":
            seen = seen.tril()
        outside = weights[:, :, full][:, :, ~seen[full]]
        assert (outside == 0).all()
        if mask == "none" and one.kind == "decoder" and name != "detr":
            assert weights[0, :, 0, 1:].min() > 0, "the causal part is still there"


@pytest.mark.parametrize("name", ["bert", "vit", "swin", "detr"])
def test_without_a_causal_part_none_changes_nothing(models, name):
    given_inputs = inputs(name, True)
    expected = eager(models(name, "eager"), given_inputs)
    compare(run(models(name), given_inputs, edit=Edit(mask="none"))[1], expected, name)


@pytest.mark.parametrize(
    ("name", "kind", "outward"),
    [
        ("bert", "encoder", "encoder.layer.1.attention.output.dense"),
        ("gpt2", "decoder", "h.1.attn.c_proj"),
        ("llama", "decoder", "layers.1.self_attn.o_proj"),
        ("bart", "cross", "decoder.layers.1.encoder_attn.out_proj"),
        ("t5", "encoder", "encoder.block.1.layer.0.SelfAttention.o"),
        ("vit", "vision", "layers.1.attention.o_proj"),
    ],
)
def test_heads_off(models, name, kind, outward):
    """A head whose columns of the output projection are zero says nothing; its weights stay as they are."""
    given_inputs, changed = inputs(name, True), tiny(name)
    weight = changed.get_submodule(outward).weight.data
    into = weight.T if name != "gpt2" else weight  # head width first
    into[8:16] = into[24:32] = 0
    expected = eager(changed, given_inputs)
    edit = Edit(heads_off=((kind, 1, 1), (kind, 1, 3)))
    output, maps = run(models(name), given_inputs, edit=edit)
    compare(maps, expected, name)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)
    unrecorded, none = run(models(name), given_inputs, edit=edit, layers=())
    assert none == []
    torch.testing.assert_close(unrecorded.last_hidden_state, expected.last_hidden_state, **CLOSE)
    before = eager(models(name, "eager"), given_inputs)
    assert (before.last_hidden_state - expected.last_hidden_state).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("off", "says"),
    [
        (("encoder", 0, 4), "no head 5 in encoder layer 1: choose one of 1 to 4"),
        (("encoder", 0, -1), "no head 0"),
        (("encoder", 3, 0), "no encoder layer 4 .* has encoder layers 1 to 3"),
        (("cross", 0, 0), "no cross layer 1"),
    ],
)
def test_a_head_that_is_not_there_is_refused(models, off, says):
    with pytest.raises(Refused, match=says):
        run(models("bert"), inputs("bert"), edit=Edit(heads_off=(off,)))


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["bert", "gpt2", "t5", "clip", "swin"]),
    off=st.booleans(),
    scaled=st.booleans(),
    temperature=st.floats(0.05, 50),
    mask=st.sampled_from(["model", "none", "causal", "local"]),
    window=st.integers(0, 9),
    padded=st.booleans(),
)
def test_rows_sum_to_one_under_every_edit(name, off, scaled, temperature, mask, window, padded):
    model = _MADE.setdefault(name, tiny(name, ATTENTION))
    kind = next(iter(FAMILIES[name].shown))
    edit = Edit(((kind, 0, 1),) if off else (), scaled, temperature, mask, window)
    output, maps = run(model, inputs(name, padded), edit=edit)
    for one in maps:
        torch.testing.assert_close(one.weights.sum(-1), torch.ones_like(one.weights[..., 0]), rtol=0, atol=1e-4)
    assert all(torch.isfinite(one).all() for one in results(output))


_MADE: dict = {}


# Memory: reduced while hot, computed again on demand

FIVE = ["bert", "gpt2", "llama", "t5", "marian"]
EDITS = [None, Edit(mask="local", temperature=1.7, scaled=False, window=1), Edit(mask="none")]


@pytest.mark.parametrize("live", [1, 400, on_demand.LIVE])
@pytest.mark.parametrize("name", ["bert", "llama", "t5", "swin"])
def test_reduce_sees_every_head(models, name, live, monkeypatch):
    monkeypatch.setattr(on_demand, "LIVE", live)
    given_inputs, sizes = inputs(name, True), []

    def reduce(weights, kind, layer):
        sizes.append((weights.numel(), weights.shape[1]))
        return {"best": weights.amax(-1), "half": weights.mean(2)}

    expected = eager(models(name, "eager"), given_inputs)
    output, maps = run(models(name), given_inputs, reduce=reduce, keep=False)
    assert all(heads == 1 or size <= live for size, heads in sizes)
    torch.testing.assert_close(output.last_hidden_state, expected.last_hidden_state, **CLOSE)
    for kind, path in FAMILIES[name].shown.items():
        shown = field(expected, path)
        mine = of(maps, kind)[1::2] if name == "swin" else of(maps, kind)
        for one, weights in zip(mine, shown, strict=True):
            assert one.weights is None and one.scores is None
            torch.testing.assert_close(one.reduced["best"], weights.amax(-1), **CLOSE)
            torch.testing.assert_close(one.reduced["half"], weights.mean(2), **CLOSE)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", FIVE)
def test_deferred_is_what_was_not_kept(models, name, edit):
    given_inputs = inputs(name, True)
    kept_output, kept = run(models(name), given_inputs, edit=edit)
    if edit is None:
        compare(kept, eager(models(name, "eager"), given_inputs), name)
    output, maps = run(models(name), given_inputs, edit=edit, keep=False)
    torch.testing.assert_close(output.last_hidden_state, kept_output.last_hidden_state, **CLOSE)
    # Fused attention rounds otherwise, which later layers inherit: to compare to 1e-6 take the explicit way here too.
    _, maps = run(models(name), given_inputs, edit=edit, keep=False, reduce=lambda weights, kind, layer: {})
    for kind in FAMILIES[name].shown:
        want = torch.stack([one.weights for one in of(kept, kind)]).numpy()  # layer batch head query key
        for batch in (0, 1):
            weights = lazy_weights(of(maps, kind), batch)
            assert weights.shape == want[:, batch].shape and len(weights) == len(want)
            for layer in range(len(want)):
                assert weights[layer].dtype == np.float32
                np.testing.assert_allclose(weights[layer], want[layer, batch], atol=1e-6)
                np.testing.assert_allclose(weights[layer, 2], want[layer, batch, 2], atol=1e-6)


def test_deferred_is_indexed_as_an_array(models):
    given_inputs = inputs("bert", True)
    kept, maps = run(models("bert"), given_inputs)[1], run(models("bert"), given_inputs, keep=False)[1]
    want = torch.stack([one.weights for one in kept])[:, 1, :, :6, :6].numpy()
    weights = lazy_weights(maps, batch=1, queries=slice(0, 6), keys=slice(0, 6))
    indices = [-1, (0, -1), (1, 2, 3), (1, 2, -1), (1, 2, slice(1, 4)), (1, 2, slice(None, None, 2))]
    for index in [*indices, (1, 2, [5, 0, 3]), (2, 1, np.array([1, 2])), (0, slice(1, 3)), (0, slice(None), 2)]:
        np.testing.assert_allclose(weights[index], want[index], atol=1e-6)
    for wrong in (3, (0, 4), (0, 0, 6)):
        with pytest.raises(IndexError):
            weights[wrong]
    tokens = tuple(Token(str(n), n, n) for n in range(6))
    assert Attention("encoder", tokens, tokens, weights).weights is weights
    with pytest.raises(ValueError, match="keep=False"):
        lazy_weights(kept)
    with pytest.raises(ValueError, match="one pass"):
        lazy_weights([*maps, *maps])


def test_deferred_in_many_threads(models):
    given_inputs = inputs("t5", True)
    kept = run(models("t5"), given_inputs)[1]
    maps = run(models("t5"), given_inputs, keep=False, reduce=lambda weights, kind, layer: {})[1]
    weights, found = lazy_weights(of(maps, "decoder")), {}

    def read(head):
        for _ in range(20):
            found[head] = weights[1, head]

    threads = [threading.Thread(target=read, args=(head,)) for head in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for head in range(4):
        np.testing.assert_allclose(found[head], of(kept, "decoder")[1].weights[0, head].numpy(), atol=1e-6)


def test_inference_mode_serves_as_well(models):
    given_inputs, edit = inputs("gpt2", True), Edit(mask="local", temperature=2)
    kept = run(models("gpt2"), given_inputs, edit=edit)[1]
    with torch.inference_mode(), recording(edit=edit, keep=False) as maps:
        models("gpt2")(**given_inputs)
    np.testing.assert_allclose(lazy_weights(maps, 1)[2], kept[2].weights[1].numpy(), atol=1e-5)


def test_masks_and_biases_are_shared(models):
    for name, edit in (("gpt2", None), ("gpt2", Edit(mask="local")), ("t5", None)):
        maps = of(run(models(name), inputs(name, True), edit=edit, keep=False)[1], "decoder")
        first, *others = [one.recipe for one in maps]
        squares = [*first.added, *([] if first.hidden is None else [first.hidden])]
        for other in others:
            theirs = [*other.added, *([] if other.hidden is None else [other.hidden])]
            assert [one.data_ptr() for one in theirs] == [one.data_ptr() for one in squares]
        assert squares


# Gradients


@pytest.mark.parametrize("name", ["bert", "llama", "t5", "vit"])
def test_gradients_by_weights_are_eagers(models, name):
    given_inputs = inputs(name, True)
    expected = models(name, "eager")(**given_inputs, output_attentions=True)
    with recording() as maps:
        output = models(name)(**given_inputs)
    for kind, path in FAMILIES[name].shown.items():
        want = torch.autograd.grad(expected.last_hidden_state[0, 0, 0], field(expected, path), retain_graph=True)
        weights = [one.weights for one in of(maps, kind)]
        found = torch.autograd.grad(output.last_hidden_state[0, 0, 0], weights, retain_graph=True)
        assert max(one.abs().max() for one in want) > 1e-3
        for mine, theirs in zip(found, want, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_no_graph_is_kept_where_none_is_wanted(models):
    for how in ({}, {"keep": False}, {"qkv": True, "scores": True}):
        for one in run(models("t5"), inputs("t5"), **how)[1]:
            for part in (one.weights, one.scores, one.query, one.key, one.value):
                assert part is None or not part.requires_grad
    with recording(keep=False, reduce=lambda weights, kind, layer: {"sum": weights.sum(-1)}) as maps:
        output = models("t5")(**inputs("t5"))
    assert output.last_hidden_state.requires_grad
    for one in maps:
        parts = [one.recipe.query, one.recipe.key, *one.recipe.added, *one.reduced.values()]
        assert not any(part.requires_grad for part in parts)


def test_nothing_outlives_the_recording():
    model = tiny("bert", ATTENTION)
    _, maps = run(model, inputs("bert"))
    model_gone, weights_gone = weakref.ref(model), weakref.ref(maps[0].weights)
    del model, maps
    gc.collect()
    assert model_gone() is None and weights_gone() is None


# Pooling


@settings(max_examples=40, deadline=None)
@given(queries=st.integers(1, 40), keys=st.integers(1, 40), most=st.integers(1, 20), seed=st.integers(0, 9))
def test_pool_is_the_maximum_of_blocks(queries, keys, most, seed):
    weights = torch.rand(2, queries, keys, generator=torch.Generator().manual_seed(seed)).softmax(-1)
    found = pool(weights, most)
    tall, wide = math.ceil(queries / most), math.ceil(keys / most)
    assert found.dtype == torch.uint8
    assert found.shape == (2, math.ceil(queries / tall), math.ceil(keys / wide))
    for head in range(2):
        for row in range(found.shape[1]):
            for column in range(found.shape[2]):
                block = weights[head, row * tall : (row + 1) * tall, column * wide : (column + 1) * wide]
                assert abs(int(found[head, row, column]) - 255 * math.sqrt(float(block.max()))) < 0.5001


def test_pool_at_its_default():
    weights = torch.zeros(1, 300, 100)
    weights[0, 299, 99] = 1
    found = pool(weights)  # blocks of 3 queries, of 1 key
    assert found.shape == (1, 100, 100) and found.sum() == 255 and found[0, 99, 99] == 255
