"""Models in other forms: a GGUF file, an adapter of another model, a single part without its index."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from core.engine import ask
from core.models.tokenizer import tokenize
from core.requests import TextRequest
from core.store.opening import open_model
from core.types import Refused
from tests.checkpoints import saved, tiny_gpt2


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return saved(tiny_gpt2(), tmp_path_factory.mktemp("models") / "base")


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory) -> Path:
    """An adapter whose changes are no zeros."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(base)
    model.name_or_path = str(base)
    changed = get_peft_model(model, LoraConfig(r=2, target_modules=["c_attn"], init_lora_weights=False))
    changed.peft_config["default"].base_model_name_or_path = str(base)
    folder = tmp_path_factory.mktemp("models") / "adapter"
    changed.save_pretrained(folder)
    return folder


def maps_of(model: torch.nn.Module, ids: list[int]) -> np.ndarray:
    with torch.inference_mode():
        return torch.cat(model(torch.tensor([ids]), output_attentions=True).attentions).numpy()


def test_an_adapter_changes_its_base(base, adapter):
    found = ask(TextRequest(str(adapter), "the cat sat"))
    ids = [token.id for token in found.tokens]
    from peft import PeftModel

    eager = AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager")
    plain = maps_of(eager.eval(), ids)
    merged = maps_of(PeftModel.from_pretrained(eager, str(adapter)).merge_and_unload().eval(), ids)
    assert np.abs(found.attentions[0].weights - merged).max() < 1e-5 < np.abs(plain - merged).max()
    assert found.remarks == ("The changes of the adapter are added to the weights of base.",)
    again = ask(TextRequest(str(base), "the cat sat"))  # the base itself stays as it is
    assert np.abs(again.attentions[0].weights - plain).max() < 1e-5


def test_without_the_package_an_adapter_says_what_it_is(base, adapter, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "peft" else found(name, *more))
    with pytest.raises(Refused, match=r"adapter is an adapter \(LoRA or its kind\) of base.*pip install peft"):
        open_model(str(shutil.copytree(adapter, adapter.parent / "copy" / "adapter")))


