"""What the four recurrent translators share: English to French, alike in all but the score function."""

from __future__ import annotations

import random

import torch
from transformers import PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import pieces_of
from core.learning.recurrent import loss_function, stream
from core.requests import Edit
from core.store.recurrent import Recurrent, RecurrentConfig
from training import loop
from training.card import MODELS, TATOEBA, add_scores, alignment_scores, corpus_bleu, place_for, publish
from training.data import DEFAULT_DATA, LANGUAGES, Pair, read_pairs, split
from training.translator import train_tokenizer

LANGUAGE = "fr"
VOCABULARY = 6_000
EMBEDDING, WIDTH = 160, 320
STEPS = 3_000  # of each, so that the four are compared after the same training
MATRIX_RATE, OTHER_RATE = 2e-3, 4e-3  # peaks of Muon and AdamW
SMOOTHING = 0.1
NOTES = {
    "additive": "Bahdanau's score v·tanh(Wq + Uk): a small network compares the two states.",
    "dot": "The plain product q·k: no weights of its own.",
    "general": "Luong's general score q·Wk: one matrix between the two states.",
    "scaled-dot": "q·k divided by the root of the width, as in the transformer.",
}


def new_model(tokenizer: PreTrainedTokenizerFast, score: str) -> Recurrent:
    """An untrained model of the size above."""
    return Recurrent(
        RecurrentConfig(
            vocab_size=len(tokenizer),
            embedding=EMBEDDING,
            width=WIDTH,
            score=score,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
        )
    )


def bleu(model: Recurrent, tokenizer: PreTrainedTokenizerFast, pairs: list[Pair], edit: Edit | None = None) -> float:
    """Corpus BLEU of greedy translations, under an edit where one is given."""

    def translated(texts: list[str]) -> list[str]:
        ids = tokenizer(texts, padding=True, return_tensors="pt")["input_ids"].to(model.device)
        return tokenizer.batch_decode(model.translate(ids, 60, edit), skip_special_tokens=True)

    return corpus_bleu(translated, [p.english for p in pairs], pairs)


def about(score: str, scores: dict, held_out: int, training: int) -> dict:
    """What the card says of this model beside the numbers of its run; rnn_speed.py adds how fast it learns."""
    return {
        "name": f"rnn-{score}",
        "title": f"Recurrent translator, {score} attention",
        "note": f"English to French with GRUs. {NOTES[score]}",
        "family": "recurrent",
        "architecture": "GRU encoder (both directions) and decoder with attention, from random weights",
        "stands_for": "",
        "score_function": score,
        "layers": 1,
        "heads": 1,
        "width": WIDTH,
        "vocabulary": VOCABULARY,
        "languages": [LANGUAGE],
        "licence": "CC BY 2.0 FR (weights trained on Tatoeba)",
        "data": [TATOEBA],
        "training_pairs": training,
        "scores": scores,
        "held_out": (
            f"{held_out:,} English sentences that no training pair contains (case and punctuation ignored); "
            "sacreBLEU, one reference, greedy; alignment error rate (AER) on 40 pairs aligned by hand"
        ),
    }


def prepared(run: loop.Run, score: str, training: list[Pair]) -> tuple[PreTrainedTokenizerFast, Recurrent]:
    """The tokenizer, made once for all four, and the model."""
    where = run.folder.parent / "rnn-tokenizer"
    tokenizer = loop.made_once(where, lambda: train_tokenizer(training, VOCABULARY, ()))
    return tokenizer, new_model(tokenizer, score).to(loop.device())


def main(score: str, arguments: list[str] | None = None) -> None:
    name = f"rnn-{score}"
    chosen = loop.arguments(f"{name}: {NOTES[score]}", name, MODELS, DEFAULT_DATA, minutes=60, given=arguments)
    torch.manual_seed(chosen.seed)
    # All languages are read for the one split that every model shares: no held-out sentence of any is trained on.
    training, held_out = split({code: read_pairs(chosen.data, code) for code in LANGUAGES}, chosen.held_out)
    training = [p for p in training if p.language == LANGUAGE]
    random.Random(chosen.seed).shuffle(training)
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed, most_steps=STEPS)
    tokenizer, model = prepared(run, score, training)
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    sources, targets = (pieces_of(tokenizer, [getattr(p, side) for p in training]) for side in ("english", "other"))
    if run.share < 1:
        batches = stream(sources, targets, chosen.seed + run.steps, tokenizer.eos_token_id)
        loop.train(run, model, optimisers, batches, loss_function(model), "target tokens")
    model.eval()
    scores = {"BLEU en-fr": round(bleu(model, tokenizer, held_out[LANGUAGE]), 1)}
    print(scores, flush=True)
    out = place_for(run, chosen.out)
    path = publish(model, tokenizer, out, run, about(score, scores, chosen.held_out, len(training)))
    add_scores(path, alignment_scores(out, (LANGUAGE,), layers=1))
    print(loop.where_written(out, chosen.out))
