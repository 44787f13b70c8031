"""The tokenizer of the translators and of emoji-clip: BPE that falls back on bytes, so that it can read any text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers


def train_bpe(texts: Iterable[str], size: int, special: Sequence[str]) -> Tokenizer:
    """BPE of `size` pieces; words begin with ▁, punctuation and digits stand alone, and so do runs of Chinese signs."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Split(Regex(r"▁?[\p{Han}\p{Hiragana}\p{Katakana}ー]+"), "isolated"),
            pre_tokenizers.Split(Regex(r"▁?\d"), "isolated"),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always"), decoders.Fuse()]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[*special, *(f"<0x{byte:02X}>" for byte in range(256))],
        limit_alphabet=2_600,
        max_token_length=14,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    # The byte pieces are ordinary vocabulary, not special: else decoding would drop them.
    return without_special_bytes(tokenizer)


def without_special_bytes(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, its byte pieces no longer matched in the text as added tokens."""
    described = json.loads(tokenizer.to_str())
    described["added_tokens"] = [t for t in described["added_tokens"] if not t["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(described))
