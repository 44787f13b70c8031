"""A recurrent translator with attention, trained on sentence pairs: batches and loss, and a run before a class."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from core.learning import optimising
from core.learning.batches import Pieces, batches_by_length, pad
from core.learning.loss import cross_entropy
from core.learning.recurrent_steps import RecurrentStep
from core.requests.learning import RecurrentTraining
from core.store.opening import open_model
from core.store.recurrent import Recurrent, RecurrentConfig
from core.tokens import names_of, shown, style_of
from core.types import Refused

BATCH_CELLS = 1_600  # tokens of the wider side after padding: many small steps, or attention does not form
LONGEST = 40  # tokens of a side; longer pairs are left out
SMOOTHING = 0.1
READ_BY = "rnn-additive"  # whose tokenizer cuts the sentences
PAD, END = 0, 1
SMALL_CELLS = 400  # of a small set: else an epoch is a handful of steps
MATRIX_RATE, OTHER_RATE = 4e-3, 8e-3  # peaks of Muon and AdamW


Batch = tuple[torch.Tensor, torch.Tensor]  # (source, target), both [pair, token], ended and padded


def stream(sources: Pieces, targets: Pieces, seed: int, end: int, cells: int = BATCH_CELLS) -> Iterator[Batch]:
    """(source, target) batches without end, both ended and padded with 0."""
    lengths = torch.stack([sources.lengths, targets.lengths], dim=1) + 1
    kept = (lengths <= LONGEST).all(dim=1).nonzero()[:, 0]
    generator = torch.Generator().manual_seed(seed)
    last = torch.tensor([end])
    while True:
        for rows in batches_by_length(lengths[kept], cells, generator):
            chosen = kept[rows].tolist()
            source, target = (pad([torch.cat([side[i], last]) for i in chosen], 0) for side in (sources, targets))
            yield source, target


def loss_function(model: Recurrent):
    """Cross-entropy with label smoothing over the target tokens that are not padding."""
    where = next(model.parameters()).device

    def loss_of(batch: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, int]:
        source, target = (side.to(where) for side in batch)
        start = torch.full_like(target[:, :1], model.config.decoder_start_token_id)
        out = model(source, torch.cat([start, target[:, :-1]], dim=1))
        wanted = target != model.config.pad_token_id
        # The output's bias as one more column of hidden state and weight: the loss in pieces knows a product alone.
        hidden = torch.cat([out.hidden[wanted], torch.ones_like(out.hidden[wanted][:, :1])], dim=1)
        weight = torch.cat([model.embedding.weight, model.bias[:, None]], dim=1)
        return cross_entropy(hidden, weight, target[wanted], SMOOTHING), int(wanted.sum())

    return loss_of


class Vocabulary:
    """The pieces that some texts hold, numbered anew from 2 on: a small output layer learns in a minute."""

    def __init__(self, texts: list[str]) -> None:
        self._tokenizer = open_model(READ_BY).tokenizer
        self._style = style_of(self._tokenizer)
        rows = self._read(texts)
        self._ids = sorted({piece for row in rows for piece in row})
        self._places = {piece: place + 2 for place, piece in enumerate(self._ids)}

    def __len__(self) -> int:
        return len(self._ids) + 2

    def _read(self, texts: list[str]) -> list[list[int]]:
        found: list[list[int]] = self._tokenizer(texts, add_special_tokens=False)["input_ids"]
        return found

    def rows(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the pieces of each text."""
        return [[self._places[piece] for piece in row] for row in self._read(texts)]

    def names(self, row: list[int]) -> tuple[str, ...]:
        """Pieces as people read them, an end mark behind."""
        pieces = names_of(self._tokenizer, [self._ids[place - 2] for place in row])
        return (*(shown(piece, self._style) for piece in pieces), "end")

    def text(self, row: list[int]) -> str:
        text: str = self._tokenizer.decode([self._ids[place - 2] for place in row if place > END])
        return text.strip()


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """What a run learns from, as numbers."""

    vocabulary: Vocabulary
    sources: Pieces
    targets: Pieces
    source: list[int]  # of the sentence that is shown
    target: list[int]
    left_out: int