def test_an_adapter_of_nobody_is_refused(adapter, tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(Refused, match="does not say of which model"):
        open_model(str(tmp_path))


def test_a_single_part_without_its_index_is_opened(base, tmp_path):
    folder = Path(shutil.copytree(base, tmp_path / "part"))
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    found, wanted = (ask(TextRequest(str(one), "the cat sat")) for one in (folder, base))
    assert np.array_equal(found.attentions[0].weights, wanted.attentions[0].weights) and found.remarks == ()


@pytest.fixture(scope="module")
def quantised(tmp_path_factory) -> Path:
    """A Llama of two layers as a GGUF file, with a vocabulary of letters."""
    folder = tmp_path_factory.mktemp("models") / "llama"
    folder.mkdir()
    write(folder / "tiny.gguf")
    return folder


def write(path: Path, kind: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F32) -> None:
    """A Llama of two layers; kind: how its matrices are stored."""
    writer = gguf.GGUFWriter(str(path), "llama")
    width, inner, layers, heads = 32, 64, 2, 4
    tokens = ["<|end|>", *map(chr, range(ord("a"), ord("z") + 1)), "Ġ", "Ġc", "at", "Ġcat"]
    for put, value in (
        (writer.add_context_length, 64), (writer.add_embedding_length, width), (writer.add_block_count, layers),
        (writer.add_feed_forward_length, inner), (writer.add_head_count, heads), (writer.add_head_count_kv, heads),
        (writer.add_layer_norm_rms_eps, 1e-5), (writer.add_vocab_size, len(tokens)),
        (writer.add_tokenizer_model, "gpt2"),
        (writer.add_token_list, tokens), (writer.add_token_merges, ["Ġ c", "a t", "Ġc at"]),
        (writer.add_bos_token_id, 0), (writer.add_eos_token_id, 0), (writer.add_unk_token_id, 0),
    ):  # fmt: skip
        put(value)
    random = np.random.default_rng(0)
    sizes = {"token_embd": (len(tokens), width), "output": (len(tokens), width)}
    for layer in range(layers):
        sizes |= {f"blk.{layer}.attn_{part}": (width, width) for part in ("q", "k", "v", "output")}
        sizes |= {f"blk.{layer}.ffn_{part}": (inner, width) for part in ("gate", "up")}
        sizes[f"blk.{layer}.ffn_down"] = (width, inner)
    for name, size in sizes.items():
        stored = gguf.quants.quantize(random.normal(0, 0.3, size).astype(np.float32), kind)
        writer.add_tensor(f"{name}.weight", stored, raw_dtype=kind)
    for name in ("output_norm", *(f"blk.{layer}.{part}_norm" for layer in range(layers) for part in ("attn", "ffn"))):
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("named", ["folder", "file"])
def test_a_gguf_file_is_opened_as_transformers_reads_it(quantised, named):
    name = str(quantised if named == "folder" else quantised / "tiny.gguf")
    found = ask(TextRequest(name, "a cat"))
    model = AutoModelForCausalLM.from_pretrained(
        quantised, gguf_file="tiny.gguf", attn_implementation="eager", dtype=torch.float32
    )
    ids = [token.id for token in found.tokens]
    assert [token.text for token in found.tokens][-2:] == ["a", "cat"]
    assert np.abs(found.attentions[0].weights - maps_of(model.eval(), ids)).max() < 1e-5
    assert found.remarks == ()
    assert open_model(name).card.parameters == sum(one.numel() for one in model.parameters())


def test_tokenizers_cut_as_the_models_that_lie_in_other_forms(base, adapter, quantised, tmp_path):
    (tmp_path / "adapter").mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(adapter / name, tmp_path / "adapter")
    for folder, same in ((quantised, quantised), (quantised / "tiny.gguf", quantised), (tmp_path / "adapter", base)):
        wanted = [token.id for token in ask(TextRequest(str(same), "a cat")).tokens]
        assert [piece.id for piece in tokenize(str(folder), "a cat").pieces] == wanted


def test_a_gguf_file_is_read_without_what_takes_longest(quantised, tmp_path, monkeypatch):
    made, bytes_of, names, reader = [], [], gguf.get_tensor_name_map, gguf.GGUFReader
    monkeypatch.setattr(gguf, "get_tensor_name_map", lambda *asked: made.append(asked) or names(*asked))
    given = gguf.get_tensor_name_map
    fields = reader._build_fields
    monkeypatch.setattr(
        reader, "_build_fields", lambda one, *more: bytes_of.append(type(one.data)) or fields(one, *more)
    )
    shutil.copy(quantised / "tiny.gguf", tmp_path)
    found, wanted = (ask(TextRequest(str(one), "a cat")) for one in (tmp_path, quantised))
    assert np.array_equal(found.attentions[0].weights, wanted.attentions[0].weights)
    assert len(made) == len(set(made)) and made and set(bytes_of) == {np.ndarray}
    assert gguf.get_tensor_name_map is given and gguf.GGUFReader is reader  # as the package has them


def test_without_the_package_a_gguf_file_says_what_it_is(quantised, tmp_path, monkeypatch):
    shutil.copy(quantised / "tiny.gguf", tmp_path)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "gguf" else found(name, *more))
    with pytest.raises(Refused, match=r"is a GGUF file.*pip install gguf"):
        open_model(str(tmp_path))


def test_a_broken_gguf_file_is_refused(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(Refused, match="cannot read"):
        open_model(str(tmp_path))


def test_rounded_weights_are_told_and_whole_ones_are_not(tmp_path):
    write(tmp_path / "small.gguf", gguf.GGMLQuantizationType.Q8_0)
    assert open_model(str(tmp_path)).remarks == ("Its weights were rounded when small.gguf was made (Q8_0).",)
