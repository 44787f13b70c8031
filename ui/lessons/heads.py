"""Measures of the heads of a text model: what a row takes, how sharp a head is, what it changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.engine import ask
from core.measures.attention import MEASURES, layer_numbers, measures, one_map
from core.requests import AttributionRequest, HeadEffectsRequest
from core.types import Attention, Display, Refused, TextEncoding, Token
from ui import state
from ui.lessons.place import Measure, Place, measure, text_request

HEADS: dict[str, Measure] = {}

PERCENT = 100.0
PERCENT_SIGN = "%"
IN_PERCENT = ("peak", "diagonal", "previous", "next", "first", "separator")


def encoding_of(place: Place) -> TextEncoding:
    return state.answered(text_request(place))


def attention_of(place: Place) -> Attention:
    """The kind of attention that is looked at: of the address, else the last, as the page begins."""
    found = encoding_of(place).attentions
    kind = place.get("kind", found[-1].kind)
    return next((one for one in found if one.kind == kind), found[-1])


def map_of(place: Place) -> tuple[tuple[Token, ...], tuple[Token, ...], np.ndarray]:
    """(row tokens, column tokens, weights [row, column]) of the head that is looked at. Refused: there is none."""
    attention = attention_of(place)
    layers, heads = attention.weights.shape[:2]
    start = (
        dict(state.most_decisive_head(encoding_of(place).request, attention.kind)) if "head" not in place.values else {}
    )
    layer, head = place.whole("layer", start.get("layer")), place.get("head", str(start.get("head", "")))
    if not (0 <= layer < layers and (head == "mean" or (head.isdecimal() and int(head) < heads))):
        raise Refused(f"There are {layers} layers and {heads} heads, counted from 0 in the address.")
    shown = Display(place.get("units", "pieces"), place.get("special", "show"))  # type: ignore[arg-type]
    return one_map(attention, shown, layer, head if head == "mean" else int(head))


def at(place: Place, name: str, tokens: tuple[Token, ...]) -> int:
    """Where a token stands that the place names by its number or its text. Refused: nowhere."""
    said = place.needed(name)
    if said.isdecimal() and int(said) < len(tokens):
        return int(said)
    found = next((i for i, token in enumerate(tokens) if token.text.casefold() == said.casefold()), None)
    if found is None:
        raise Refused(f"The text has no token {said[:40]!r}.")
    return found


@measure(HEADS, "strongest", told=("row",))
def strongest(place: Place) -> str:
    """The token that a row takes most from."""
    rows, columns, weights = map_of(place)
    return columns[int(weights[at(place, "row", rows)].argmax())].text


def tokens(place: Place) -> tuple[str, ...]:
    """The tokens that a row can look at, each once."""
    return tuple(dict.fromkeys(token.text for token in map_of(place)[1]))


@measure(HEADS, "weight", told=("row", "column"), unit="%")
def weight(place: Place) -> float:
    """What a row takes from a column."""
    rows, columns, weights = map_of(place)
    return PERCENT * float(weights[at(place, "row", rows), at(place, "column", columns)])


@measure(HEADS, "row sum", told=("row",), unit="%")
def row_sum(place: Place) -> float:
    """What a row takes in all."""
    rows, _, weights = map_of(place)
    return PERCENT * float(weights[at(place, "row", rows)].sum())


@measure(HEADS, "ahead", unit="%")
def ahead(place: Place) -> float:
    """What rows take from later tokens, on average."""
    _, _, weights = map_of(place)
    return PERCENT * float(np.triu(weights, 1).sum() / len(weights))


def of_head(name: str) -> Callable[[Place], float]:
    """One of the measures of the table of heads, of the head that is looked at."""

    def answer(place: Place) -> float:
        attention = attention_of(place)
        map_of(place)  # refuses a head that there is not
        found = measures(attention).get(name)
        if found is None or place.get("head") == "mean":
            raise Refused(f"{MEASURES[name][0]} is not measured here. Choose a head of self-attention.")
        start = dict(state.most_decisive_head(encoding_of(place).request, attention.kind))
        layer, head = place.whole("layer", start["layer"]), place.whole("head", start["head"])
        return float(found[layer, head]) * (PERCENT if name in IN_PERCENT else 1)

    return answer


@measure(HEADS, "cells")
def cells(place: Place) -> float:
    """How many weights a map has."""
    attention = attention_of(place)
    return float(len(attention.queries) * len(attention.keys))


@measure(HEADS, "maps")
def maps(place: Place) -> float:
    """How many heads the model has, all kinds together."""
    return float(sum(np.prod(one.weights.shape[:2]) for one in encoding_of(place).attentions))


@measure(HEADS, "kinds of attention")
def kinds(place: Place) -> float:
    """How many kinds of attention the model has."""
    return float(len(encoding_of(place).attentions))


@measure(HEADS, "tokens")
def token_count(place: Place) -> float:
    """How many tokens the model reads."""
    return float(len(encoding_of(place).tokens))


@measure(HEADS, "output")
def output(place: Place) -> str:
    """What an encoder-decoder writes."""
    return encoding_of(place).output


@measure(HEADS, "output changed")
def output_changed(place: Place) -> float:
    """1 where the edit of the address changes what is written, else 0."""
    plain = {name: some for name, some in place.values.items() if name not in ("off", "mask", "temperature", "scaled")}
    return float(output(place) != output(Place(place.page, plain)))


@measure(HEADS, "next word")
def next_word(place: Place) -> str:
    """The likeliest word where the model predicts."""
    best = encoding_of(place).predictions
    if not best:
        raise Refused("This model predicts nothing here.")
    return best[-1].choices[0].text


@measure(HEADS, "next chance", told=("word",), unit="%")
def next_chance(place: Place) -> float:
    """The probability of a word there, if it is among those that are shown."""
    best = encoding_of(place).predictions
    word = place.needed("word").casefold()
    if not best:
        raise Refused("This model predicts nothing here.")
    return PERCENT * sum(one.probability for one in best[-1].choices if one.text.strip().casefold() == word)


@measure(HEADS, "head effect", unit="points")
def head_effect(place: Place) -> float:
    """How far the probability of the answer falls without the head."""
    effects = ask(HeadEffectsRequest(text_request(place)))
    kind, layer, head = attention_of(place).kind, place.whole("layer"), place.whole("head")
    of = next(one for one in effects.heads if one.kind == kind)
    return PERCENT * float(of.change[layer, head, list(effects.asked)].mean())


@measure(HEADS, "most important head")
def most_important(place: Place) -> str:
    """The head without which the answer falls most, as kind layer.head."""
    effects = ask(HeadEffectsRequest(text_request(place)))
    best = ("", -np.inf)
    for of in effects.heads:
        change = of.change[:, :, list(effects.asked)].mean(-1)
        layer, head = np.unravel_index(int(change.argmax()), change.shape)
        if change[layer, head] > best[1]:
            best = (f"{of.kind} {of.numbers[layer] + 1}.{head + 1}", float(change[layer, head]))
    return best[0]


@measure(HEADS, "rests on", told=("by",))
def rests_on(place: Place) -> str:
    """The token that an answer rests on most."""
    request = text_request(place)
    guess = ask(AttributionRequest(request, encoding_of(place).predictions[-1].position))
    method = place.get("by", "occlusion").casefold()
    found = next((one for one in guess.methods if one.name.casefold().startswith(method)), None)
    if found is None:
        raise Refused(f"by is one of: {', '.join(one.name for one in guess.methods)}.")
    return guess.tokens[int(np.argmax(found.scores))].text


def layer_number(place: Place) -> float:
    return float(layer_numbers(attention_of(place))[place.whole("layer")] + 1)


for _name, (_title, _what) in MEASURES.items():
    _says = f"Of the head that is looked at: {_title.lower()}, {_what}"
    HEADS[_name] = Measure("number", _says, of_head(_name), unit=PERCENT_SIGN if _name in IN_PERCENT else "")
