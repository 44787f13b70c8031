"""Sentence vectors of one layer for many sentences, kept by name, with progress; and how many layers there are."""

from __future__ import annotations

import hashlib

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.labelled import languages, shipped
from core.engine import ask
from core.measures.projection import centred
from core.measures.tokenizers import pooled_overlap, unknown_share
from core.measures.transfer import Row, correlation, evaluate, margins, retrieval
from core.models.hidden import hidden_states, whole
from core.models.tokenizer import cuts, tokenize
from core.requests import Labelled, SentenceVectorsRequest, Task, TransferRequest
from core.store.cards import ModelCard
from core.store.opening import open_model
from core.store.revisions import kept
from core.store.shelf import card_for
from core.types import Refused

STEP = 64  # sentences between two looks at whether to stop
FEW = 400  # sentences up to which every layer is tried
SAMPLE = 100  # sentences a language, over which pieces are counted


def shipped_task(name: str) -> Task:
    return Task(name, shipped(name))


def own_task(raw: bytes, sentences: tuple[Labelled, ...]) -> Task:
    """A user's table, named by its contents."""
    return Task(hashlib.sha256(raw).hexdigest(), sentences)


def layers(name: str) -> int:
    """How many layers an encoder has, from its card if that says so."""
    card: ModelCard = card_for(name)
    return card.layers or open_model(name).text_config.num_hidden_layers


def vectors(
    model: str, task: Task, layer: int, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> np.ndarray:
    """Sentence vectors [sentence, width]: the mean over a sentence's pieces at one layer.

    progress(sentences done, in all). Refused for what is no encoder.
    """
    opened = open_model(model)
    if "fill masks" not in opened.family:
        raise Refused(f"{opened.card.title} is no encoder. Choose one, such as mBERT or XLM-R.")
    most = opened.text_config.num_hidden_layers
    if not 0 <= layer <= most:
        raise Refused(f"Layer {layer} does not exist: {opened.card.title} has {most}. Choose 0 to {most}.")
    every = len(task.sentences) <= FEW
    wanted = tuple(range(most + 1)) if every else (layer,)
    found: np.ndarray = ask(SentenceVectorsRequest(model, task, wanted), progress, cancelled)
    return found[layer if every else 0]


def sentence_vectors(
    request: SentenceVectorsRequest, progress: Progress = silent, cancelled: Cancelled = never
) -> np.ndarray:
    """Means over the pieces of each sentence [layer, sentence, width]. progress(sentences done, in all)."""
    opened, task, wanted = open_model(request.model), request.task, request.layers
    texts = [one.text for one in task.sentences]
    found = np.zeros((len(wanted), len(texts), opened.text_config.hidden_size), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), STEP):
        raise_if_cancelled(cancelled)
        some = order[start : start + STEP]
        batch = [texts[i] for i in some]
        for states in hidden_states(opened.model, opened.tokenizer, batch, layers=wanted, groups=whole):
            if states.ids:
                found[:, some[states.index]] = states.values[:, 0]
        progress(min(start + STEP, len(order)), len(order))
    found.flags.writeable = False
    return found


def _columns(request: TransferRequest) -> tuple[np.ndarray, list[str]]:
    names = [one.language for one in request.task.sentences]
    found = vectors(request.model, request.task, request.layer)
    return centred(found, names) if request.centre else found, names


def rows(request: TransferRequest) -> tuple[Row, ...]:
    """How the probe does in every language, beside one that was fitted there."""
    return _rows(request, inside=True)


@kept
def zero_shot_rows(request: TransferRequest) -> tuple[Row, ...]:
    """The same without the probes fitted in each language, which take longest."""
    return _rows(request, inside=False)


def _rows(request: TransferRequest, *, inside: bool) -> tuple[Row, ...]:
    found, names = _columns(request)
    some = request.task.sentences
    return tuple(
        evaluate(found, names, [s.label for s in some], [s.group for s in some], request.source, inside=inside)
    )


@kept
def found_again(request: TransferRequest) -> dict[str, float]:
    """Translation retrieval between the source and each language, where the task knows translations."""
    found, names = _columns(request)
    return retrieval(found, names, [one.same for one in request.task.sentences], request.source)


@kept
def alignment(request: TransferRequest) -> dict[str, float]:
    """How much closer a translation is than another sentence, for each language with translations."""
    found, names = _columns(request)
    return margins(found, names, [one.same for one in request.task.sentences], request.source)


@kept
def shared_pieces(model: str, task: Task, source: str) -> dict[str, float]:
    """Pieces that each language shares with the source, as a share of all pieces of both."""
    some = {code: _cuts(model, task, code) for code in languages(task.sentences)}
    return {code: pooled_overlap(some[source], found) for code, found in some.items() if code != source}


@kept
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


@kept
def by_layer(request: TransferRequest) -> tuple[float, ...]:
    """Mean zero-shot accuracy over the other languages at every layer; empty for a task too large to try them all."""
    if len(request.task.sentences) > FEW:
        return ()
    found = []
    for layer in range(layers(request.model) + 1):
        one = TransferRequest(request.model, request.task, layer, request.source, request.centre)
        found.append(
            float(np.mean([row.zero_shot.share for row in zero_shot_rows(one) if row.language != request.source]))
        )
    return tuple(found)


def related(request: TransferRequest, factor: dict[str, float]) -> tuple[float, float, float]:
    """The correlation of a factor with zero-shot accuracy over the languages that have both."""
    shares = {row.language: row.zero_shot.share for row in zero_shot_rows(request) if row.language in factor}
    return correlation([factor[code] for code in shares], list(shares.values()))