def prepared(settings: RecurrentTraining) -> _Prepared:
    """The pairs that are short enough, as numbers. Refused: too few are, or the sentence is too long."""
    every = [*settings.pairs, settings.sentence]
    vocabulary = Vocabulary([text for pair in every for text in pair])
    sources, targets = (vocabulary.rows([pair[side] for pair in every]) for side in (0, 1))
    source, target = sources.pop(), targets.pop()
    if max(len(source), len(target)) >= LONGEST:
        raise Refused(
            f"The sentence that is shown has more than {LONGEST - 1} pieces on one side. Choose a shorter one."
        )
    short = [i for i in range(len(sources)) if max(len(sources[i]), len(targets[i])) < LONGEST]
    if len(short) < 2:
        raise Refused(f"Fewer than 2 pairs have up to {LONGEST - 1} pieces a side. Bring shorter sentences.")
    return _Prepared(
        vocabulary,
        Pieces([sources[i] for i in short]),
        Pieces([targets[i] for i in short]),
        source,
        target,
        len(sources) - len(short),
    )


def train(settings: RecurrentTraining, running: Callable[[], bool]) -> Iterator[RecurrentStep]:
    """Train until the epochs are done or running() says no; a step before it begins and after every epoch.

    The numbers depend on the settings alone while running() says yes. Refused: nothing is short enough to learn from.
    """
    torch.manual_seed(settings.seed)
    data = prepared(settings)
    model = Recurrent(
        RecurrentConfig(len(data.vocabulary), settings.embedding, settings.width, settings.score, PAD, END, PAD)
    )
    loss_of = loss_function(model)
    made = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    lengths = torch.stack([data.sources.lengths, data.targets.lengths], dim=1) + 1
    cells = min(BATCH_CELLS, max(SMALL_CELLS, int(lengths.max(dim=1).values.sum()) // 40))
    batches = stream(data.sources, data.targets, settings.seed, END, cells)
    first, _ = loss_of(next(batches))
    yield _looked_at(model, data, settings, (0, 0), 0.0, first.item(), 0.0)
    steps, seconds, done = 0, 0.0, 0
    began = time.monotonic()
    for epoch in range(1, settings.epochs + 1):
        total = tokens = 0.0
        for source, target in _epoch(batches, len(data.sources)):
            if not running():
                break
            optimising.set_rates(made, optimising.rate_at(done / (settings.epochs * len(data.sources))))
            loss, size = loss_of((source, target))
            optimising.step(loss, model, made)
            total, tokens, steps, done = total + loss.item() * size, tokens + size, steps + 1, done + len(source)
        spent = time.monotonic() - began
        if tokens:
            seconds += spent
            where = epoch, steps
            yield _looked_at(model, data, settings, where, seconds, total / tokens, tokens / max(spent, 1e-9))
        began = time.monotonic()
        if not running():
            return


def _epoch(batches: Iterator[Batch], pairs: int) -> Iterator[Batch]:
    """Batches until every pair was seen."""
    seen = 0
    while seen < pairs:
        batch = next(batches)
        seen += len(batch[0])
        yield batch


@torch.no_grad()
def _looked_at(
    model: Recurrent,
    data: _Prepared,
    settings: RecurrentTraining,
    where: tuple[int, int],
    seconds: float,
    loss: float,
    rate: float,
) -> RecurrentStep:
    """The model as it is now, on the sentence that is shown."""
    source, target = (torch.tensor([[*side, END]]) for side in (data.source, data.target))
    start = torch.full_like(target[:, :1], PAD)
    weights = model(source, torch.cat([start, target[:, :-1]], dim=1)).attention[0].numpy()
    written = model.translate(source, LONGEST)[0].tolist()
    return RecurrentStep(
        epoch=where[0],
        epochs=settings.epochs,
        steps=where[1],
        seconds=seconds,
        loss=loss,
        tokens_per_second=rate,
        parameters=sum(p.numel() for p in model.parameters()),
        source=data.vocabulary.names(data.source),
        target=data.vocabulary.names(data.target),
        weights=weights,
        written=data.vocabulary.text(written),
        pairs=len(data.sources),
        left_out=data.left_out,
    )
