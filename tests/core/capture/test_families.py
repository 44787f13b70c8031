"""Families of every kind, as a user's folder: their maps are the eager class's, or what is said of them is true."""

from __future__ import annotations

import json
import re
from collections import Counter

import numpy as np
import pytest

from benchmarks import families, shrinking
from core import ask, open_model
from core.analyses.surgery import heads_of
from core.capture.recording import recording
from core.models.hidden import hidden_states
from core.models.text import run
from core.requests import BlankRequest, Edit, HeadRequest, ShiftedTextRequest, TextRequest
from core.types import Refused
from tests.drawn import unpacked
from ui.components.heads.message import pack

TEXT = families.TEXT
EQUAL = [
    "causal/gemma2",  # caps its scores
    "causal/gpt_oss",  # a sink for each head
    "causal/mimo_v2_flash",  # sinks in some of its layers
    "causal/gptj",
    "causal/git",  # looks its way up in a table of its own
    "causal/bloom",
    "causal/falcon",
    "causal/xlnet",
    "causal/qwen3_next",  # one layer in four attends
    "causal/diffllama",  # asks twice with the same queries
    "causal/gemma3",  # a tower for pictures beside it
    "masked/deberta-v2",
    "classes/mpnet",
    "classes/plbart",  # the decoder reads the text again
    "seq2seq/nllb-moe",
    "seq2seq/t5gemma",  # the start token stands in generation_config
    "zero-shot/blip-2",
]
REFUSED = {
    "masked/fnet": "hands out no attention weights",
    "causal/mamba": "hands out no attention weights",
    "masked/longformer": "attends inside windows",
    "seq2seq/longt5": r"shape \(1, 4, 128, 384\)",
    "masked/squeezebert": "rows that sum to",
    "pictures/segformer": "patches of one size",
    "pictures/swinv2": "windows",
    "pictures/siglip2": "a number of patches of its own",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """task/type -> the folder of a tiny random checkpoint, made once."""
    made = {}

    def of(name: str) -> str:
        if name not in made:
            made[name] = tmp_path_factory.mktemp("family") / name.replace("/", "-")
            task, _, kind = name.partition("/")
            shrinking.save(kind, task, made[name])
        return str(made[name])

    return of


@pytest.mark.parametrize("name", EQUAL)
def test_maps_are_those_of_the_eager_class(name, tmp_path):
    task, _, kind = name.partition("/")
    line = families.row(kind, task, tmp_path)
    assert line["outcome"] == "equal", line
    assert line["difference"] <= families.CLOSE


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_map_is_refused_with_the_reason(name, tmp_path):
    task, _, kind = name.partition("/")
    line = families.row(kind, task, tmp_path)
    assert line["outcome"] == "refused", line
    assert re.search(REFUSED[name], line["sentence"]), line["sentence"]


def test_a_sink_is_a_key_of_its_own(folder):
    (attention,) = ask(TextRequest(folder("causal/gpt_oss"), TEXT)).attentions
    assert attention.keys[0].text == "sink" and attention.keys[0].special
    assert attention.keys[1:] == attention.queries
    assert np.allclose(attention.weights.sum(-1), 1, atol=1e-5) and attention.weights[..., 0].min() > 0


def test_layers_without_a_sink_give_it_nothing(folder):
    (attention,) = ask(TextRequest(folder("causal/mimo_v2_flash"), TEXT)).attentions
    given = attention.weights[..., 0].max(axis=(1, 2))
    assert (given == 0).any() and (given > 0).any()


@pytest.mark.parametrize("name", ["causal/gpt_oss", "causal/gemma2", "causal/mimo_v2_flash", "causal/qwen3_next"])
def test_one_head_made_again_is_the_same(folder, name, monkeypatch):
    kept = run(TextRequest(folder(name), TEXT))[0].attentions[0].weights
    monkeypatch.setattr("core.models.text.KEPT_NUMBERS", 0)
    later = run(TextRequest(folder(name), TEXT))[0].attentions[0].weights
    assert not isinstance(later, np.ndarray) and later.shape == kept.shape
    assert np.allclose(np.stack([later[layer] for layer in range(len(later))]), kept, atol=1e-6)


def test_hybrids_carry_the_models_own_numbers(folder):
    encoding = ask(TextRequest(folder("causal/qwen3_next"), TEXT))
    assert encoding.attentions[0].layers == (3,)
    assert any("layers 4" in remark for remark in encoding.remarks)


def test_a_head_of_a_hybrid_is_switched_off_by_the_models_own_number(folder):
    name = folder("causal/qwen3_next")
    off = ask(TextRequest(name, TEXT, edit=Edit(heads_off=(("decoder", 3, 0),))))
    assert off.predictions[0].choices != ask(TextRequest(name, TEXT)).predictions[0].choices
    header, _ = unpacked(pack(off))
    assert header["off"] == [["decoder", 0, 0]] and header["kinds"][0]["numbers"] == [4]
    with pytest.raises(Refused, match=r"no decoder layer 1 .* decoder layers 4"):
        ask(TextRequest(name, TEXT, edit=Edit(heads_off=(("decoder", 0, 0),))))
    assert {(kind, layer) for kind, layer, _ in heads_of(name, "en")} == {("decoder", 3)}


@pytest.mark.parametrize("edit", [Edit(temperature=2.0), Edit(heads_off=(("decoder", 0, 0),)), Edit(mask="none")])
def test_edits_of_what_computes_by_itself_are_refused(folder, edit):
    with pytest.raises(Refused, match="computes its attention by itself"):
        ask(TextRequest(folder("causal/gptj"), TEXT, edit=edit))


def test_queries_and_scores_of_what_computes_by_itself_are_refused(folder):
    with pytest.raises(Refused, match="computes its attention by itself"):
        ask(HeadRequest(TextRequest(folder("causal/bloom"), TEXT), "decoder", 0, 0))
    opened = open_model(folder("causal/bloom"))
    ids = opened.tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with pytest.raises(Refused, match="computes its attention by itself"), recording(scores=True):
        opened.model(input_ids=ids)


def test_layers_of_what_computes_by_itself_can_be_chosen_and_summed_up(folder):
    opened = open_model(folder("causal/bloom"))
    ids = opened.tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with recording(layers=[2], reduce=lambda weights, kind, layer: {"peak": weights.amax(-1)}) as maps:
        opened.model(input_ids=ids)
    assert [(one.kind, one.layer) for one in maps] == [("decoder", 2)]
    assert np.allclose(maps[0].reduced["peak"], maps[0].weights.amax(-1))


def test_every_page_says_the_same_of_a_model_without_attention(folder):
    name = folder("masked/fnet")
    said = set()
    for request in (TextRequest(name, TEXT), BlankRequest(name, TEXT, (1,)), ShiftedTextRequest(name, TEXT, 2)):
        with pytest.raises(Refused) as caught:
            ask(request)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    "name",
    ["masked/bert", "masked/fnet", "masked/deberta-v2", "masked/convbert", "causal/llama", "causal/xlnet",
     "causal/bloom", "causal/mamba", "causal/jamba", "causal/lfm2", "seq2seq/t5", "masked/modernbert"],
)  # fmt: skip
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_text_is_worth_the_same_in_any_company(folder, name, side):
    opened = open_model(folder(name))
    texts = ["Hi.", TEXT, "A small dog sleeps under the table.", "A dog."]
    opened.tokenizer.padding_side = side
    together = {one.index: one for one in hidden_states(opened.reader, opened.tokenizer, texts)}
    for place, text in enumerate(texts):
        (alone,) = hidden_states(opened.reader, opened.tokenizer, [text])
        ids = opened.tokenizer(text, return_tensors="pt")["input_ids"]
        plain = opened.reader.base_model(input_ids=ids, output_hidden_states=True).hidden_states
        special = set(opened.tokenizer.all_special_ids)
        pieces = [i for i, one in enumerate(ids[0].tolist()) if one not in special]
        assert np.allclose(together[place].values, alone.values, atol=1e-4)
        assert np.allclose(alone.values, np.stack([one[0, pieces] for one in plain]), atol=1e-4)


