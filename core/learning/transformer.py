"""A small transformer that learns a task here, with its maps and its answer to one example as they change."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from core.capture.recording import recorded, recording
from core.learning import optimising
from core.learning.runs import Answer, TransformerFrame, TransformerResult
from core.learning.tasks import WINDOW, Material, Row, example, material, repeats
from core.models.small import character_tokenizer, files_of, small_transformer
from core.requests.learning import TransformerTraining

BATCH = 64
FRAMES = 60
CHOICES = 3  # of a character of the answer
NOTHING = -100  # the target of what is not asked for
MASKED_SHARE = 0.15  # of a text that goes on


class Reader:
    """Rows as the model's ids and targets, both [row, token]."""

    def __init__(self, settings: TransformerTraining, found: Material) -> None:
        self.settings, self.found = settings, found
        self.tokenizer = character_tokenizer(found.alphabet)
        self.ids = {letter: self.tokenizer.convert_tokens_to_ids(letter) for letter in found.alphabet}
        self.mask = self.tokenizer.mask_token_id

    def read(self, rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(ids, attention mask, targets): a causal model's target stands one place before its character."""
        length = max(len(row.given) + len(row.asked) for row in rows)
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        targets = torch.full_like(ids, NOTHING)
        for place, row in enumerate(rows):
            begin = len(row.given)
            whole = torch.tensor([self.ids[letter] for letter in row.given + row.asked])
            ids[place, : len(whole)] = whole
            if self.settings.kind == "causal":
                targets[place, begin - 1 : len(whole) - 1] = whole[begin:]
            else:
                targets[place, begin : len(whole)] = whole[begin:]
                ids[place, begin : len(whole)] = self.mask
        return ids, (ids != 0).long(), targets

    def hide(self, ids: torch.Tensor, chance: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Windows of a text with some characters hidden, as a masked model learns from it."""
        hidden = torch.rand(ids.shape, generator=chance) < MASKED_SHARE
        hidden[:, 0] |= ~hidden.any(dim=1)
        targets = torch.where(hidden, ids, NOTHING)
        return torch.where(hidden, self.mask, ids), torch.ones_like(ids), targets

    def batches(self, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Batches without end, the same for a seed."""
        chance, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        found = self.found
        text = torch.tensor([self.ids[letter] for letter in found.text]) if found.text else None
        while True:
            if text is not None:
                starts = torch.randint(0, len(text) - WINDOW + 1, (BATCH,), generator=generator)
                ids = text[starts[:, None] + torch.arange(WINDOW)]
                if self.settings.kind == "masked":
                    yield self.hide(ids, generator)
                else:
                    last = torch.full_like(ids[:, :1], NOTHING)
                    yield ids, torch.ones_like(ids), torch.cat([ids[:, 1:], last], dim=1)
            elif found.draw is not None:
                yield self.read([found.draw(chance) for _ in range(BATCH)])
            else:
                yield self.read([chance.choice(found.train) for _ in range(BATCH)])

    def judged(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What the score is measured on."""
        if self.found.text and self.settings.kind == "masked":
            rows = [row.given + row.asked for row in self.found.held_out]
            ids = torch.tensor([[self.ids[letter] for letter in row] for row in rows])
            return self.hide(ids, torch.Generator().manual_seed(0))
        return self.read(list(self.found.held_out))


def train(settings: TransformerTraining, running: Callable[[], bool]) -> Iterator[TransformerFrame | TransformerResult]:
    """Learn until the steps are done or running() says no: frames on the way, then the model's files.

    The numbers depend on the settings alone while running() says yes. Refused: there is nothing to learn from.
    """
    found = material(settings)
    reader = Reader(settings, found)
    torch.manual_seed(settings.seed)
    model = small_transformer(
        settings.kind, len(reader.tokenizer), settings.layers, settings.heads, settings.width,
        positions=settings.positions,
    )  # fmt: skip
    made = _optimiser(model, settings.rate)
    looker = Looker(reader, model, example(settings, found))
    yield looker.look(0, 0.0, None)
    batches, seconds, step = reader.batches(settings.seed), 0.0, 0
    total, count = 0.0, 0
    every = max(1, settings.steps // FRAMES)
    for step in range(1, settings.steps + 1):
        if not running():
            step -= 1
            break
        began = time.monotonic()
        optimising.set_rates(made, optimising.rate_at((step - 1) / settings.steps))
        loss = _loss(model, *next(batches))
        optimising.step(loss, model, made)
        total, count = total + loss.item(), count + 1
        seconds += time.monotonic() - began
        if step % every == 0 or step == settings.steps:
            yield looker.look(step, seconds, total / count)
            total, count = 0.0, 0
    parameters = sum(p.numel() for p in model.parameters())
    yield TransformerResult(files_of(model, reader.tokenizer), step, seconds, parameters, found.remark)


def _optimiser(model: torch.nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """AdamW, each group with its peak, as set_rates wants it."""
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    for group in optimiser.param_groups:
        group["peak"] = rate
    return [optimiser]


def _loss(model: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over what is asked for."""
    asked = targets != NOTHING
    logits = model(input_ids=ids, attention_mask=mask).logits
    return torch.nn.functional.cross_entropy(logits[asked], targets[asked])


class Looker:
    """Looks at the model as it is: its score, and its maps and answer to one example."""

    def __init__(self, reader: Reader, model: torch.nn.Module, row: Row) -> None:
        self.reader, self.model, self.row = reader, model, row
        self.judged = reader.judged()
        self.ids, self.mask, self.targets = reader.read([row])

    @torch.no_grad()
    def look(self, step: int, seconds: float, loss: float | None) -> TransformerFrame:
        """loss: the mean since the last look; None: of the held-out rows, before the first step."""
        ids, mask, targets = self.judged
        logits = self.model(input_ids=ids, attention_mask=mask).logits
        asked = targets != NOTHING
        right = (logits.argmax(dim=-1) == targets) | ~asked
        if loss is None:
            loss = torch.nn.functional.cross_entropy(logits[asked], targets[asked]).item()
        with recording() as maps:
            own = self.model(input_ids=self.ids, attention_mask=self.mask).logits
        weights = np.stack([recorded(one.weights)[0].numpy() for one in maps])  # [layer, head, query, key]
        return TransformerFrame(
            step=step,
            steps=self.reader.settings.steps,
            seconds=seconds,
            loss=loss,
            right=float((right[asked] if self.reader.found.text else right.all(dim=1)).float().mean()),
            tokens=tuple(self._shown()),
            answers=self._answers(own[0]),
            weights=np.round(weights * 255).astype(np.uint8),
            pattern=self._pattern(weights),
        )

    def _shown(self) -> list[str]:
        masked = self.reader.settings.kind == "masked"
        return [*self.row.given, *("[MASK]" if masked else letter for letter in self.row.asked)]

    def _answers(self, logits: torch.Tensor) -> tuple[Answer, ...]:
        shares = torch.softmax(logits.float(), dim=-1)
        found: list[Answer] = []
        for place in (self.targets[0] != NOTHING).nonzero()[:, 0].tolist():
            best = shares[place].topk(CHOICES)
            pieces = self.reader.tokenizer.convert_ids_to_tokens(best.indices.tolist())
            wanted = self.row.asked[len(found)]
            found.append(Answer(place, wanted, tuple(zip(pieces, best.values.tolist(), strict=True))))
        return tuple(found)

    def _pattern(self, weights: np.ndarray) -> np.ndarray:
        """How much each head [layer, head] takes from where the answer stands; NaN where nobody can say."""
        row, places = self.row, (self.targets[0] != NOTHING).nonzero()[:, 0].tolist()
        sources = row.sources or (repeats(row.given + row.asked) if self.reader.settings.kind == "causal" else ())
        asked = [(place, list(keys)) for place, keys in zip(places, sources, strict=False) if keys]
        if not asked:
            return np.full(weights.shape[:2], np.nan)
        return np.mean([weights[:, :, place, keys].sum(axis=-1) for place, keys in asked], axis=0)
