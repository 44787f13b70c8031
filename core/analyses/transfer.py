"""Sentence vectors of one layer for many sentences, kept by name, with progress; and how many layers there are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.cache import Cancelled, Progress, Shared, whole
from core.data.labelled import Labelled, languages, shipped
from core.errors import Refused
from core.measures.projection import centred
from core.measures.tokenizers import pooled_overlap, unknown_share
from core.measures.transfer import Row, correlation, evaluate, margins, retrieval
from core.models.hidden import hidden_states
from core.models.tokenizer import cuts, tokenize
from core.store.cards import ModelCard
from core.store.opening import open_model
from core.store.shelf import card_for

MOST_BYTES = 600_000_000
STEP = 64  # sentences between two looks at whether to stop
FEW = 400  # sentences up to which every layer is tried
SAMPLE = 100  # sentences a language, over which pieces are counted
_VECTORS = Shared(MOST_BYTES, lambda found: found.nbytes)


@dataclass(frozen=True, slots=True)
class Task:
    """Sentences under a name by which what follows from them is kept."""

    name: str
    sentences: tuple[Labelled, ...]

    def __hash__(self) -> int:
        return hash(self.name)  # tables of the same name are the same: it is made of their contents


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """What a probe is asked."""

    model: str
    task: Task
    layer: int  # 0 is the input embedding
    source: str = "en"
    centre: bool = False


def shipped_task(name: str) -> Task:
    return Task(name, shipped(name))


def own_task(raw: bytes, sentences: tuple[Labelled, ...]) -> Task:
    """A user's table, named by its contents."""
    return Task(hashlib.sha256(raw).hexdigest(), sentences)


def layers(name: str) -> int:
    """How many layers an encoder has, from its card if that says so."""
    card: ModelCard = card_for(name)
    return card.layers or open_model(name).model.config.num_hidden_layers


def vectors(
    model: str, task: Task, layer: int, progress: Callable[[int, int, float], None] | None = None
) -> np.ndarray:
    """Sentence vectors [sentence, width]: the mean over a sentence's pieces at one layer.

    progress(sentences done, in all, 0). Refused for what is no encoder.
    """
    opened = open_model(model)
    if opened.card.family != "encoder":
        raise Refused(f"{opened.card.title} is no encoder. Choose one, such as mBERT or XLM-R.")
    most = opened.model.config.num_hidden_layers
    if not 0 <= layer <= most:
        raise Refused(f"Layer {layer} does not exist: {opened.card.title} has {most}. Choose 0 to {most}.")
    every = len(task.sentences) <= FEW
    wanted = tuple(range(most + 1)) if every else (layer,)
    key = (opened.card.id, opened.revision, task.name, wanted)
    found = _VECTORS.get(key, lambda report, stop: _means(opened, task, wanted, report, stop), progress)
    return found[layer if every else 0]


def _means(opened, task: Task, wanted: tuple[int, ...], report: Progress, stop: Cancelled) -> np.ndarray:
    """[layer, sentence, width]"""
    texts = [one.text for one in task.sentences]
    found = np.zeros((len(wanted), len(texts), opened.model.config.hidden_size), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), STEP):
        whole(None, stop)
        some = order[start : start + STEP]
        for states in hidden_states(opened.model, opened.tokenizer, [texts[i] for i in some], layers=wanted):
            if states.ids:
                found[:, some[states.index]] = states.values.mean(axis=1)
        report(min(start + STEP, len(order)), len(order), 0.0)
    found.flags.writeable = False
    return found


def _columns(asked: TransferRequest, progress=None) -> tuple[np.ndarray, list[str]]:
    names = [one.language for one in asked.task.sentences]
    found = vectors(asked.model, asked.task, asked.layer, progress)
    return centred(found, names) if asked.centre else found, names


@lru_cache(maxsize=64)
def rows(asked: TransferRequest, inside: bool = True) -> tuple[Row, ...]:
    """How the probe does in every language."""
    found, names = _columns(asked)
    some = asked.task.sentences
    return tuple(evaluate(found, names, [s.label for s in some], [s.group for s in some], asked.source, inside))


@lru_cache(maxsize=64)
def found_again(asked: TransferRequest) -> dict[str, float]:
    """Translation retrieval between the source and each language, where the task knows translations."""
    found, names = _columns(asked)
    return retrieval(found, names, [one.same for one in asked.task.sentences], asked.source)


@lru_cache(maxsize=64)
def alignment(asked: TransferRequest) -> dict[str, float]:
    """How much closer a translation is than another sentence, for each language with translations."""
    found, names = _columns(asked)
    return margins(found, names, [one.same for one in asked.task.sentences], asked.source)


@lru_cache(maxsize=64)
def shared_pieces(model: str, task: Task, source: str) -> dict[str, float]:
    """Pieces that each language shares with the source, as a share of all pieces of both."""
    some = {code: _cuts(model, task, code) for code in languages(task.sentences)}
    return {code: pooled_overlap(some[source], found) for code, found in some.items() if code != source}


@lru_cache(maxsize=64)
def unknown(model: str, task: Task) -> dict[str, float]:
    """Share of each language's pieces that the model does not know."""
    return {code: unknown_share(_cuts(model, task, code)) for code in languages(task.sentences)}


def _cuts(model: str, task: Task, code: str) -> list:
    texts = [one.text for one in task.sentences if one.language == code][:SAMPLE]
    return cuts(model, [text for text in texts if _readable(model, text)])


def _readable(model: str, text: str) -> bool:
    try:
        return bool(tokenize(model, text).pieces)
    except Refused:
        return False


@lru_cache(maxsize=16)
def by_layer(asked: TransferRequest) -> tuple[float, ...]:
    """Mean zero-shot accuracy over the other languages at every layer; empty for a task too large to try them all."""
    if len(asked.task.sentences) > FEW:
        return ()
    found = []
    for layer in range(layers(asked.model) + 1):
        one = TransferRequest(asked.model, asked.task, layer, asked.source, asked.centre)
        found.append(float(np.mean([row.zero_shot.share for row in rows(one, False) if row.language != asked.source])))
    return tuple(found)


def related(asked: TransferRequest, factor: dict[str, float]) -> tuple[float, float, float]:
    """The correlation of a factor with zero-shot accuracy over the languages that have both."""
    shares = {row.language: row.zero_shot.share for row in rows(asked, False) if row.language in factor}
    return correlation([factor[code] for code in shares], list(shares.values()))
