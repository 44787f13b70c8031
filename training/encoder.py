"""What the two multilingual encoders share: their objectives, their batches and their scores.

Three things are learned at once: masked words of single sentences (MLM, Devlin et al. 2019), masked words of a
sentence and its translation read together (TLM, Conneau & Lample 2019), and which sentence of a batch is the
translation of which (ranking, as in LaBSE, Feng et al. 2022), by the mean of a middle layer and, word by word, by
each piece's best match on the other side.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from core.alignment import argmax, corpus_error_rate, diagonal, to_words
from core.models.hidden import hidden_states, means, similarities
from training import loop
from training.card import EMOJI_NAMES, LICENCE_BOTH, MODELS, TATOEBA, place_for, publish
from training.data import (
    DEFAULT_DATA,
    LANGUAGES,
    Pair,
    Pieces,
    batches_by_length,
    pad,
    pieces_of,
    read_emoji,
    read_pairs,
    split,
    split_key,
)
from training.loss import cross_entropy

LAYERS, WIDTH, HEADS, FEED_FORWARD = 4, 192, 6, 768
POSITIONS = 256
BATCH_CELLS = 6_000  # tokens of both sides after padding
MATRIX_RATE, OTHER_RATE = 4e-3, 6e-3  # peaks of Muon and AdamW
MASKED = 0.15
MASKED_ROWS = 0.5  # share of single sentences that are masked: the others are ranked whole
RANKED_LAYER = 2  # hidden state whose mean is ranked; those above are left to the masked words
# Ranked piece by piece: low ones, where a piece is still itself. Higher up every piece knows the sentence, and any of
# them finds the translation without meeting its own.
MATCHED_LAYERS = (0, 1)
AGREEING_LAYER = 1  # where a piece's best match should find it back
SHARPNESS = 20.0  # cosines are multiplied by it before the softmax
JOINED, JOINED_SHARE = 3, 0.3  # so many sentences are read as one, in this share of steps: later places are met, too
SINGLES = 0.7  # share of steps with single sentences and ranking; the others read pairs
WRONG_PAIRS = 0.25  # share of second sentences that are no translation, for the next-sentence head
LONGEST = 40  # pieces of a sentence; longer ones (0.5 %) are left out
REPEAT = {"ja": 2, "zh": 3, "vi": 3}  # small languages are seen more often


@dataclass(frozen=True)
class Recipe:
    """What differs between the encoders."""

    name: str
    about: dict
    train_tokenizer: Callable[[list[str]], PreTrainedTokenizerFast]
    new_model: Callable[[PreTrainedTokenizerFast], torch.nn.Module]
    head: Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]  # hidden state -> what meets the output embedding
    next_sentence: bool = False


@dataclass
class Corpus:
    """Tokenised pairs: the pieces of both sides without special tokens, and a number for each distinct text."""

    left: Pieces
    right: Pieces
    left_key: torch.Tensor
    right_key: torch.Tensor


def texts_for_tokenizer(training: list[Pair], repeat: dict[str, int] = REPEAT) -> list[str]:
    """Every English sentence once, every translation as often as it is trained on."""
    return sorted({p.english for p in training}) + [p.other for p in training for _ in range(repeat.get(p.language, 1))]


def tokenised(tokenizer: PreTrainedTokenizerFast, training: list[Pair]) -> Corpus:
    pairs = [p for p in training for _ in range(REPEAT.get(p.language, 1))]
    left = pieces_of(tokenizer, [p.english for p in pairs])
    right = pieces_of(tokenizer, [p.other for p in pairs])
    numbers: dict[str, int] = {}

    def keys(texts: list[str]) -> torch.Tensor:
        return torch.tensor([numbers.setdefault(split_key(text), len(numbers)) for text in texts])

    return Corpus(left, right, keys([p.english for p in pairs]), keys([p.other for p in pairs]))


def row_batches(corpus: Corpus, seed: int, cells: int) -> Iterator[list[int]]:
    """Rows of like length without end; both sides together fill the cells."""
    lengths = torch.stack([corpus.left.lengths, corpus.right.lengths], dim=1)
    kept = ((lengths > 0) & (lengths <= LONGEST)).all(dim=1).nonzero()[:, 0]
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in batches_by_length(lengths[kept] + 2, cells // 2, generator):
            if len(rows) > 1:
                yield kept[rows].tolist()


def bounded(ids: torch.Tensor, first: int, last: int) -> torch.Tensor:
    return torch.cat([torch.tensor([first]), ids, torch.tensor([last])])


class Objective:
    """The three losses of one model; called with rows of the corpus, as loop.train wants it."""

    def __init__(self, model, tokenizer: PreTrainedTokenizerFast, corpus: Corpus, recipe: Recipe, seed: int) -> None:
        self.model, self.tokenizer, self.corpus, self.recipe = model, tokenizer, corpus, recipe
        self.random = random.Random(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.device = next(model.parameters()).device
        self.first, self.last = tokenizer.cls_token_id, tokenizer.sep_token_id
        self.specials = len(set(tokenizer.all_special_ids))  # they come first in the vocabulary
        # An unknown piece is special to the tokenizer, yet it stands for a word of the text.
        self.special = torch.tensor(sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}))

    def __call__(self, rows: list[int]) -> tuple[torch.Tensor, int]:
        return self.singles(rows) if self.random.random() < SINGLES else self.pairs(rows)

    def singles(self, rows: list[int]) -> tuple[torch.Tensor, int]:
        """MLM on both sides, each read alone, and ranking between them."""
        size = JOINED if self.random.random() < JOINED_SHARE and len(rows) >= 2 * JOINED else 1
        groups = [rows[i : i + size] for i in range(0, len(rows) - size + 1, size)]
        sides = [self.corpus.left, self.corpus.right]
        texts = [bounded(torch.cat([side[i] for i in g]), self.first, self.last) for side in sides for g in groups]
        ids = pad(texts, self.tokenizer.pad_token_id)
        chosen = torch.rand(len(texts), generator=self.generator) < MASKED_ROWS
        masked, wanted = self.mask(ids, chosen)
        states, mask = self.states(masked)
        loss = self.mlm(states[-1], ids, wanted)
        inside = ~torch.isin(ids, self.special).to(self.device)
        n, chosen = len(groups), torch.tensor(groups)
        keys = self.corpus.left_key[chosen], self.corpus.right_key[chosen]  # [n, size]
        same = sum((k[:, None, :, None] == k[None, :, None]).any(3).any(2) for k in keys).bool().to(self.device)
        mean = functional.normalize((states[RANKED_LAYER] * inside[..., None]).sum(1), dim=-1)
        loss = loss + ranking(mean[:n] @ mean[n:].T, same)
        for layer in MATCHED_LAYERS:
            pieces = functional.normalize(states[layer], dim=-1)
            sides = pieces[:n], pieces[n:], inside[:n], inside[n:]
            loss = loss + ranking(best_matches(*sides), same) / len(MATCHED_LAYERS)
            if layer == AGREEING_LAYER:
                loss = loss + disagreement(*sides)
        return loss, int(mask.sum())

    def pairs(self, rows: list[int]) -> tuple[torch.Tensor, int]:
        """TLM on a sentence and its translation read together, in either order; is the second one a translation?"""
        corpus, pad_id = self.corpus, self.tokenizer.pad_token_id
        others = list(rows)
        if self.recipe.next_sentence:
            for place in range(len(rows)):
                if self.random.random() < WRONG_PAIRS:
                    others[place] = self.random.choice(rows)
        turned = self.random.random() < 0.5
        texts, kinds = [], []
        for i, j in zip(rows, others, strict=True):
            a, b = (corpus.right[j], corpus.left[i]) if turned else (corpus.left[i], corpus.right[j])
            joined = self.joined(a, b)
            texts.append(joined)
            kinds.append(torch.cat([torch.zeros(len(a) + 2), torch.ones(len(joined) - len(a) - 2)]).long())
        ids = pad(texts, pad_id)
        masked, wanted = self.mask(ids, torch.ones(len(texts), dtype=torch.bool))
        kinds = pad(kinds, 0).to(self.device) if self.recipe.next_sentence else None
        states, mask = self.states(masked, kinds)
        loss = self.mlm(states[-1], ids, wanted)
        if self.recipe.next_sentence:
            wrong = (corpus.left_key[rows] != corpus.left_key[others]).long().to(self.device)
            pooled = self.model.bert.pooler(states[-1])
            loss = loss + functional.cross_entropy(self.model.cls.seq_relationship(pooled).float(), wrong)
        return loss, int(mask.sum())

    def joined(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Two texts as the tokenizer joins a pair: BERT's [CLS] a [SEP] b [SEP], XLM-R's <s> a </s> </s> b </s>."""
        between = [self.last] if self.recipe.next_sentence else [self.last, self.last]
        end = torch.tensor([self.last])
        return torch.cat([torch.tensor([self.first]), a, torch.tensor(between), b, end])

    def mask(self, ids: torch.Tensor, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(ids with some replaced, which were chosen): of those 80 % by the mask, 10 % by any piece, 10 % kept."""
        draw = torch.rand(ids.shape, generator=self.generator)
        chosen = (draw < MASKED) & (ids >= self.specials) & rows[:, None]
        how = torch.rand(ids.shape, generator=self.generator)
        any_piece = torch.randint(self.specials, len(self.tokenizer), ids.shape, generator=self.generator)
        masked = torch.where(chosen & (how < 0.8), self.tokenizer.mask_token_id, ids)
        return torch.where(chosen & (how >= 0.9), any_piece, masked), chosen

    def states(self, ids: torch.Tensor, kinds: torch.Tensor | None = None) -> tuple[list[torch.Tensor], torch.Tensor]:
        ids = ids.to(self.device)
        mask = ids != self.tokenizer.pad_token_id
        more = {} if kinds is None else {"token_type_ids": kinds}
        out = self.model.base_model(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True, **more)
        return out.hidden_states, mask

    def mlm(self, last: torch.Tensor, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of the chosen pieces through the model's own head."""
        wanted = wanted.to(self.device)
        hidden = self.recipe.head(self.model, last[wanted])
        return cross_entropy(hidden, self.model.get_input_embeddings().weight, ids.to(self.device)[wanted])


def ranking(cosines: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, both ways, of finding one's own translation in the batch.

    cosines [n, n]: row a sentence, column a translation; same [n, n]: pairs that share a text are no wrong answers.
    """
    n = len(cosines)
    scores = (SHARPNESS * cosines.float()).masked_fill(same & ~torch.eye(n, dtype=torch.bool, device=same.device), -1e4)
    right = torch.arange(n, device=cosines.device)
    return (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2


class _BestOfAll(torch.autograd.Function):
    """Each piece's best cosine in every sentence of the other side, both ways.

    The gradient reaches the best piece alone, so it is one sparse matrix: torch's own backward of a maximum over all
    pieces takes ten times as long on a CPU.
    """

    @staticmethod
    def forward(ctx, a, b, in_a, in_b):
        n, i, width = a.shape
        low = [side.reshape(-1, width).to(torch.bfloat16) for side in (a, b)]
        cosines = (low[0] @ low[1].T).view(n, i, n, -1)
        forth, forth_at = cosines.masked_fill(~in_b[None, None], -2).max(dim=3)  # [n, i, n]
        back, back_at = cosines.masked_fill_(~in_a[:, :, None, None], -2).max(dim=1)  # [n, n, j]
        ctx.save_for_backward(*low, forth_at, back_at)
        ctx.shapes = a.shape, b.shape
        return forth.float(), back.float()

    @staticmethod
    def backward(ctx, of_forth, of_back):
        a, b, forth_at, back_at = ctx.saved_tensors
        (n, i, width), (_, j, _) = ctx.shapes
        gradient = torch.zeros(n, i, n, j, dtype=torch.float32, device=a.device)
        gradient.scatter_(3, forth_at[..., None], of_forth[..., None])
        gradient.scatter_add_(1, back_at[:, None], of_back[:, None])
        gradient = gradient.view(n * i, n * j).to(torch.bfloat16)
        return (gradient @ b).float().view(n, i, width), (gradient.T @ a).float().view(n, j, width), None, None


def best_matches(a: torch.Tensor, b: torch.Tensor, in_a: torch.Tensor, in_b: torch.Tensor) -> torch.Tensor:
    """How well two sentences cover each other: the mean, both ways, of each piece's best cosine on the other side.

    a [n, i, width] and b [n, j, width] of length 1; in_a, in_b: which places are pieces. Returns [n, n].
    """
    forth, back = _BestOfAll.apply(a.float(), b.float(), in_a, in_b)
    there = (forth * in_a[:, :, None]).sum(1) / in_a.sum(1)[:, None]
    here = (back * in_b[None]).sum(2) / in_b.sum(1)[None]
    return (there + here) / 2


def disagreement(a: torch.Tensor, b: torch.Tensor, in_a: torch.Tensor, in_b: torch.Tensor) -> torch.Tensor:
    """1 less the share of alignment on which both directions agree (Dou & Neubig 2021, "consistency"), over the pairs.

    a [n, i, width] and b [n, j, width] of length 1: a sentence and its own translation; in_a, in_b: which are pieces.
    """
    scores = SHARPNESS * (a.float() @ b.float().transpose(1, 2))
    forth = torch.softmax(scores.masked_fill(~in_b[:, None], -1e4), dim=2) * in_a[:, :, None]
    back = torch.softmax(scores.masked_fill(~in_a[:, :, None], -1e4), dim=1) * in_b[:, None]
    shared = (forth * back).sum((1, 2)) * 2 / (in_a.sum(1) + in_b.sum(1))
    return 1 - shared.mean()


def retrieval(model, tokenizer, pairs: list[Pair]) -> np.ndarray:
    """For every layer (the input embedding first) the share of sentences whose translation is nearest, both ways."""
    rates = []
    english = means(model, tokenizer, [p.english for p in pairs])
    other = means(model, tokenizer, [p.other for p in pairs])
    for a, b in zip(english, other, strict=True):
        a, b = (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9) for v in (a, b))
        cosines, right = a @ b.T, np.arange(len(a))
        rates.append(((cosines.argmax(1) == right).mean() + (cosines.argmax(0) == right).mean()) / 2)
    return np.array(rates)


def alignment_rates(model, tokenizer, pairs: list[dict]) -> list[float]:
    """AER of argmax alignment at every layer, the input embedding first.

    pairs: source_words, target_words, sure, possible.
    """
    sides = []
    for side in ("source_words", "target_words"):
        states = {s.index: s for s in hidden_states(model, tokenizer, [p[side] for p in pairs])}
        sides.append([states[i] for i in range(len(pairs))])
    found: list[list[set]] = []
    for source, target in zip(*sides, strict=True):
        layers = similarities(source, target)
        found.append([to_words(argmax(one), source.words, target.words) for one in layers])
    sure, possible = [p["sure"] for p in pairs], [p["possible"] for p in pairs]
    return [corpus_error_rate(list(one), sure, possible) for one in zip(*found, strict=True)]


def xl_wa(data: Path, language: str) -> list[dict]:
    """The English-language XL-WA test set (Martelli et al. 2023): for measuring only; [] where it is not there."""
    path = data / "alignment" / "xl_wa" / language / "test.tsv"
    if not path.exists():
        return []
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        source, target, links = line.split("\t")
        gold = {tuple(map(int, link.split("-"))) for link in links.split()}
        pairs.append({"source_words": source.split(), "target_words": target.split(), "sure": gold, "possible": gold})
    return pairs


def masked_words(model, tokenizer, sentences: list[str]) -> float:
    """Share of masked words guessed right: in each sentence one word, among those that are one piece."""
    chooser, right, asked = random.Random(0), 0, 0
    where = next(model.parameters()).device
    for sentence in sentences:
        encoded = tokenizer(sentence, return_tensors="pt")
        words = encoded.word_ids(0)
        ids = encoded["input_ids"][0]
        letters = [tokenizer.decode([int(i)]).strip().isalpha() for i in ids]
        whole = [i for i, w in enumerate(words) if w is not None and words.count(w) == 1 and letters[i]]
        if not whole:
            continue
        place = chooser.choice(whole)
        wanted, ids[place] = int(ids[place]), tokenizer.mask_token_id
        with torch.inference_mode():
            out = model(input_ids=ids[None].to(where))
        logits = out.get("logits", out.get("prediction_logits"))
        right, asked = right + (int(logits[0, place].argmax()) == wanted), asked + 1
    return right / max(1, asked)


def evaluate(model, tokenizer, held_out: dict[str, list[Pair]], data: Path) -> dict:
    """All scores of the card, each said as it is found."""
    from tests.gold import pairs as gold_pairs

    model.eval()
    scores: dict[str, float] = {}

    def score(name: str, value: float) -> None:
        scores[name] = round(float(value), 3)
        print(f"{name}: {scores[name]}", flush=True)

    rates = {code: retrieval(model, tokenizer, some) for code, some in held_out.items()}
    best = int(np.mean(list(rates.values()), axis=0).argmax())
    for code, values in rates.items():
        score(f"translation retrieval en-{code}", values[best])
    score("translation retrieval layer", best)
    tests = {f"XL-WA en-{code}": xl_wa(data, code) for code in ("es", "nl")}
    tests |= {f"en-{code}": gold_pairs(code) for code in ("fr", "de", "es")}
    tests = {name: pairs for name, pairs in tests.items() if pairs}
    rates = {name: alignment_rates(model, tokenizer, pairs) for name, pairs in tests.items()}
    best = int(np.mean(list(rates.values()), axis=0).argmin())
    for name, pairs in tests.items():
        score(f"AER {name}", rates[name][best])
        straight = [diagonal(len(p["source_words"]), len(p["target_words"])) for p in pairs]
        gold = [p["sure"] for p in pairs], [p["possible"] for p in pairs]
        score(f"AER {name} of the diagonal", corpus_error_rate(straight, *gold))
    score("AER layer", best)
    score("masked word top-1 en", masked_words(model, tokenizer, [p.english for p in held_out["fr"]]))
    return scores


def prepared(run: loop.Run, recipe: Recipe, training: list[Pair]) -> tuple[PreTrainedTokenizerFast, torch.nn.Module]:
    """The run's tokenizer (made once) and its model."""
    where = run.folder / "tokenizer"
    if not where.exists():
        recipe.train_tokenizer(texts_for_tokenizer(training)).save_pretrained(where)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(where)
    model = recipe.new_model(tokenizer).to(loop.device())
    model.set_attn_implementation(loop.attention())
    return tokenizer, model


def about(recipe: Recipe, scores: dict, held_out: int, pairs: int, names: int) -> dict:
    """What the card says of an encoder beside the numbers of its run."""
    return {
        "name": recipe.name,
        "family": "encoder",
        "layers": LAYERS,
        "heads": HEADS,
        "width": WIDTH,
        "licence": LICENCE_BOTH,
        "data": [TATOEBA, EMOJI_NAMES],
        "training_pairs": pairs,
        "emoji_name_pairs": names,
        "scores": scores,
        "held_out": (
            f"{held_out:,} English sentences a language that no training pair of any language contains (case and "
            "punctuation ignored). Retrieval: the nearest by cosine among their translations, vectors averaged over a "
            "text's pieces, mean of both directions, at the layer best for all languages. AER: argmax of the pieces' "
            "cosines, at the layer best for all sets; XL-WA's test sets are used for measuring only; the others are 40 "
            "pairs a language aligned by hand. Masked word: one word of each sentence, among those that are one piece"
        ),
    } | recipe.about


def main(recipe: Recipe, arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(recipe.about["title"], recipe.name, MODELS, DEFAULT_DATA, minutes=45, given=arguments)
    torch.manual_seed(chosen.seed)
    training, held_out = split({code: read_pairs(chosen.data, code) for code in LANGUAGES}, chosen.held_out)
    emoji = read_emoji(chosen.data)
    names = [Pair(e.names["en"], name, code) for e in emoji for code, name in e.names.items() if code != "en"]
    training += names
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed)
    tokenizer, model = prepared(run, recipe, training)
    optimisers = loop.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        corpus = tokenised(tokenizer, training)
        batches = row_batches(corpus, chosen.seed + run.steps, BATCH_CELLS)
        loop.train(
            run, model, optimisers, batches, Objective(model, tokenizer, corpus, recipe, chosen.seed + run.steps)
        )
    scores = evaluate(model, tokenizer, held_out, chosen.data)
    out = place_for(run, chosen.out)
    publish(model, tokenizer, out, run, about(recipe, scores, chosen.held_out, len(training) - len(names), len(names)))
    print(loop.where_written(out, chosen.out))
