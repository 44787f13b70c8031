"""Tiny random models of each family that Gaze shows: 2 or 3 layers of 4 heads, width 32, made without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import transformers as hf

TEXT = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 40}
IMAGE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "image_size": 16,
    "patch_size": 4,
}
T5 = {"vocab_size": 60, "d_model": 32, "d_kv": 8, "d_ff": 40, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4}
BART = {
    "vocab_size": 60,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 40,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
    "decoder_start_token_id": 3,
}

ENCODER = {"encoder": "attentions"}
DECODER = {"decoder": "attentions"}
BOTH = {"encoder": "encoder_attentions", "decoder": "decoder_attentions", "cross": "cross_attentions"}
VISION = {"vision": "attentions"}


@dataclass(frozen=True)
class Family:
    """How to make one, what it reads, and under which name transformers shows each kind of attention."""

    model: type
    config: Callable[[], hf.PreTrainedConfig]
    reads: str  # text | pair | image | text and image
    shown: dict[str, str]  # kind -> path of the field in the output


def _towers(config: type, text: type, vision: type) -> hf.PreTrainedConfig:
    words = {**TEXT, "num_hidden_layers": 2, "max_position_embeddings": 64, "projection_dim": 32}
    ends = {"bos_token_id": 3, "eos_token_id": 4, "pad_token_id": 1}
    return config(text_config=text(**words, **ends).to_dict(), vision_config=vision(**IMAGE).to_dict())


def _detr() -> hf.PreTrainedConfig:
    words = ("vocab_size", "pad_token_id", "decoder_start_token_id")
    parts = {key: value for key, value in BART.items() if key not in words}
    backbone = hf.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 8, 16],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    return hf.DetrConfig(backbone_config=backbone, use_timm_backbone=False, num_queries=6, **parts)


FAMILIES: dict[str, Family] = {
    "bert": Family(hf.BertModel, lambda: hf.BertConfig(**TEXT), "text", ENCODER),
    "distilbert": Family(
        hf.DistilBertModel,
        lambda: hf.DistilBertConfig(vocab_size=60, dim=32, n_layers=3, n_heads=4, hidden_dim=40),
        "text",
        ENCODER,
    ),
    "roberta": Family(hf.RobertaModel, lambda: hf.RobertaConfig(**TEXT), "text", ENCODER),
    "xlm-roberta": Family(hf.XLMRobertaModel, lambda: hf.XLMRobertaConfig(**TEXT), "text", ENCODER),
    "electra": Family(hf.ElectraModel, lambda: hf.ElectraConfig(**TEXT, embedding_size=16), "text", ENCODER),
    "albert": Family(hf.AlbertModel, lambda: hf.AlbertConfig(**TEXT, embedding_size=16), "text", ENCODER),
    "gpt2": Family(
        hf.GPT2Model,
        lambda: hf.GPT2Config(
            vocab_size=60, n_embd=32, n_layer=3, n_head=4, n_positions=64, bos_token_id=3, eos_token_id=4
        ),
        "text",
        DECODER,
    ),
    "gpt_neox": Family(hf.GPTNeoXModel, lambda: hf.GPTNeoXConfig(**TEXT), "text", DECODER),
    "llama": Family(hf.LlamaModel, lambda: hf.LlamaConfig(**TEXT, num_key_value_heads=2), "text", DECODER),
    "t5": Family(hf.T5Model, lambda: hf.T5Config(**T5), "pair", BOTH),
    "mt5": Family(hf.MT5Model, lambda: hf.MT5Config(**T5), "pair", BOTH),
    "bart": Family(hf.BartModel, lambda: hf.BartConfig(**BART), "pair", BOTH),
    "mbart": Family(hf.MBartModel, lambda: hf.MBartConfig(**BART), "pair", BOTH),
    "marian": Family(hf.MarianModel, lambda: hf.MarianConfig(**BART), "pair", BOTH),
    "m2m_100": Family(hf.M2M100Model, lambda: hf.M2M100Config(**BART), "pair", BOTH),
    "vit": Family(hf.ViTModel, lambda: hf.ViTConfig(**IMAGE), "image", VISION),
    "deit": Family(hf.DeiTModel, lambda: hf.DeiTConfig(**IMAGE), "image", VISION),
    "dinov2": Family(hf.Dinov2Model, lambda: hf.Dinov2Config(**IMAGE), "image", VISION),
    "siglip": Family(
        hf.SiglipModel,
        lambda: _towers(hf.SiglipConfig, hf.SiglipTextConfig, hf.SiglipVisionConfig),
        "text and image",
        {"encoder": "text_model_output.attentions", "vision": "vision_model_output.attentions"},
    ),
    "clip": Family(
        hf.CLIPModel,
        lambda: _towers(hf.CLIPConfig, hf.CLIPTextConfig, hf.CLIPVisionConfig),
        "text and image",
        {"decoder": "text_model_output.attentions", "vision": "vision_model_output.attentions"},
    ),
    "swin": Family(
        hf.SwinModel,
        lambda: hf.SwinConfig(
            image_size=32, patch_size=4, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4
        ),
        "image",
        VISION,
    ),
    "detr": Family(
        hf.DetrModel,
        _detr,
        "image",
        {"vision": "encoder_attentions", "decoder": "decoder_attentions", "cross": "cross_attentions"},
    ),
}


def tiny(name: str, attention: str = "eager", seed: int = 0) -> hf.PreTrainedModel:
    """A model of the family in evaluation mode; the same seed gives the same weights whatever the attention."""
    family = FAMILIES[name]
    torch.manual_seed(seed)
    model = family.model(family.config()).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # far enough from zero that attention is far from even
            if parameter.dim() > 1:
                parameter.normal_(0, 0.2 if parameter.dim() == 2 else 0.08)
            else:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.set_attn_implementation(attention)
    return model


def inputs(name: str, padded: bool = False, seed: int = 0, length: int = 9) -> dict[str, torch.Tensor]:
    """Two inputs for the family; padded: the second is three tokens shorter, or for DETR two thirds of its canvas."""
    family, draw = FAMILIES[name], torch.Generator().manual_seed(seed)
    given: dict[str, torch.Tensor] = {}
    if "image" in family.reads:
        size = {"detr": 96, "swin": 32}.get(name, 16)
        given["pixel_values"] = torch.randn(2, 3, size, size, generator=draw)
        if name == "detr":
            given["pixel_mask"] = torch.ones(2, size, size, dtype=torch.long)
            if padded:
                given["pixel_mask"][1, size // 3 * 2 :] = 0
    for prefix in {"pair": ("", "decoder_"), "image": ()}.get(family.reads, ("",)):
        tokens = length - 2 if prefix else length
        ids = torch.randint(5, 60, (2, tokens), generator=draw)
        mask = torch.ones_like(ids)
        if padded:
            ids[1, -3:], mask[1, -3:] = 1, 0
        given |= {f"{prefix}input_ids": ids, f"{prefix}attention_mask": mask}
    return given
