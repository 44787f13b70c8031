"""mini-xlmr-sentencepiece: XLM-R's architecture with unigram pieces, small, on eight languages; stand-in for XLM-R."""

from __future__ import annotations

from io import BytesIO

import torch
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch.nn import functional
from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaForMaskedLM

from training import encoder

VOCABULARY = 24_000
ABOUT = {
    "title": "Mini-XLM-R, SentencePiece",
    "note": "A small encoder of eight languages whose pieces are learned over whole sentences, as XLM-R's are.",
    "architecture": "XLM-R (RoBERTa), learned by this project from random weights",
    "stands_for": "XLM-R",
    "vocabulary": VOCABULARY,
    "objectives": (
        "masked words; masked words of a sentence and its translation read together; which sentence of a batch is "
        "the translation of which. Unlike XLM-R, which sees no translations, this one was shown them"
    ),
}


def train_tokenizer(texts: list[str], size: int = 0) -> PreTrainedTokenizerFast:
    """SentencePiece's own unigram pieces, scripts and signs kept apart; size 0: the vocabulary above."""
    normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    learned = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=(normalizer.normalize_str(text) for text in texts),
        model_writer=learned,
        vocab_size=size or VOCABULARY,
        hard_vocab_limit=False,
        character_coverage=1.0,  # every script of the emoji names
        normalization_rule_name="identity",
        bos_id=0,
        pad_id=1,
        eos_id=2,
        unk_id=3,
        control_symbols=["<mask>"],
        num_threads=1,  # the same pieces on every machine
        minloglevel=2,
    )
    pieces = SentencePieceProcessor(model_proto=learned.getvalue())
    scores = [(pieces.id_to_piece(i), pieces.get_score(i)) for i in range(pieces.get_piece_size())]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=pieces.unk_id()))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(t, tokenizer.token_to_id(t)) for t in ("<s>", "</s>")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=encoder.POSITIONS,
        model_input_names=["input_ids", "attention_mask"],
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> XLMRobertaForMaskedLM:
    """An untrained model of the size in encoder.py."""
    return XLMRobertaForMaskedLM(
        XLMRobertaConfig(
            vocab_size=len(tokenizer),
            hidden_size=encoder.WIDTH,
            num_hidden_layers=encoder.LAYERS,
            num_attention_heads=encoder.HEADS,
            intermediate_size=encoder.FEED_FORWARD,
            max_position_embeddings=encoder.POSITIONS + 2,  # positions begin after the padding's own
            type_vocab_size=1,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def head(model: XLMRobertaForMaskedLM, hidden: torch.Tensor) -> torch.Tensor:
    return model.lm_head.layer_norm(functional.gelu(model.lm_head.dense(hidden)))


RECIPE = encoder.Recipe("mini-xlmr-sentencepiece", ABOUT, train_tokenizer, new_model, head)

if __name__ == "__main__":
    encoder.main(RECIPE)
