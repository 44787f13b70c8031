"""Measures by formula, or of a model that was cut: scale, masks, positions, losses, what compression costs."""

from __future__ import annotations

import math

import numpy as np

from core.engine import ask
from core.requests import Compression, CompressionRequest, Edit, RecurrentStepsRequest, TextRequest
from core.types import Refused
from ui import state
from ui.lessons.heads import PERCENT
from ui.lessons.place import Measure, Place, measure, text_request

MECHANISM: dict[str, Measure] = {}


@measure(MECHANISM, "greatest of ten", told=("d", "divide"), unit="%")
def largest(place: Place) -> float:
    """The greatest of ten weights for random queries and keys of width d."""
    from core.measures.inside import draws

    return PERCENT * draws(place.whole("d", 64, 1, 1024), scaled=place.get("divide", "true") == "true").greatest


@measure(MECHANISM, "mask share", told=("masked", "words", "window"), unit="%")
def mask_share(place: Place) -> float:
    """The share of pairs that a mask lets through."""
    from core.measures.inside import MASKS, allowed

    kind = place.get("masked", "local")
    if kind not in MASKS:
        raise Refused(f"masked is one of: {', '.join(MASKS)}.")
    sizes = {
        name: place.whole(name, least=int(name == "stride"))
        for name in ("window", "stride", "first", "padding")
        if name in place.values
    }
    return PERCENT * float(allowed(kind, place.whole("words", 10, 1), **sizes).mean())


@measure(MECHANISM, "shuffle difference", told=("words", "positions"))
def shuffled(place: Place) -> float:
    """By how much a map changes when words are shuffled and put back."""
    from core.analyses.by_hand import WIDTH, words_of
    from core.measures.inside import embedded, layer, made_up

    words = words_of(place.get("words", "The cat sat on the mat."))
    positions = place.get("positions", "false") == "true"
    q, k, v, o = (made_up(WIDTH, seed) for seed in range(1, 5))
    order = np.roll(np.arange(len(words)), 1)
    moved = tuple(words[i] for i in order)
    before, after = (
        layer(embedded(some, WIDTH, positions=positions), (q, k, v, o), 1).weights[0] for some in (words, moved)
    )
    back = np.argsort(order)
    return float(np.abs(after[np.ix_(back, back)] - before).max())


@measure(MECHANISM, "position length", told=("p", "d"))
def position_length(place: Place) -> float:
    """The square of the length of a sinusoidal position."""
    from core.measures.positions import sinusoidal

    row = sinusoidal(place.whole("p", 3) + 1, place.whole("d", 64, 2), place.number("base", 10_000, 2))[-1]
    return float(row @ row)


@measure(MECHANISM, "position product", told=("p", "k", "d"))
def position_product(place: Place) -> float:
    """The product of positions p and p + k."""
    from core.measures.positions import sinusoidal

    p, k = place.whole("p", 3), place.whole("k", 8)
    table = sinusoidal(p + k + 1, place.whole("d", 64, 2), place.number("base", 10_000, 2))
    return float(table[p] @ table[p + k])


@measure(MECHANISM, "longest wave", told=("d", "base"), unit="tokens")
def longest_wave(place: Place) -> float:
    """The longest wavelength of sinusoidal positions."""
    from core.measures.positions import wavelengths

    return float(wavelengths(place.whole("d", 64, 2), place.number("base", 10_000, 2))[-1])


@measure(MECHANISM, "local keys", told=("window",))
def local_keys(place: Place) -> float:
    """How many tokens a window lets a word see."""
    return 2.0 * place.whole("window", 2) + 1


@measure(MECHANISM, "pairs share", told=("method", "n", "window"), unit="%")
def pairs_share(place: Place) -> float:
    """The share of pairs that a cheaper method multiplies."""
    from core.measures.costs import pairs
    from core.measures.efficient import MethodSettings

    n = place.whole("n", 512, 1)
    return PERCENT * pairs(place.get("method", "local"), n, MethodSettings(window=place.whole("window", 10))) / n**2


@measure(MECHANISM, "guessing loss", told=("n",), unit="nats")
def guessing_loss(place: Place) -> float:
    """The contrastive loss of one who guesses among n."""
    return math.log(place.whole("n", 8, 1))


@measure(MECHANISM, "right share", told=("n", "scale"), unit="%")
def right_share(place: Place) -> float:
    """What the right one of n gets with cosine .3 against 0."""
    n, scale = place.whole("n", 4, 1), place.number("scale", 1 / 0.07, 0, 1000)
    return PERCENT / (1 + (n - 1) * math.exp(-0.3 * scale))


@measure(MECHANISM, "score parameters")
def score_parameters(place: Place) -> float:
    """How many parameters a recurrent translator's score has."""
    return float(ask(RecurrentStepsRequest(text_request(place))).parameters)


# --- what is cut ------------------------------------------------------------------------------------------------------


def cut_of(place: Place) -> Compression:
    what = place.get("what", "Prune")
    if what == "Prune":
        return Compression(
            pruned=place.number("share", 30, 0, 99) / 100,
            scope="global" if place.get("scope") == "smallest of all" else "layer",
        )
    if what == "Fewer bits":
        each = place.get("scale") == "one scale a channel"
        return Compression(bits=place.whole("bits", 4), per_channel=each)
    return Compression(int8=True)


def compressed(place: Place, cut: Compression):
    return ask(CompressionRequest(text_request(place), cut))


@measure(MECHANISM, "loss rise", unit="nats")
def loss_rise(place: Place) -> float:
    """By how much the loss rises with this cut."""
    whole, after = compressed(place, Compression()).loss, compressed(place, cut_of(place)).loss
    return after - whole


@measure(MECHANISM, "output after")
def output_after(place: Place) -> str:
    """What the cut model writes."""
    return compressed(place, cut_of(place)).encoding.output


@measure(MECHANISM, "size share", unit="%")
def size_share(place: Place) -> float:
    """How large the cut model's file is, beside the whole one's."""
    return PERCENT * compressed(place, cut_of(place)).megabytes / compressed(place, Compression()).megabytes


@measure(MECHANISM, "heads loss", told=("off",), unit="nats")
def heads_loss(place: Place) -> float:
    """By how much the loss rises with these heads off."""
    from core.analyses.surgery import loss

    request = text_request(place)
    if request.edit is None or not request.edit.heads_off:
        return 0.0
    return loss(request.model, request.language, request.edit.heads_off) - loss(request.model, request.language, ())


@measure(MECHANISM, "heads off")
def heads_off(place: Place) -> float:
    """How many heads are off."""
    request = text_request(place)
    return float(len(request.edit.heads_off) if request.edit else 0)


@measure(MECHANISM, "softened", told=("temperature",), unit="%")
def softened(place: Place) -> float:
    """The share of the better of two answers, logits 4 and 2, at a temperature."""
    heat = place.number("temperature", 1.0, 0.01, 100)
    return PERCENT / (1 + math.exp(-2 / heat))


@measure(MECHANISM, "answer without mask")
def without_mask(place: Place) -> float:
    """1 where the next word changes without the causal mask, else 0."""
    request = text_request(place)
    plain = TextRequest(request.model, request.text)
    freed = TextRequest(request.model, request.text, edit=Edit(mask="none"))
    first, second = (state.answered(one).predictions[-1].choices[0].text for one in (plain, freed))
    return float(first != second)
