"""All heads as a message for the browser: maps in 8 or 16 bits, pooled when the text is long, and their measures."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np

from core.measures.arrays import Values, added, library, pool, quantised
from core.measures.attention import (
    MEASURES,
    PIECES,
    TITLES,
    cells,
    in_parts,
    layer_measures,
    layer_numbers,
    over_units,
    rolled,
    shown_as,
    together,
    total_of_heads,
)
from core.requests import TextRequest, to_json
from core.tokens import lettered
from core.types import Attention, Display, Encoding, Token
from ui.components import message

MOST_BYTES = 2_450_000  # of maps in one message: what one canvas draws at once
FINE_BYTES = 1_000_000  # up to here 16 bits a weight: exact to 1/65535
LONGEST_ROLLOUT = 512  # tokens; a product of square matrices a layer


@dataclasses.dataclass
class Plan:
    """How the maps of one kind are sent: how many tokens a cell, how many bits, which further maps a layer."""

    block: int
    fine: bool
    extra: tuple[str, ...]


def plan(shapes: list[tuple[tuple[int, ...], tuple[str, ...]]]) -> list[Plan]:
    """The finest plan for all kinds together that keeps within MOST_BYTES.

    shapes: (layers, heads, rows, columns) and the further maps wanted, a kind.
    """

    def total(block: int, width: int, *, extras: bool) -> int:
        return sum(s[0] * (s[1] + len(e) * extras) * cells(s[2], block) * cells(s[3], block) * width for s, e in shapes)

    if total(1, extras=True, width=2) <= FINE_BYTES:
        return [Plan(1, fine=True, extra=extra) for _, extra in shapes]
    if total(1, extras=False, width=1) <= MOST_BYTES:
        extras = total(1, extras=True, width=1) <= MOST_BYTES  # without them the browser makes the mean by itself
        return [Plan(1, fine=False, extra=extra if extras else ()) for _, extra in shapes]
    block = 2
    while total(block, extras=True, width=1) > MOST_BYTES:
        block += 1
    return [Plan(block, fine=False, extra=extra) for _, extra in shapes]


def code(drawn: list[Values], *, fine: bool) -> np.ndarray:
    """Weights 0..1 [map, row, column] in 16 bits (value/65535), or in 8 ((value/255)^2: keeps small weights apart)."""
    there, numbers = library(drawn[0]), drawn[0].dtype
    maps = there.concatenate([there.asarray(one, dtype=numbers, device=drawn[0].device) for one in drawn])
    return quantised(maps, 16 if fine else 8, root=not fine)


def described(tokens: tuple[Token, ...]) -> list[dict]:
    texts = lettered([one.text for one in tokens])
    return [
        {"text": text, "index": i, "special": t.special, "word": t.word, "segment": t.segment}
        for i, (t, text) in enumerate(zip(tokens, texts, strict=True))
    ]


def maps_of(attention: Attention, shown: Display, how: Plan) -> tuple[np.ndarray, dict[str, list[list[float]]]]:
    """The maps of one kind as codes [layer, map, row cell, column cell], and the measures of its heads."""
    rows, columns, weights = shown_as(attention, shown)
    parts, found, product = [], [], None
    for layer in range(weights.shape[0]):
        measured: list[dict[str, Values]] = []
        drawn: list[Values] = []
        total: Values = None
        for maps in in_parts(weights, layer):
            measured.append(layer_measures(maps, rows, columns, self_attention=attention.kind != "cross"))
            drawn.append(pool(maps, how.block))
            total = added(total, maps) if how.extra else None
        found.append(together(measured))
        if "mean" in how.extra:
            drawn.append(pool(total / weights.shape[1], how.block)[None])
        if "rollout" in how.extra:
            # Over pieces the sum is at hand: weights on demand need not be made a second time.
            whole = total if shown == PIECES else total_of_heads(attention.weights, layer)
            product = rolled(product, whole / weights.shape[1])
            reach = over_units(attention, shown, product[-len(attention.queries) :])  # without the row of a sink
            drawn.append(pool(reach, how.block)[None])
        parts.append(code(drawn, fine=how.fine))
    names = [n for n in MEASURES if n in found[0]]
    codes = np.concatenate(parts)
    codes = codes.reshape(weights.shape[0], -1, *codes.shape[1:])
    return codes, {n: [np.round(f[n], 5).tolist() for f in found] for n in names}


def key_of(request: TextRequest, shown: Display) -> str:
    """A short name of what is drawn: the same question shown the same way has the same key."""
    text = to_json(request) + json.dumps(dataclasses.asdict(shown))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class PackedMaps:
    """All maps of an encoding, shown in one way: the part of a message that costs time."""

    kinds: tuple[dict, ...]  # what the header says of each kind of attention, its measures included
    codes: tuple[np.ndarray, ...]  # of each kind: [layer, map, row cell, column cell]


def packed_maps(encoding: Encoding, shown: Display = PIECES) -> PackedMaps:
    """Every head of every kind of attention in the encoding, pooled and measured in one pass."""
    views = [shown_as(a, shown) for a in encoding.attentions]
    shapes: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
    for attention, (_, _, weights) in zip(encoding.attentions, views, strict=True):
        rolls = attention.kind != "cross" and len(attention.queries) <= LONGEST_ROLLOUT
        shapes.append((weights.shape, ("mean", "rollout") if rolls else ("mean",)))
    kinds, codes = [], []
    for attention, (rows, columns, weights), how in zip(encoding.attentions, views, plan(shapes), strict=True):
        maps, found = maps_of(attention, shown, how)
        codes.append(maps)
        kinds.append(
            {
                "kind": attention.kind,
                "title": TITLES[attention.kind],
                "rows": described(rows),
                "columns": None if columns == rows else described(columns),
                "layers": weights.shape[0],
                "numbers": [number + 1 for number in layer_numbers(attention)],
                "heads": weights.shape[1],
                "extra": list(how.extra),
                "block": [how.block, how.block],
                "measures": found,
            }
        )
    return PackedMaps(tuple(kinds), tuple(codes))


def off(encoding: Encoding) -> list[list[str | int]]:
    """The heads that are off, by kind, place of the layer and head."""
    places = {a.kind: {number: place for place, number in enumerate(layer_numbers(a))} for a in encoding.attentions}
    edit = encoding.request.edit
    return [[kind, places[kind][layer], head] for kind, layer, head in (edit.heads_off if edit else ())]


def pack(
    encoding: Encoding,
    shown: Display = PIECES,
    start: dict | None = None,
    link: str | None = None,
    maps: PackedMaps | None = None,
) -> bytes:
    """The message for the browser; maps: what packed_maps() gave for the same encoding and shown, if at hand."""
    maps = maps or packed_maps(encoding, shown)
    request = encoding.request
    header = {
        "key": key_of(request, shown),
        "request": json.loads(to_json(request)),
        "shown": dataclasses.asdict(shown),
        "endpoint": "gaze",
        "start": start or {},
        "off": off(encoding),
        "link": link,
        "measure_titles": {n: list(MEASURES[n]) for n in MEASURES},
        "kinds": maps.kinds,
    }
    arrays = {kind["kind"]: codes for kind, codes in zip(maps.kinds, maps.codes, strict=True)}
    return message.pack(header, arrays)
