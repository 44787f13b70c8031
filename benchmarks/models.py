"""Random checkpoints of the shapes that are measured, in folders as save_pretrained leaves them, and their texts."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SYLLABLES = [a + b for a, b in itertools.product("bdfgklmnprstvz", "aeiou")]
WORDS = 8_000  # that texts are made of, six letters each
BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT_WORDS, GPT2_WORDS = 30_522, 50_257  # the sizes of the real vocabularies: the last layer's cost
GPT2_END = "<|endoftext|>"


def vocabulary(words: int = WORDS) -> list[str]:
    return ["".join(parts) for parts in itertools.islice(itertools.product(SYLLABLES, repeat=3), words)]


def text_of(words: int, seed: int) -> str:
    """So many made-up words, each of them one token; another seed gives another text."""
    return " ".join(random.Random(seed).choices(vocabulary(), k=words))


#: Fields of a BERT's configuration: of BERT-large, and of MiniLM with six layers.
LARGE = {"hidden_size": 1_024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4_096}
MINI = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1_536}


def minilm(folder: Path) -> Path:
    """MiniLM: 6 layers of 12 heads, width 384."""
    return bert(folder, MINI)


def bert(folder: Path, size: dict[str, int] | None = None) -> Path:
    """BERT-base: 12 layers of 12 heads, width 768, 512 positions; its tokenizer puts two tokens around a text.

    size: what its configuration says instead.
    """
    import torch
    from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

    pieces = {piece: i for i, piece in enumerate([*BERT_SPECIAL, "##s", *vocabulary(BERT_WORDS - 6)])}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(name, pieces[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ends)
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), BERT_SPECIAL, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    torch.manual_seed(0)
    BertForMaskedLM(BertConfig(vocab_size=len(pieces), **(size or {}))).save_pretrained(folder)
    return folder


def vit(folder: Path) -> Path:
    """ViT-B/16: 12 layers of 12 heads, width 768, 224 px, 1,000 classes."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    torch.manual_seed(0)
    ViTForImageClassification(ViTConfig(num_labels=1_000)).save_pretrained(folder)
    ViTImageProcessor().save_pretrained(folder)
    return folder


def gpt2(folder: Path) -> Path:
    """GPT-2 small with room for 2,048 tokens: 12 layers of 12 heads, width 768."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    pieces = {piece: i for i, piece in enumerate([GPT2_END, *("\u0120" + word for word in vocabulary(GPT2_WORDS - 1))])}
    tokenizer = Tokenizer(models.WordLevel(pieces, unk_token=GPT2_END))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=GPT2_END, bos_token=GPT2_END, eos_token=GPT2_END
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(pieces), n_positions=2_048, bos_token_id=0, eos_token_id=0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder
