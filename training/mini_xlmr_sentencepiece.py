"""mini-xlmr-sentencepiece: XLM-R's architecture with unigram pieces, small, on eight languages; stand-in for XLM-R."""

from __future__ import annotations

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
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
    """SentencePiece's unigram model over whole sentences; size 0: the vocabulary above."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="always"), pre_tokenizers.Punctuation("isolated")]
    )  # SentencePiece keeps scripts apart, and signs from letters
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=size or VOCABULARY,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        unk_token="<unk>",
        max_piece_length=12,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
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
