"""Which tokens an answer rests on: gradient x input, integrated gradients, occlusion, beside attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from core.analyses.head_effects import LIVE, MOST_AT_ONCE, MOST_PLACES
from core.analyses.relevance import FaithfulnessCurves
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.capture.recording import recording
from core.engine import ask
from core.measures.attention import mean_of_heads, rollouts
from core.models.calling import called
from core.models.one_pass import pass_over
from core.models.predicting import predicts_words, shown_piece
from core.models.text import unkept
from core.requests import AttributionRequest
from core.types import Refused, Token

INTERVALS = (32, 64, 128, 256)  # points of Gauss-Legendre's rule along the way of integrated gradients, until
MISSED = 0.05  # of what they should sum to, at most, is missed
STEPS = 20  # of deletion and insertion, at most
DRAWS = 4  # orders by chance, whose curves are averaged
SEED = 5
LEAST = 1e-30  # of a probability, before its logarithm


@dataclass(frozen=True, slots=True, eq=False)
class Attributed:
    """How much each token counts by one method, and what becomes of the answer in that order."""

    name: str
    scores: np.ndarray  # [token], float64; in nats of ln p where the method is about the answer, else shares
    curves: FaithfulnessCurves


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What an answer rests on."""

    tokens: tuple[Token, ...]  # that can count: the text that is read
    place: int  # at which the answer is given: of the tokens, or of a translator's target; -1: of the whole text
    answer: str
    share: float  # its probability
    gone: float  # the same with every token but the special ones taken away
    instead: str  # what stands for a token that is taken away
    methods: tuple[Attributed, ...]
    chance: FaithfulnessCurves  # the mean of orders by chance
    gap: float  # nats by which integrated gradients miss ln(share) - ln(gone), which they should sum to


