"""Vectors of sentences, words or pieces at every layer of a text model, the static input embedding before them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import regex

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.models.hidden import hidden_states
from core.models.reading import vectors_of_pieces
from core.requests import EmbeddingRequest, OwnVectorsRequest
from core.store.opening import open_model
from core.tokens import Style, cleaned, from_marks, group, names_of, shown, special_ids, style_of
from core.types import Refused

MOST_POINTS = 50_000
ALL_LAYERS = 64_000_000  # numbers: beyond, one layer is kept instead of all
CHARACTERS = {"sentences": 0, "words": 4, "pieces": 2}  # of a text that make a point at the least, roughly
SIGNS = regex.compile(r"^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$")
STATIC = "static"  # the input embedding alone: the same for a word wherever it stands


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """What a model made of texts; or vectors that somebody brought, in one layer."""

    request: EmbeddingRequest | OwnVectorsRequest
    names: tuple[str, ...]  # of the model's layers: static (where there is one), input, 1, 2, ...
    layers: tuple[int, ...]  # those that values holds, as indices into names
    values: np.ndarray  # [layer held, point, width]
    labels: tuple[str, ...]  # of the points
    owners: np.ndarray  # [point]: the text it is from
    unknown: np.ndarray  # [text]: share of pieces that the tokenizer does not know
    empty: int  # texts of which no point came

    def __post_init__(self) -> None:
        for array in (self.values, self.owners, self.unknown):
            array.flags.writeable = False

    def at(self, layer: int) -> np.ndarray:
        """Vectors [point, width] of one layer, an index into names."""
        return self.values[self.layers.index(layer)]


def vectors(request: EmbeddingRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Vectors:
    """The vectors of texts; progress(texts done, texts in all); Stopped: cancelled() said so.

    A sentence is the mean of its pieces, a word the mean of its own; special tokens are left out. Refused for a model
    that reads no text, for more points than can be shown, and when nothing is left.
    """
    opened = open_model(request.model)
    if "language model" not in opened.family or not hasattr(opened.text_config, "hidden_size"):
        raise Refused(f"{opened.card.title} gives no vectors of texts here. Choose a transformer that reads text.")
    model, tokenizer, config = opened.reader, opened.tokenizer, opened.text_config
    table = vectors_of_pieces(model)
    static = table is not None and table.shape[1] == config.hidden_size
    count = config.num_hidden_layers + 1
    names = (STATIC,) * static + ("input", *(str(i + 1) for i in range(count - 1)))
    if request.layer is not None and not 0 <= request.layer < len(names):
        raise Refused(f"There is no layer {request.layer} in {opened.card.title}: it has {', '.join(names)}.")
    layers = tuple(range(len(names))) if request.layer is None else (request.layer,)
    hidden = [layer - static for layer in layers if layer >= static]
    texts = [_readable(text) for text in request.texts]
    splits = _splits(request, tokenizer, texts)
    split: dict[str, tuple[list[str], list[list[int]]]] = {}

    def groups(index: int, ids: tuple[int, ...]) -> list[list[int]]:
        split[texts[index]] = splits(index, ids)
        return split[texts[index]][1]

    found: list[tuple[int, np.ndarray, list[str]]] = []
    unknown, points = np.zeros(len(texts), np.float32), 0
    for done, states in enumerate(hidden_states(model, tokenizer, texts, hidden or [0], groups=groups)):
        raise_if_cancelled(cancelled)
        if states.ids:
            unknown[states.index] = np.mean([one == tokenizer.unk_token_id for one in states.ids])
        values = states.values if hidden else states.values[:0]
        labels, rows = split.get(texts[states.index], ([], []))
        if rows and table is not None and static and 0 in layers:
            flat = table[list(states.ids)].detach().float().cpu().numpy()
            values = np.concatenate([np.stack([flat[row].mean(axis=0) for row in rows])[None], values])
        if rows:
            found.append((states.index, values, labels))
            points += len(rows)
        if points > MOST_POINTS:
            raise Refused(
                f"These texts have more than {MOST_POINTS:,} {request.units}. Choose sentences, or fewer texts."
            )
        if done % 50 == 0:
            progress(done, len(texts))
    if not found:
        what = f"the word {request.only!r}" if request.only else "anything that the model reads"
        raise Refused(f"None of these texts holds {what}. Type another word, or choose another set.")
    found.sort(key=lambda one: one[0])
    return Vectors(
        request=request,
        names=names,
        layers=layers,
        values=np.ascontiguousarray(np.concatenate([one[1] for one in found], axis=1), np.float32),
        labels=tuple(label for one in found for label in one[2]),
        owners=np.repeat([one[0] for one in found], [len(one[2]) for one in found]),
        unknown=unknown,
        empty=len(texts) - len(found),
    )


def fitting(request: EmbeddingRequest, layer: int) -> EmbeddingRequest:
    """The question for all layers where their numbers fit into memory, else for the one layer alone."""
    config = open_model(request.model).text_config
    each = CHARACTERS[request.units]
    points = sum(1 + len(text) // each for text in request.texts) if each and not request.only else len(request.texts)
    width, count = (getattr(config, name, 0) for name in ("hidden_size", "num_hidden_layers"))
    numbers = points * width * (count + 2)
    return replace(request, layer=None if numbers <= ALL_LAYERS else layer)


def _readable(text: str) -> str:
    try:
        return cleaned(text)
    except Refused:
        return ""  # counted among the empty ones: one such row must not refuse the whole table


def _splits(
    request: EmbeddingRequest, tokenizer, texts: list[str]
) -> Callable[[int, tuple[int, ...]], tuple[list, list]]:
    """(text's index, its pieces) -> labels and, for each point, which of the pieces it is the mean of."""
    if request.units == "sentences" and not request.only:
        return lambda i, ids: ([texts[i]], [list(range(len(ids)))]) if ids else ([], [])
    style = style_of(tokenizer)
    if request.units == "pieces" and not request.only:
        return lambda i, ids: (
            [shown(piece, style) for piece in names_of(tokenizer, ids)],
            [[j] for j in range(len(ids))],
        )
    only = request.only.strip().casefold()

    def split(i: int, ids: tuple[int, ...]) -> tuple[list[str], list[list[int]]]:
        words = _words(tokenizer, style, texts[i], ids)
        kept = [(label, places) for label, places in words if label and (not only or label.casefold() == only)]
        return [label for label, _ in kept], [places for _, places in kept]

    return split


def _words(tokenizer, style: Style, text: str, ids: tuple[int, ...]) -> list[tuple[str, list[int]]]:
    """The words of a text without signs around them, each with the places of its pieces; '' for signs alone.

    As they stand in the text where the tokenizer can tell, else put together from the pieces.
    """
    if tokenizer.is_fast:
        again = tokenizer(text, return_offsets_mapping=True, verbose=False)
        specials = special_ids(tokenizer)
        known = zip(again["offset_mapping"], again["input_ids"], strict=True)
        spans = [span for span, one in known if one not in specials][: len(ids)]
        owners = group(text, spans)
    else:
        letters = [shown(piece, style) for piece in names_of(tokenizer, ids)]
        owners = from_marks(names_of(tokenizer, ids), [False] * len(ids), style)
    found = []
    for word in dict.fromkeys(owners):
        places = [place for place, owner in enumerate(owners) if owner == word]
        if tokenizer.is_fast:  # bytes of one letter share its span
            label = text[min(spans[j][0] for j in places) : max(spans[j][1] for j in places)]
        else:
            label = "".join(letters[j] for j in places)
        found.append((SIGNS.sub("", label), places))
    return found