def test_a_window_as_wide_as_the_text_is_no_map(tmp_path):
    """Eight neighbours and the token itself: nine columns for nine tokens, but not one column a token."""
    shrinking.save("longformer", "masked", tmp_path, {"attention_window": 8})
    with pytest.raises(Refused, match="attends inside windows"):
        ask(TextRequest(str(tmp_path), TEXT))


def test_what_looks_ahead_is_an_encoder(folder):
    assert ask(TextRequest(folder("causal/xlnet"), TEXT)).attentions[0].kind == "encoder"


def test_the_table_meets_its_bar():
    lines = json.loads(families.TABLE.read_text(encoding="utf-8"))
    outcomes = Counter(line["outcome"] for line in lines)
    assert not {"wrong", "crash"} & outcomes.keys()
    gives = [line for line in lines if line["eager"] == "maps"]
    equal = [line for line in gives if line["outcome"] == "equal"]
    assert len(equal) >= 0.95 * len(gives) and all(line["difference"] <= families.CLOSE for line in equal)
    assert all(line["sentence"] for line in lines if line["outcome"] in ("refused", "unmade"))
    assert outcomes["unmade"] < 0.06 * len(lines)
    assert all(
        {line["type"] for line in lines if line["task"] == task} == set(shrinking.types_of(task))
        for task in shrinking.TASKS
    )
