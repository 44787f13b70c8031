"""mini-gpt: GPT-2's architecture, small, on the English sentences; the stand-in for GPT-2."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import Pieces, batches_by_length, pad, pieces_of
from core.learning.loss import cross_entropy
from training import loop
from training.card import MODELS, TATOEBA, place_for, publish
from training.data import DEFAULT_DATA, LANGUAGES, read_pairs, split

NAME = "mini-gpt"
VOCABULARY = 8_000
WIDTH, LAYERS, HEADS = 192, 6, 6
POSITIONS = 256
BATCH_CELLS = 4_000  # tokens after padding
MATRIX_RATE, OTHER_RATE = 4e-3, 6e-3  # peaks of Muon and AdamW
DROPOUT = 0.05  # every sentence is seen several times
MOST_SENTENCES = 3  # a row is one to three sentences, so that later positions are learned, too
END = "<|endoftext|>"
PROMPTS = (
    "The cat",
    "I have never",
    "She told me that",
    "When I was young,",
    "We should have",
    "My brother and I",
    "It is very",
    "Do you know where",
    "He wants to",
    "The children were",
    "If it rains tomorrow,",
    "There is no",
    "They decided to",
    "Tom asked Mary",
    "This book is",
    "I would like to",
    "Nobody knows",
    "The old man",
    "Can you help me",
    "After dinner,",
)


def train_tokenizer(texts: list[str], size: int = 0) -> PreTrainedTokenizerFast:
    """Byte-level BPE as GPT-2 has it: any text can be read; size 0: the vocabulary above."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    trainer = trainers.BpeTrainer(
        vocab_size=size or VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # Each sentence as the first of a text, and as one that follows another: "The" and " The" are two pieces.
    tokenizer.train_from_iterator((form for text in texts for form in (text, " " + text)), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=END, eos_token=END, unk_token=END, model_max_length=POSITIONS
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> GPT2LMHeadModel:
    """An untrained model of the size above."""
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=WIDTH,
        n_layer=LAYERS,
        n_head=HEADS,
        n_positions=POSITIONS,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        resid_pdrop=DROPOUT,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return GPT2LMHeadModel(config)


def rows_without_end(first: Pieces, later: Pieces, end: int, seed: int, cells: int) -> Iterator[torch.Tensor]:
    """Padded batches without end: each row one to three sentences and the end mark; new company in every epoch.

    first, later: the same sentences as they open a text and as they follow another.
    """
    chooser = random.Random(seed)
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = list(range(len(first)))
        chooser.shuffle(order)
        groups, place = [], 0
        while place < len(order):
            size = chooser.randint(1, MOST_SENTENCES)
            groups.append(order[place : place + size])
            place += size
        lengths = torch.tensor(
            [int(first.lengths[g[0]]) + sum(int(later.lengths[i]) for i in g[1:]) + 1 for g in groups]
        )
        kept = (lengths <= POSITIONS).nonzero()[:, 0]
        for rows in batches_by_length(lengths[kept], cells, generator):
            texts = []
            for number in kept[rows].tolist():
                group = groups[number]
                texts.append(torch.cat([first[group[0]], *(later[i] for i in group[1:]), torch.tensor([end])]))
            yield pad(texts, -1)


def loss_function(model: GPT2LMHeadModel):
    """Cross-entropy of every next piece; -1 is padding."""
    where = next(model.parameters()).device

    def loss_of(batch: torch.Tensor) -> tuple[torch.Tensor, int]:
        batch = batch.to(where)
        ids = batch.clamp(min=0)  # nothing before the padding can see it
        hidden = model.transformer(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        wanted = batch[:, 1:] >= 0
        loss = cross_entropy(hidden[wanted], model.lm_head.weight, ids[:, 1:][wanted])
        return loss, int(wanted.sum())

    return loss_of


def perplexity(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> tuple[float, float]:
    """(perplexity a piece, perplexity a word) of single sentences, their end counted, their first piece given.

    Words are counted as white space divides them, so that the second number can be compared between vocabularies.
    """
    where = next(model.parameters()).device
    total, pieces, words = 0.0, 0, 0
    ids = [torch.tensor([*row, tokenizer.eos_token_id]) for row in tokenizer(texts)["input_ids"] if row]
    for start in range(0, len(ids), 100):
        batch = pad(ids[start : start + 100], -1).to(where)
        with torch.inference_mode():
            logits = model(input_ids=batch.clamp(min=0)[:, :-1]).logits.float()
        wanted = batch[:, 1:]
        losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=-1, reduction="sum")
        total, pieces = total + float(losses), pieces + int((wanted >= 0).sum())
    words = sum(len(text.split()) for text in texts)
    return math.exp(total / pieces), math.exp(total / words)


def continuations(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """The greedy continuation of every prompt, to its end mark."""
    where = next(model.parameters()).device
    written = []
    for prompt in PROMPTS:
        ids = torch.tensor([tokenizer(prompt)["input_ids"]], device=where)
        with torch.inference_mode():
            out = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=24,
                do_sample=False,
                pad_token_id=tokenizer.eos_token_id,
            )
        written.append(tokenizer.decode(out[0], skip_special_tokens=True))
    return written


def about(scores: dict, written: list[str], held_out: int, training: int) -> dict:
    """What the card says of this model beside the numbers of its run."""
    return {
        "name": NAME,
        "title": "Mini-GPT",
        "note": "A small decoder that knows simple English sentences: every token sees only those before it.",
        "family": "decoder",
        "architecture": "GPT-2, learned by this project from random weights",
        "stands_for": "GPT-2",
        "layers": LAYERS,
        "heads": HEADS,
        "width": WIDTH,
        "vocabulary": VOCABULARY,
        "licence": "CC BY 2.0 FR (weights trained on Tatoeba)",
        "data": [TATOEBA],
        "training_sentences": training,
        "scores": scores,
        "continuations": written,
        "held_out": (
            f"{held_out:,} English sentences that no training sentence equals (case and punctuation ignored); "
            "perplexity of what follows the first piece, the end counted; a word is what white space divides"
        ),
    }


def prepared(run: loop.Run, sentences: list[str]) -> tuple[PreTrainedTokenizerFast, GPT2LMHeadModel]:
    """The run's tokenizer (made once) and its model."""
    tokenizer = loop.made_once(run.folder / "tokenizer", lambda: train_tokenizer(sentences))
    model = new_model(tokenizer).to(loop.device())
    model.set_attn_implementation(loop.attention())
    return tokenizer, model


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(__doc__, NAME, MODELS, DEFAULT_DATA, minutes=25, given=arguments)
    torch.manual_seed(chosen.seed)
    pairs = {code: read_pairs(chosen.data, code) for code in LANGUAGES}
    training, held_out = split(pairs, chosen.held_out)
    sentences = sorted({p.english for p in training})
    kept_back = [p.english for p in held_out["fr"]]
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed)
    tokenizer, model = prepared(run, sentences)
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        first, later = pieces_of(tokenizer, sentences), pieces_of(tokenizer, [" " + s for s in sentences])
        batches = rows_without_end(first, later, tokenizer.eos_token_id, chosen.seed + run.steps, BATCH_CELLS)
        loop.train(run, model, optimisers, batches, loss_function(model))
    model.eval()
    piece, word = perplexity(model, tokenizer, kept_back)
    scores = {"perplexity a piece": round(piece, 1), "perplexity a word": round(word, 1)}
    written = continuations(model, tokenizer)
    print(scores, *written, sep="\n", flush=True)
    out = place_for(run, chosen.out)
    publish(model, tokenizer, out, run, about(scores, written, len(kept_back), len(sentences)))
    print(loop.where_written(out, chosen.out))


if __name__ == "__main__":
    main()