def attribution(request: AttributionRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Attribution:
    """All methods on one answer. progress(passes done, in all); Stopped: cancelled() said so.

    Refused: a model that guesses nothing, a place or a rank that is not there, a text of one word or too many tokens.
    """
    asked = _Asked(request, progress, cancelled)
    free = [i for i, token in enumerate(asked.tokens) if not token.special]
    asked.total = (
        1 + INTERVALS[0] + len(free) + 2 * (min(STEPS, len(free)) + 1) * (4 + len(asked.attended()) + DRAWS - 1)
    )
    share, gone = np.exp(asked.answers(np.array([[False] * len(asked.tokens), asked.free]))).tolist()
    wanted = float(np.log(max(share, LEAST)) - np.log(max(gone, LEAST)))
    found = {"Gradient × input": asked.gradients(np.ones(1), asked.vectors)[0]}
    found["Integrated gradients"] = asked.integrated(wanted)
    found["Occlusion"] = np.log(max(share, LEAST)) - asked.occluded()
    found |= asked.attended()
    methods = tuple(Attributed(name, scores, asked.curves(scores)) for name, scores in found.items())
    draws = np.random.default_rng(SEED)
    orders = [asked.curves(draws.random(len(asked.tokens))) for _ in range(DRAWS)]
    chance = FaithfulnessCurves(
        orders[0].shares,
        np.mean([one.deletion for one in orders], axis=0),
        np.mean([one.insertion for one in orders], axis=0),
    )
    gap = float(found["Integrated gradients"].sum() - wanted)
    return Attribution(asked.tokens, request.place, asked.answer, share, gone, asked.instead, methods, chance, gap)


class _Asked:
    """One answer that is asked for again and again while its tokens come and go."""

    def __init__(self, request: AttributionRequest, progress: Progress, cancelled: Cancelled) -> None:
        self.request, self.one = request, pass_over(request.text)
        self.progress, self.cancelled = progress, cancelled
        self.done, self.total = 0, 1
        self.encoding = ask(request.text)
        self.tokens = self.encoding.tokens
        self.free = [not token.special for token in self.tokens]
        title = self.one.opened.card.title
        if len(self.tokens) > MOST_PLACES:
            raise Refused(f"Your text has {len(self.tokens):,} tokens; attribution reads {MOST_PLACES}. Shorten it.")
        if sum(self.free) < 2:
            raise Refused("There is one token, and an answer can rest on nothing else. Write two words or more.")
        self.table = self.one.opened.model.get_input_embeddings().weight
        with torch.inference_mode(mode=False):
            self.vectors = self.table[[token.id for token in self.tokens]].detach().float().clone()
        self.instead, self.empty = self.stand_in()
        self.piece, self.answer = self.chosen(title)

    # --- the answer ---------------------------------------------------------------------------------------------------

    def chosen(self, title: str) -> tuple[int, str]:
        """(number, name) of the answer that is asked about."""
        logits = self.logits(self.vectors[None])[0]
        if not 0 <= self.request.rank < min(len(logits), 10):
            raise Refused(f"There is no answer number {self.request.rank + 1}: choose one from 1 to 10.")
        number = int(logits.topk(self.request.rank + 1).indices[-1])
        if self.one.target and self.request.rank == 0:
            number = self.one.target[self.request.place]
        if predicts_words(self.one.opened):
            return number, shown_piece(self.one.opened.tokenizer, number)
        return number, str((self.one.opened.model.config.id2label or {}).get(number, number))

    def logits(self, vectors: Tensor) -> Tensor:
        """[text, answer] at the place that is asked, with these vectors [text, token, width] in the tokens' stead."""
        one = self.one
        with (
            recording(layers=(), edit=self.request.text.edit),
            called(one.opened.model),
            _Replacing(self.table, vectors),
        ):
            out = one.opened.model(**one.batch(len(vectors)), **unkept(one.opened.model))
        logits = getattr(out, "logits", None)
        title = one.opened.card.title
        if logits is None or logits.shape[-1] < 2:
            raise Refused(f"{title} guesses nothing that could rest on a word. Choose a model that guesses or judges.")
        if logits.ndim == 2:
            return logits.float()
        if not 0 <= self.request.place < logits.shape[1]:
            raise Refused(f"There is no place {self.request.place + 1}: choose one from 1 to {logits.shape[1]}.")
        return logits[:, self.request.place].float()

    def chances(self, vectors: Tensor) -> Tensor:
        """ln of the answer's probability, [text]."""
        return torch.log_softmax(self.logits(vectors), dim=-1)[:, self.piece]

    def batches(self, vectors: Tensor, read: Callable[[Tensor], Any]) -> list[Any]:
        """What is read of a few texts at a time."""
        width = self.table.shape[0] if predicts_words(self.one.opened) else 1
        size = max(1, min(MOST_AT_ONCE, LIVE // max(1, width * len(self.one.tokens))))
        found = []
        for first in range(0, len(vectors), size):
            raise_if_cancelled(self.cancelled)
            found.append(read(vectors[first : first + size]))
            self.done += len(vectors[first : first + size])
            self.progress(min(self.done, self.total), self.total)
        return found

    # --- tokens that come and go --------------------------------------------------------------------------------------

    def stand_in(self) -> tuple[str, Tensor]:
        """What stands for a token that is taken away, and its vector."""
        tokenizer = self.one.opened.tokenizer
        for name in ("mask_token", "pad_token", "unk_token"):
            number = getattr(tokenizer, f"{name}_id", None)
            if number is not None and number < len(self.table):
                return str(getattr(tokenizer, name)), self.table[number].detach().float()
        return "the mean of all vectors", self.table.detach().float().mean(dim=0)

    def without(self, hidden: np.ndarray) -> Tensor:
        """Vectors [text, token, width] in which the hidden tokens, True in [text, token], are taken away."""
        mask = torch.from_numpy(np.asarray(hidden, bool))[..., None].to(self.vectors.device)
        return torch.where(mask, self.empty, self.vectors)

    def answers(self, hidden: np.ndarray) -> np.ndarray:
        """ln of the answer's probability without the hidden tokens, [text]."""

        def read(vectors: Tensor) -> Tensor:
            with torch.inference_mode():
                return self.chances(vectors).double().cpu()

        return torch.cat(self.batches(self.without(hidden), read)).numpy()

    def curves(self, scores: np.ndarray) -> FaithfulnessCurves:
        """Tokens go, and come back, the highest score first; special ones stay."""
        places = np.flatnonzero(self.free)
        order = places[np.argsort(-scores[places], kind="stable")]
        counts = np.unique(np.linspace(0, len(order), min(STEPS, len(order)) + 1).round().astype(int))
        hidden = np.zeros((2 * len(counts), len(self.tokens)), bool)
        for row, count in enumerate(counts):
            hidden[row, order[:count]] = True
            hidden[len(counts) + row, order[count:]] = True
        found = np.exp(self.answers(hidden))
        return FaithfulnessCurves(counts / len(order), found[: len(counts)], found[len(counts) :])

    # --- methods ------------------------------------------------------------------------------------------------------

    def nothing(self) -> Tensor:
        """The vectors [token, width] with all that can go taken away."""
        return self.without(np.array([self.free]))[0]

    def gradients(self, shares: np.ndarray, by: Tensor) -> np.ndarray:
        """Gradient of ln p times `by`, [point, token], at points on the way from nothing (0) to the text (1)."""
        start = self.nothing()
        way = torch.from_numpy(shares).to(start)[:, None, None]

        def read(points: Tensor) -> Tensor:
            points = points.detach().requires_grad_()
            with torch.enable_grad():
                (slope,) = torch.autograd.grad(self.chances(points).sum(), points)
            return (slope * by).sum(-1).double().cpu()

        with torch.inference_mode(mode=False):
            return torch.cat(self.batches(start + way * (self.vectors - start), read)).numpy()

    def integrated(self, wanted: float) -> np.ndarray:
        """[token] in nats (Sundararajan et al. 2017); they sum to what the answer gains from nothing to the text."""
        found = np.zeros(len(self.tokens))
        for count in INTERVALS:
            points, weights = np.polynomial.legendre.leggauss(count)
            found = (weights[:, None] / 2 * self.gradients((points + 1) / 2, self.vectors - self.nothing())).sum(0)
            if abs(found.sum() - wanted) <= MISSED * abs(wanted):
                break
        return np.asarray(found)

    def occluded(self) -> np.ndarray:
        """ln p with each token alone taken away, [token]; of special tokens as it was."""
        hidden = np.eye(len(self.tokens), dtype=bool) & np.array(self.free)
        found = np.full(len(self.tokens), self.answers(np.zeros((1, len(self.tokens)), bool))[0])
        free = np.flatnonzero(self.free)
        found[free] = self.answers(hidden[free])
        return found

    def attended(self) -> dict[str, np.ndarray]:
        """Rows of attention at the place, [token] each: the last layer's mean, and the rollout where there is one."""
        attention = self.encoding.attentions[-1]
        place = max(0, self.request.place)
        rows = {"Attention, last layer": mean_of_heads(attention.weights, attention.weights.shape[0] - 1)[place]}
        if attention.kind != "cross" and len(attention.keys) == len(attention.queries):
            *_, last = rollouts(attention)
            rows["Attention rollout"] = last[place]
        return {name: np.asarray(row, np.float64)[-len(self.tokens) :] for name, row in rows.items()}


class _Replacing(TorchFunctionMode):
    """In this thread the first lookup in a table gives these vectors in place of its rows."""

    def __init__(self, table: Tensor, vectors: Tensor) -> None:
        self.table, self.vectors, self.met = table, vectors, False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func is functional.embedding and not self.met and args[1].data_ptr() == self.table.data_ptr():
            self.met = True
            return self.vectors.to(out.dtype)
        return out
