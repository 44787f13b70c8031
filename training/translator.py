"""The translator: English to seven languages, Marian's architecture, trained on Tatoeba pairs."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import torch
from tokenizers import processors
from transformers import MarianConfig, MarianMTModel, PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import batches_by_length, pad
from core.learning.loss import cross_entropy
from training import loop
from training.bpe import train_bpe
from training.card import MODELS, TATOEBA, add_scores, alignment_scores, corpus_bleu, place_for, publish
from training.data import DEFAULT_DATA, LANGUAGES, Pair, read_pairs, split

NAME = "translator"
VOCABULARY = 10_000
WIDTH, LAYERS, HEADS, FEED_FORWARD = 192, 4, 6, 768
BATCH_CELLS = 5_000  # cells of the wider side after padding
MATRIX_RATE, OTHER_RATE = 4e-3, 6e-3  # peaks of Muon and AdamW
SMOOTHING = 0.1
LONGEST = 48  # tokens; longer pairs (0.3 %) are left out
REPEAT = {"vi": 3, "zh": 2}  # small languages are seen more often


def tag(language: str) -> str:
    """The source begins with the language that is wanted, as in OPUS-MT's multilingual models."""
    return f">>{language}<<"


def train_tokenizer(
    pairs: list[Pair], size: int = VOCABULARY, languages: Iterable[str] = tuple(LANGUAGES)
) -> PreTrainedTokenizerFast:
    """BPE over both sides, bytes for what it has never seen; words begin with ▁, punctuation stands alone.

    languages: those that have a tag of their own.
    """
    tags = [tag(code) for code in languages]
    special = ["<pad>", "</s>", "<unk>", *tags]
    seen = sorted({p.english for p in pairs})
    texts = seen + [p.other for p in pairs for _ in range(REPEAT.get(p.language, 1))]
    tokenizer = train_bpe(texts, size, special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=tags,
        model_max_length=256,
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> MarianMTModel:
    """An untrained model of the size above, its embeddings shared and tied to the output."""
    config = MarianConfig(
        vocab_size=len(tokenizer),
        d_model=WIDTH,
        encoder_layers=LAYERS,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=FEED_FORWARD,
        decoder_ffn_dim=FEED_FORWARD,
        max_position_embeddings=256,
        activation_function="swish",
        scale_embedding=True,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
        forced_eos_token_id=None,
        bos_token_id=None,
        tie_word_embeddings=True,
    )
    return MarianMTModel(config)


def encode(tokenizer: PreTrainedTokenizerFast, pairs: list[Pair]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Token ids of both sides, each ending in </s>; the source begins with its tag."""
    sources = tokenizer([f"{tag(p.language)}{p.english}" for p in pairs])["input_ids"]
    targets = tokenizer([p.other for p in pairs])["input_ids"]
    return [torch.tensor(s) for s in sources], [torch.tensor(t) for t in targets]


def stream(
    sources: list, targets: list, seed: int, pad_id: int, cells: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """(source, target) batches without end, both padded; a new order each epoch."""
    lengths = torch.tensor([(len(s), len(t)) for s, t in zip(sources, targets, strict=True)])
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in batches_by_length(lengths, cells, generator):
            chosen = rows.tolist()
            yield pad([sources[i] for i in chosen], pad_id), pad([targets[i] for i in chosen], pad_id)


def loss_function(model: MarianMTModel):
    """Cross-entropy with label smoothing over the target tokens that are not padding."""
    pad_id = model.config.pad_token_id
    where = next(model.parameters()).device

    def loss_of(batch: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, int]:
        source, target = (side.to(where) for side in batch)
        shifted = torch.cat([torch.full_like(target[:, :1], pad_id), target[:, :-1]], dim=1)
        hidden = model.model(
            input_ids=source, attention_mask=(source != pad_id).long(), decoder_input_ids=shifted, use_cache=False
        ).last_hidden_state
        wanted = target != pad_id
        loss = cross_entropy(hidden[wanted], model.lm_head.weight, target[wanted], SMOOTHING)
        return loss, int(wanted.sum())

    return loss_of


def bleu(model: MarianMTModel, tokenizer: PreTrainedTokenizerFast, pairs: list[Pair]) -> float:
    """Corpus BLEU of greedy translations."""

    def translated(texts: list[str]) -> list[str]:
        batch = tokenizer(texts, padding=True, return_tensors="pt").to(model.device)
        with torch.inference_mode():
            out = model.generate(
                input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], max_new_tokens=80, num_beams=1
            )
        return tokenizer.batch_decode(out, skip_special_tokens=True)

    return corpus_bleu(translated, [f"{tag(p.language)}{p.english}" for p in pairs], pairs)


def evaluate(model: MarianMTModel, tokenizer: PreTrainedTokenizerFast, held_out: dict[str, list[Pair]]) -> dict:
    """Held-out BLEU a language, greedy."""
    model.eval()
    scores = {}
    for code, pairs in held_out.items():
        scores[f"BLEU en-{code}"] = round(bleu(model, tokenizer, pairs), 1)
        print(f"BLEU en-{code}: {scores[f'BLEU en-{code}']}", flush=True)
    return scores


def about(scores: dict, sentences: int, training: int) -> dict:
    """What the card says of this model beside the numbers of its run."""
    return {
        "name": NAME,
        "title": "Gaze translator",
        "note": "English to seven languages; small enough to train on a laptop, so its heads are easy to talk about.",
        "family": "encoder-decoder",
        "architecture": "Marian (sequence to sequence), learned by this project from random weights",
        "stands_for": "",
        "layers": LAYERS,
        "heads": HEADS,
        "width": WIDTH,
        "vocabulary": VOCABULARY,
        "languages": list(LANGUAGES),
        "licence": "CC BY 2.0 FR (weights trained on Tatoeba)",
        "data": [TATOEBA],
        "training_pairs": training,
        "scores": scores,
        "held_out": (
            f"{sentences:,} English sentences a language that no training pair of any language contains (case and "
            "punctuation ignored); sacreBLEU, one reference, greedy; Japanese by characters, Chinese by its zh; "
            "alignment error rates (AER) on 40 pairs a language aligned by hand, the best layer, heads averaged"
        ),
    }


def prepared(run: loop.Run, training: list[Pair]) -> tuple[PreTrainedTokenizerFast, MarianMTModel]:
    """The run's tokenizer (made once) and its model."""
    tokenizer = loop.made_once(run.folder / "tokenizer", lambda: train_tokenizer(training))
    model = new_model(tokenizer).to(loop.device())
    model.set_attn_implementation(loop.attention())
    return tokenizer, model


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(__doc__, NAME, MODELS, DEFAULT_DATA, minutes=90, given=arguments)
    torch.manual_seed(chosen.seed)
    pairs = {code: read_pairs(chosen.data, code) for code in LANGUAGES}
    training, held_out = split(pairs, chosen.held_out)
    random.Random(chosen.seed).shuffle(training)
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed)
    tokenizer, model = prepared(run, training)
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        sources, targets = encode(tokenizer, [p for p in training for _ in range(REPEAT.get(p.language, 1))])
        kept = [i for i in range(len(sources)) if max(len(sources[i]), len(targets[i])) <= LONGEST]
        sources, targets = [sources[i] for i in kept], [targets[i] for i in kept]
        batches = stream(sources, targets, chosen.seed + run.steps, model.config.pad_token_id, BATCH_CELLS)
        loop.train(run, model, optimisers, batches, loss_function(model), "target tokens")
    scores = evaluate(model, tokenizer, held_out)
    out = place_for(run, chosen.out)
    path = publish(model, tokenizer, out, run, about(scores, chosen.held_out, len(training)))
    add_scores(path, alignment_scores(out, ("fr", "de", "es"), LAYERS))
    print(loop.where_written(out, chosen.out))


if __name__ == "__main__":
    main()
