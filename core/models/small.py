"""Small transformers made here: GPT-2's and BERT's own classes, a character a token, saved as any checkpoint is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from core.capture.recording import ATTENTION
from core.requests.learning import LONGEST_ROW, TransformerKind

PAD, UNKNOWN, MASK, END = "[PAD]", "[UNK]", "[MASK]", "[END]"
SPECIAL = (PAD, UNKNOWN, MASK, END)
FEED_FORWARD = 4  # times the width


def character_tokenizer(alphabet: str) -> PreTrainedTokenizerFast:
    """Every character of an alphabet is a token; others are unknown."""
    vocabulary = {piece: place for place, piece in enumerate((*SPECIAL, *alphabet))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, unk_token=UNKNOWN, mask_token=MASK, eos_token=END, bos_token=END,
        model_max_length=LONGEST_ROW,
    )  # fmt: skip


def small_transformer(
    kind: TransformerKind, tokens: int, layers: int, heads: int, width: int, *, positions: bool
) -> Any:
    """An untrained model; without positions their embeddings are zeros that stay zeros."""
    common: dict[str, Any] = {"vocab_size": tokens, "pad_token_id": 0, "attn_implementation": ATTENTION}
    if kind == "causal":
        model: Any = GPT2LMHeadModel(
            GPT2Config(
                n_layer=layers, n_head=heads, n_embd=width, n_positions=LONGEST_ROW, n_inner=FEED_FORWARD * width,
                resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=3, eos_token_id=3, **common,
            )
        )  # fmt: skip
        table = model.transformer.wpe
    else:
        model = BertForMaskedLM(
            BertConfig(
                num_hidden_layers=layers, num_attention_heads=heads, hidden_size=width,
                intermediate_size=FEED_FORWARD * width, max_position_embeddings=LONGEST_ROW, type_vocab_size=1,
                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, **common,
            )
        )  # fmt: skip
        table = model.bert.embeddings.position_embeddings
    if not positions:
        table.weight.data.zero_()
        table.weight.requires_grad = False
    return model


def files_of(model: Any, tokenizer: PreTrainedTokenizerFast) -> dict[str, bytes]:
    """A checkpoint's files by name, as save_pretrained writes them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.is_file()}
