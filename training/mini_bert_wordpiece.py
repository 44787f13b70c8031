"""mini-bert-wordpiece: BERT's architecture with cased WordPiece, small, on eight languages; the stand-in for mBERT."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForPreTraining, PreTrainedTokenizerFast

from training import encoder

VOCABULARY = 24_000
ALPHABET = 4_000  # Chinese characters stand alone in WordPiece, so most of them are pieces
ABOUT = {
    "title": "Mini-BERT, WordPiece",
    "note": "A small encoder of eight languages that cuts words into WordPieces, as mBERT does.",
    "architecture": "BERT, learned by this project from random weights",
    "stands_for": "mBERT",
    "vocabulary": VOCABULARY,
    "objectives": (
        "masked words; masked words of a sentence and its translation read together; is the second sentence the "
        "translation of the first (in the place of BERT's next sentence); which sentence of a batch is the "
        "translation of which. Unlike mBERT, which sees no translations, this one was shown them"
    ),
}


def train_tokenizer(texts: list[str], size: int = 0) -> PreTrainedTokenizerFast:
    """Cased WordPiece, Chinese characters apart, as in mBERT; size 0: the vocabulary above."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size or VOCABULARY,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        limit_alphabet=ALPHABET,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    first, last = (tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", last), ("[CLS]", first))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=encoder.POSITIONS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> BertForPreTraining:
    """An untrained model of the size in encoder.py, with the heads for masked words and for the next sentence."""
    return BertForPreTraining(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=encoder.WIDTH,
            num_hidden_layers=encoder.LAYERS,
            num_attention_heads=encoder.HEADS,
            intermediate_size=encoder.FEED_FORWARD,
            max_position_embeddings=encoder.POSITIONS,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def head(model: BertForPreTraining, hidden: torch.Tensor) -> torch.Tensor:
    return model.cls.predictions.transform(hidden)


RECIPE = encoder.Recipe("mini-bert-wordpiece", ABOUT, train_tokenizer, new_model, head, next_sentence=True)

if __name__ == "__main__":
    encoder.main(RECIPE)
