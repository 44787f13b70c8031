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

import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import Pieces, batches_by_length, pad, pieces_of
from core.learning.loss import cross_entropy
from training import loop
from training.card import EMOJI_NAMES, LICENCE_BOTH, MODELS, TATOEBA, place_for, publish
from training.data import DEFAULT_DATA, LANGUAGES, Pair, read_emoji, read_pairs, split, split_key
from training.encoder_scores import evaluate
from training.ranking import best_matches, disagreement, ranking

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
JOINED, JOINED_SHARE = 3, 0.3  # so many sentences are read as one, in this share of steps: later places are met, too
SINGLES = 0.7  # share of steps with single sentences and ranking; the others read pairs
WRONG_PAIRS = 0.25  # share of second sentences that are no translation, for the next-sentence head
LONGEST = 40  # pieces of a sentence; longer ones are left out
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


def prepared(run: loop.Run, recipe: Recipe, training: list[Pair]) -> tuple[PreTrainedTokenizerFast, torch.nn.Module]:
    """The run's tokenizer (made once) and its model."""
    make = recipe.train_tokenizer
    tokenizer = loop.made_once(run.folder / "tokenizer", lambda: make(texts_for_tokenizer(training)))
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
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
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
