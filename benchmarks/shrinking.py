"""A tiny random checkpoint of any model type that transformers knows: known sizes shrunk, a small reader beside it."""

from __future__ import annotations

import typing
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers.models.auto import configuration_auto, modeling_auto

from benchmarks.sizes import HEADS, KEY_HEADS, OVERRIDES, PATCH, SIDE, SIZES

TASKS = {
    "causal": "CAUSAL_LM",
    "masked": "MASKED_LM",
    "seq2seq": "SEQ_TO_SEQ_CAUSAL_LM",
    "pictures": "IMAGE_CLASSIFICATION",
    "zero-shot": "ZERO_SHOT_IMAGE_CLASSIFICATION",
    "boxes": "OBJECT_DETECTION",
    "classes": "SEQUENCE_CLASSIFICATION",
}
CORPUS = ["The cat sat on the mat because it was tired.", "A small dog sleeps under the table."] * 4
#: Spare pieces behind the five that every tokenizer has: for pictures, sounds and other things that models name by id.
SPARE = [f"<spare{i}>" for i in range(24)]
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "<mask>", *SPARE]
MOST_PARAMETERS = 30_000_000


def types_of(task: str) -> dict[str, str]:
    """Model type -> name of the class of that task, as transformers maps them."""
    names = getattr(modeling_auto, f"MODEL_FOR_{TASKS[task]}_MAPPING_NAMES")
    return {kind: name if isinstance(name, str) else name[0] for kind, name in sorted(names.items())}


def tokenizer() -> hf.PreTrainedTokenizerFast:
    """Byte pairs with a beginning, an end, a mask and spare pieces."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=352, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(CORPUS, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    names = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>", "cls": "<s>", "sep": "</s>"}
    return hf.PreTrainedTokenizerFast(tokenizer_object=made, **{f"{name}_token": text for name, text in names.items()})


def config_of(kind: str, task: str, vocabulary: int, overrides: dict[str, Any]) -> hf.PreTrainedConfig:
    """The configuration of a model type with its known sizes shrunk; overrides: field -> value, dotted for parts."""
    own = getattr(hf, types_of(task)[kind]).config_class  # a language model alone has its part's
    return _shrunk(own or hf.CONFIG_MAPPING[kind], vocabulary, overrides)


def _shrunk(cls: Any, vocabulary: int, overrides: dict[str, Any]) -> hf.PreTrainedConfig:
    declared = [f.name for f in fields(cls)]
    default = _default(cls)
    given: dict[str, Any] = {}
    spare = iter(range(5, 5 + len(SPARE)))
    for name in declared:
        value = _value(default, name)
        parts = getattr(cls, "sub_configs", {})
        if name in parts:
            given |= _part(name, parts[name], value, vocabulary, overrides)
        elif name in KEY_HEADS and value == _value(default, "num_attention_heads"):
            given[name] = None if value is None else HEADS  # not grouped
        elif name in SIZES and name not in overrides:
            given[name] = _sized(value, SIZES[name])
        elif name == "vocab_size" or (
            (name.endswith("vocab_size") and name != "type_vocab_size")
            and (value is None or (isinstance(value, int) and value > vocabulary))
        ):
            given[name] = vocabulary
        elif name.endswith(("_token_id", "_token_index")):
            ends = {"pad": 0, "bos": 1, "eos": 2, "decoder_start": 2, "sep": 2, "cls": 1, "forced_eos": 2}
            part = name.rpartition("_token_")[0]
            if part in ends:
                given[name] = ends[part]
            elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                given[name] = next(spare)
    own = {name: value for name, value in overrides.items() if "." not in name}
    return cls(**{name: value for name, value in (given | own).items() if value is not None})


def _value(config: Any, name: str) -> Any:
    """A field of a configuration; None where it has none, or another in each layer."""
    try:
        return getattr(config, name, None)
    except Exception:
        return SIZES.get(name)


def _default(cls: Any) -> Any:
    try:
        return cls()
    except Exception:
        return None


def _part(name: str, cls: Any, value: Any, vocabulary: int, overrides: dict[str, Any]) -> dict[str, Any]:
    """The shrunk configuration of one part of a model, under its name."""
    inner = {key.partition(".")[2]: value for key, value in overrides.items() if key.startswith(name + ".")}
    if isinstance(value, hf.PreTrainedConfig):
        cls = type(value)
    if name in overrides or cls is configuration_auto.AutoConfig:
        return {}
    return {name: _shrunk(cls, vocabulary, inner)}


def _sized(value: Any, size: Any) -> Any:
    """A size in the form that the field has: a number, or a list with as many of them; None stays None."""
    if isinstance(value, list | tuple):
        return type(value)(size for _ in value)
    return size if value is not None or size == SIZES["head_dim"] else None


def model_of(kind: str, task: str, config: hf.PreTrainedConfig) -> hf.PreTrainedModel:
    """A model of the task's class with random weights, far enough from zero that attention is far from even."""
    cls = getattr(hf, types_of(task)[kind])
    torch.manual_seed(0)
    model = cls(config).eval()
    count = sum(p.numel() for p in model.parameters())
    if count > MOST_PARAMETERS:
        raise ValueError(f"{count:,} parameters are left after shrinking")
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.is_floating_point() and parameter.ndim == 2:
                parameter.copy_(torch.randn(parameter.shape, generator=draw) * 0.25)
    return typing.cast(hf.PreTrainedModel, model)


def save(kind: str, task: str, folder: Path, more: dict[str, Any] | None = None) -> None:
    """A checkpoint of the type in a folder, with what reads text and pictures for it; more: fields to set."""
    reader = tokenizer()
    overrides = OVERRIDES.get(kind, {}) | OVERRIDES.get(f"{task}/{kind}", {}) | (more or {})
    if task == "causal" and "is_decoder" in {f.name for f in fields(hf.CONFIG_MAPPING[kind])}:
        overrides = {"is_decoder": True} | overrides
    if task in ("seq2seq", "classes", "masked") and getattr(
        _default(hf.CONFIG_MAPPING[kind]), "is_encoder_decoder", False
    ):
        overrides = {"decoder_start_token_id": 2} | overrides
    config = config_of(kind, task, len(reader), overrides)
    model_of(kind, task, config).save_pretrained(folder)
    if task in ("pictures", "zero-shot", "boxes"):
        processor_of(kind, config).save_pretrained(folder)
    if task not in ("pictures", "boxes"):
        reader.save_pretrained(folder)


def processor_of(kind: str, config: hf.PreTrainedConfig) -> Any:
    """What makes pixels for the model: one square picture of its size."""
    pictures = getattr(config, "vision_config", config)
    side = getattr(pictures, "image_size", SIDE)
    height, width = (side, side) if isinstance(side, int) else side[-2:]
    if kind == "siglip2":
        return hf.Siglip2ImageProcessorPil(patch_size=PATCH, max_num_patches=16)
    if "detr" in kind or kind == "table-transformer":
        return hf.DetrImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128})
    return hf.ViTImageProcessorPil(size={"height": height, "width": width})
