"""How models are asked which words of two sentences go together: a similarity for every layer, of one pair or many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch

from core.capture.recording import recording
from core.capture.stacking import stacked
from core.models.calling import called
from core.models.hidden import States, hidden_states
from core.models.reading import checked_length
from core.models.text import encode
from core.requests import AlignmentReader, AlignmentRequest, Pair, TextRequest, Units
from core.store.opening import Opened, open_model
from core.tokens import SplitText, names_of, owners, placed, shown, split_text, style_of
from core.types import Refused, Token

CHUNK = 48  # pairs whose states are in memory at once
MOST_UNITS = 160  # pieces of a side, in a picture
LEAST = 1e-9

From = Literal["states", "attention"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A row or a column: a piece, or a word."""

    text: str
    word: int
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How alike the units of two sentences are, layer by layer."""

    source: tuple[Unit, ...]
    target: tuple[Unit, ...]
    layers: tuple[int, ...]  # as people count them; 0 is the input embedding
    values: np.ndarray  # [layer, source, target]: cosines, or shares of attention
    similarity: np.ndarray  # the same from 0 to 1, as the methods want it
    products: np.ndarray  # what softmax takes
    of: From
    unknown: tuple[float, float]  # share of each side's pieces that the tokenizer does not know
    shared: int  # pieces that both sides have

    @property
    def hidden_words(self) -> tuple[frozenset[int], frozenset[int]]:
        """Words of each side of which every piece is hidden."""
        sides = []
        for units in (self.source, self.target):
            seen = {unit.word for unit in units if not unit.hidden}
            sides.append(frozenset(unit.word for unit in units) - seen)
        return sides[0], sides[1]


def compared(request: AlignmentRequest) -> Compared:
    """One pair through one model. Refused: what the model cannot be asked, or too long a pair."""
    reader = request.reader
    _, found = next(compare(reader, [request.pair]))
    for side, units in (("source", found.source), ("translation", found.target)):
        if not units:
            raise Refused(f"The tokenizer of {reader.model} makes no piece of the {side}. Type some letters.")
        if len(units) > MOST_UNITS:
            raise Refused(f"The {side} has {len(units)} pieces; the picture shows up to {MOST_UNITS}. Shorten it.")
    return found


def compare(
    reader: AlignmentReader, pairs: Sequence[Pair], layers: tuple[int, ...] | None = None
) -> Iterator[tuple[int, Compared]]:
    """Every pair's similarities with its place in the list, short sources first, many of like length at a time.

    layers: those of hidden states that are wanted, as people count them; all without it, and of attention always.
    """
    opened = open_model(reader.model)
    if "two stacks" in opened.family:
        for place, pair in enumerate(pairs):
            yield place, crossed(opened, pair)
        return
    if "fill masks" not in opened.family:
        raise Refused(f"{opened.card.title} reads no pair of sentences. Choose an encoder or a translator.")
    # A source with several translations stands beside itself, and is read once.
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i].source), pairs[i].source))
    for start in range(0, len(order), CHUNK):
        places = order[start : start + CHUNK]
        some = [pairs[i] for i in places]
        if reader.of == "attention":
            yield from zip(places, _by_attention(opened, some, reader), strict=True)
        else:
            yield from zip(places, _by_states(opened, some, reader, layers), strict=True)


def layers_of(reader: AlignmentReader) -> tuple[int, ...]:
    """The layers, as people count them, at which a model can be asked for an alignment."""
    opened = open_model(reader.model)
    config = opened.model.config
    if "two stacks" in opened.family:
        return tuple(range(1, (getattr(config, "decoder_layers", None) or config.num_hidden_layers) + 1))
    return tuple(range(1 if reader.of == "attention" else 0, config.num_hidden_layers + 1))


# --- hidden states ----------------------------------------------------------------------------------------------------


def _by_states(
    opened: Opened, pairs: list[Pair], reader: AlignmentReader, layers: tuple[int, ...] | None
) -> Iterator[Compared]:
    model, tokenizer = opened.model, opened.tokenizer
    sides = [(one.source_text, one.source) for one in pairs] + [(one.target_text, one.target) for one in pairs]
    texts = [as_read(tokenizer, *side) for side in sides]
    ids = tokenizer([one.text for one in texts], add_special_tokens=False)["input_ids"]
    count = len(pairs)
    both = [(set(ids[k]) & set(ids[count + k])) - {tokenizer.unk_token_id} for k in range(count)]
    hidden = both * 2 if reader.hide else None
    found: dict[int, States] = {}
    for states in hidden_states(model, tokenizer, texts, layers, hidden=hidden):
        found[states.index] = states
    for k in range(count):
        one = _of_states(tokenizer, (found[k], found[count + k]), reader, both[k])
        yield one if layers is None else replace(one, layers=layers)


def _of_states(tokenizer, states: tuple[States, States], reader: AlignmentReader, both: Set[int]) -> Compared:
    unknown = tuple(sum(i == tokenizer.unk_token_id for i in s.ids) / max(1, len(s.ids)) for s in states)
    sides = [_units(tokenizer, one, both if reader.hide else frozenset(), reader.units) for one in states]
    (source, a), (target, b) = sides
    products = a @ b.transpose(0, 2, 1)
    lengths = [np.maximum(np.linalg.norm(one, axis=-1), LEAST) for one in (a, b)]
    cosines = products / (lengths[0][:, :, None] * lengths[1][:, None, :])
    return Compared(
        source, target, tuple(range(len(cosines))), cosines, (1 + cosines) / 2, products, "states", unknown, len(both)
    )  # fmt: skip


def _units(tokenizer, states: States, hidden: Set[int], units: Units) -> tuple[tuple[Unit, ...], np.ndarray]:
    """Rows of a side with their vectors [layer, unit, width]; a word is the mean of its pieces."""
    style = style_of(tokenizer)
    pieces = names_of(tokenizer, states.ids)
    rows = [
        Unit(shown(piece, style), word, i in hidden)
        for piece, word, i in zip(pieces, states.words, states.ids, strict=True)
    ]
    if units == "pieces" or not rows:
        return tuple(rows), states.values
    words = sorted(set(states.words))
    belongs = np.array([[row.word == word for row in rows] for word in words], np.float32)
    vectors = (belongs / belongs.sum(axis=1, keepdims=True)) @ states.values
    texts = [joined(row.text for row in rows if row.word == word) for word in words]
    gone = [all(row.hidden for row in rows if row.word == word) for word in words]
    return tuple(Unit(*one) for one in zip(texts, words, gone, strict=True)), vectors


def joined(pieces: Iterable[str]) -> str:
    """A word from its pieces, without marks that stand alone."""
    text = "".join(pieces)
    return text.replace("␣", "") or text


def as_read(tokenizer, text: str, words: Sequence[str]) -> SplitText:
    """A sentence as it is written; with spaces between its words where a piece would lie across two of them.

    So every word has a piece of its own that can be linked, in scripts without spaces too.
    """
    split = split_text(text, words)
    if not tokenizer.is_fast:
        return split
    spans = tokenizer(split.text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)[
        "offset_mapping"
    ]
    found = set(owners(split.owner, spans))
    return split if len(found) == len(words) else SplitText(" ".join(words), tuple(words))


# --- attention --------------------------------------------------------------------------------------------------------


def _by_attention(opened: Opened, pairs: list[Pair], reader: AlignmentReader) -> Iterator[Compared]:
    """Both sentences read as one text: what each gives the other, heads and directions averaged."""
    tokenizer = opened.tokenizer
    for pair in pairs:
        texts = [
            as_read(tokenizer, *side) for side in ((pair.source_text, pair.source), (pair.target_text, pair.target))
        ]
        encoded = tokenizer([texts[0].text], [texts[1].text], return_offsets_mapping=True)
        ids, sides, spans = encoded["input_ids"][0], encoded.sequence_ids(0), encoded["offset_mapping"][0]
        checked_length(opened, len(ids))
        places = [[k for k, side in enumerate(sides) if side == wanted] for wanted in (0, 1)]
        both = {ids[k] for k in places[0]} & {ids[k] for k in places[1]} - {tokenizer.unk_token_id}
        gone = both if reader.hide else set()
        encoded["input_ids"] = [[tokenizer.mask_token_id if i in gone else i for i in ids]]
        there, back = between(opened, encoded, places)
        style, pieces = style_of(tokenizer), names_of(tokenizer, ids)
        units = tuple(
            tuple(
                Unit(shown(pieces[k], style), word, ids[k] in gone)
                for k, word in zip(some, owners(text.owner, [spans[k] for k in some]), strict=True)
            )
            for some, text in zip(places, texts, strict=True)
        )
        unknown = tuple(sum(ids[k] == tokenizer.unk_token_id for k in some) / max(1, len(some)) for some in places)
        yield _of_attention(units, (there + back) / 2, reader.units, unknown, len(both))


def between(opened: Opened, encoded, places: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Attention from the first text to the second, and from the second to the first: both [layer, first, second].

    Heads are averaged, and what a token gives the other text is scaled to sum to 1.
    """
    names = [name for name in ("input_ids", "token_type_ids") if name in encoded]
    with torch.inference_mode(), recording() as maps, called(opened.model):
        opened.model.base_model(**{name: torch.tensor(encoded[name], device=opened.model.device) for name in names})
    length = len(encoded["input_ids"][0])
    every = stacked(maps, length, length)
    weights = np.stack([every[layer].mean(axis=0) for layer in range(len(every))])[..., -length:]  # without a sink
    there = weights[:, places[0]][:, :, places[1]]
    back = weights[:, places[1]][:, :, places[0]].transpose(0, 2, 1)
    there /= np.maximum(there.sum(axis=2, keepdims=True), LEAST)
    return there, back / np.maximum(back.sum(axis=1, keepdims=True), LEAST)


