"""Tiny checkpoints for tests, written as any user writes them: save_pretrained into a folder."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    MarianConfig,
    MarianMTModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    ViTConfig,
    ViTForImageClassification,
)

from core.store.cards import ASSETS

MULTILINGUAL = 119_547  # pieces of mBERT's vocabulary
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat"]


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def multilingual_wordpieces(folder: Path) -> None:
    """A cased tokenizer of mBERT's kind and size: pieces of the small model, every letter, fillers that no text has."""
    small = Path(ASSETS) / "mini-bert-wordpiece" / "tokenizer.json"
    learned = json.loads(small.read_text(encoding="utf-8"))["model"]["vocab"]
    signs = [chr(code) for code in [*range(33, 0x3400), *range(0x4E00, 0xA000), *range(0xAC00, 0xD7A4)]]
    letters = [one for one in signs if unicodedata.category(one)[0] in "LMN"]
    pieces = list(dict.fromkeys([*sorted(learned, key=learned.get), *letters, *(f"##{one}" for one in letters)]))
    pieces += [f"filler{i}" for i in range(MULTILINGUAL - len(pieces))]
    (folder / "vocab.txt").write_text("\n".join(pieces[:MULTILINGUAL]) + "\n", encoding="utf-8")
    said = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))


def tiny_bert(width: int = 16) -> BertForMaskedLM:
    torch.manual_seed(0)
    size = {"hidden_size": width, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return BertForMaskedLM(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **size))


def tiny_gpt2() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(vocab_size=len(WORDS), n_positions=32, n_embd=16, n_layer=2, n_head=2))


def tiny_marian() -> MarianMTModel:
    torch.manual_seed(0)
    sides = {
        f"{side}_{what}": number
        for side in ("encoder", "decoder")
        for what, number in {"layers": 2, "attention_heads": 2, "ffn_dim": 32}.items()
    }
    return MarianMTModel(
        MarianConfig(vocab_size=len(WORDS), d_model=16, max_position_embeddings=32, pad_token_id=0, **sides)
    )


def tiny_vit() -> ViTForImageClassification:
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return ViTForImageClassification(ViTConfig(image_size=16, patch_size=8, **size))


def saved(model: PreTrainedModel, folder: Path, **options) -> Path:
    """A model with its tokenizer, or with what prepares its pictures, in a folder."""
    model.save_pretrained(folder, **options)
    if model.main_input_name == "pixel_values":
        (folder / "preprocessor_config.json").write_text(
            '{"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 16}}'
        )
    else:
        tiny_tokenizer().save_pretrained(folder)
    return folder