def _of_attention(units, values: np.ndarray, level: Units, unknown, shared: int) -> Compared:
    """values[layer, source, target]: shares of attention. A word's share is the mean of its pieces'."""
    source, target = units
    if level == "words":
        (source, rows), (target, columns) = (_words_of(one) for one in units)
        values = np.einsum("ai,lij,bj->lab", rows, values, columns)
    layers = tuple(range(1, len(values) + 1))
    return Compared(
        source, target, layers, values, values, np.log(np.maximum(values, LEAST)), "attention", unknown, shared
    )


def _words_of(units: tuple[Unit, ...]) -> tuple[tuple[Unit, ...], np.ndarray]:
    """Units joined to words, and the matrix [word, unit] that averages over them."""
    words = sorted({unit.word for unit in units})
    belongs = np.array([[unit.word == word for unit in units] for word in words], np.float64)
    made = [
        Unit(joined(u.text for u in units if u.word == w), w, all(u.hidden for u in units if u.word == w))
        for w in words
    ]
    return tuple(made), belongs / belongs.sum(axis=1, keepdims=True)


def letters_of(tokens: Sequence[Token]) -> list[str | None]:
    """What each token holds of a sentence; None for special ones and for marks that stand alone."""
    return [None if token.special or token.text == "␣" else token.text for token in tokens]


def crossed(opened: Opened, pair: Pair) -> Compared:
    """A translator's cross-attention while it is made to write the translation, heads averaged: word by word."""
    request = TextRequest(opened.card.name, pair.source_text, target=pair.target_text, language=pair.language)
    cross = next(one for one in encode(request).attentions if one.kind == "cross")
    columns, rows = placed(letters_of(cross.keys), pair.source), placed(letters_of(cross.queries), pair.target)
    weights = np.stack([cross.weights[layer].mean(axis=0) for layer in range(cross.weights.shape[0])])
    source = tuple(Unit(word, i) for i, word in enumerate(pair.source))
    target = tuple(Unit(word, j) for j, word in enumerate(pair.target))
    # A word takes what its pieces take on average, and is given what its pieces are given together.
    give = np.array([[owner == i for owner in columns] for i in range(len(source))], np.float64)
    take = np.array([[owner == j for owner in rows] for j in range(len(target))], np.float64)
    take /= np.maximum(take.sum(axis=1, keepdims=True), 1)
    values = np.einsum("ik,lqk,jq->lij", give, weights, take)
    values /= np.maximum(values.sum(axis=1, keepdims=True), LEAST)
    return _of_attention((source, target), values, "pieces", (0.0, 0.0), 0)
