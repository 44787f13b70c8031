"""Curves that take many passes: the loss as heads go in some order, and as weights go; with progress, to be stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.analyses.surgery import HeadName, cut_loss, encoded_by, heads_of, importance, loss, small_set
from core.cache import Cancelled, Shared, whole
from core.measures import surgery
from core.measures.attention import measures
from core.measures.surgery import BITS, Compression
from core.requests import TextRequest
from core.store.opening import open_model

#: How heads are put in order -> (title, what it says).
ORDERS = {
    "gradient": ("Gradient", "least first, by how much the loss would move if the head were scaled: one pass back"),
    "alone": ("One by one", "least first, by the loss with that head alone off: a pass a head"),
    "greedy": ("Greedy", "at every step the head goes without which the loss is least: passes grow with the square"),
    "entropy": ("Spread out first", "heads with the highest entropy first: they decide least"),
    "chance": ("By chance", "a fixed chance order, to compare with"),
}
POINTS = 19  # of a curve
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MOST_BYTES = 20_000_000

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class HeadsCurve:
    """An order in which heads go, and the loss on the way."""

    order: tuple[HeadName, ...]
    points: Points  # (how many are off, loss)


_CURVES = Shared(MOST_BYTES, lambda value: 10_000)


def heads_curve(
    name: str,
    language: str,
    how: str,
    kind: str = "",
    progress: Callable[[str, int, int, Points], None] | None = None,
    cancelled: Cancelled | None = None,
) -> HeadsCurve:
    """The curve of one order over the heads of a kind ('': of all), made once and kept.

    progress(what is being done, done, of, points so far) is called in the caller's thread; when that raises, or all
    who wait have left, the work stops. What passes found is remembered, so starting again goes on from there.
    """
    key = ("heads", name, language, how, kind, open_model(name).revision)

    def make(report, stopped: Cancelled) -> HeadsCurve:
        return whole(_heads_curve(name, language, how, kind, report, stopped), stopped)

    return _CURVES.get(key, make, progress, cancelled)


def _heads_curve(name: str, language: str, how: str, kind: str, report, stopped: Cancelled) -> HeadsCurve:
    def lost(off: tuple[HeadName, ...]) -> float:
        return loss(name, language, off)

    heads = tuple(head for head in heads_of(name, language) if kind in ("", head[0]))
    if how == "greedy":
        whole = lost(())

        def tell(done: int, of: int, order: tuple, losses: tuple) -> None:
            report("step by step", done, of, tuple(enumerate((whole, *losses))))

        order, losses = surgery.greedy(heads, lost, tell, stopped)
        return HeadsCurve(order, tuple(enumerate((whole, *losses))))
    order = order_of(name, language, how, heads, lambda done, of: report("head by head", done, of, ()), stopped)
    found = surgery.curve(order, lost, POINTS, lambda d, of, so_far: report("point by point", d, of, so_far), stopped)
    return HeadsCurve(order, found)


def order_of(name: str, language: str, how: str, heads: tuple[HeadName, ...], report, stopped) -> tuple[HeadName, ...]:
    """The heads in an order of ORDERS other than greedy."""
    if how == "chance":
        return surgery.shuffled(heads)
    if how == "alone":
        found = surgery.one_by_one(heads, lambda off: loss(name, language, off), report, stopped)
        return surgery.ranked(found)
    if how == "entropy":
        spread = spread_of(name, language)
        return surgery.ranked({head: -spread[head] for head in heads})
    worth = importance(name, language)
    return surgery.ranked({head: worth[head] for head in heads})


def spread_of(name: str, language: str) -> dict[HeadName, float]:
    """Entropy of each head in bits, over a sentence of the small set."""
    english, french = small_set()[0]
    opened = open_model(name)
    target = french if opened.card.family == "encoder-decoder" else ""
    encoding = encoded_by(opened, TextRequest(name, english, target=target, language=language))
    return {
        (attention.kind, layer, head): float(value)
        for attention in encoding.attentions
        for layer, row in enumerate(measures(attention)["entropy"])
        for head, value in enumerate(row)
    }


#: The curves of the weights: title -> (x, cut) of every point.
WEIGHTS: dict[str, dict[str, tuple[tuple[float, Compression], ...]]] = {
    "Prune": {
        "in every matrix": tuple((share, Compression(pruned=share)) for share in SHARES),
        "over all matrices": tuple((share, Compression(pruned=share, scope="global")) for share in SHARES),
    },
    "Fewer bits": {
        "one scale a matrix": tuple((bits, Compression(bits=bits)) for bits in BITS),
        "one scale a channel": tuple((bits, Compression(bits=bits, per_channel=True)) for bits in BITS),
    },
}


def weights_curves(
    name: str,
    language: str,
    what: str,
    progress: Callable[[str, int, int, dict[str, Points]], None] | None = None,
    cancelled: Cancelled | None = None,
) -> dict[str, Points]:
    """{title: (x, loss)} of a cut of WEIGHTS, made once and kept; progress as in heads_curve."""
    key = ("weights", name, language, what, open_model(name).revision)

    def make(report, stopped: Cancelled) -> dict[str, Points]:
        return whole(_weights_curves(name, language, what, report, stopped), stopped)

    return _CURVES.get(key, make, progress, cancelled)


def _weights_curves(name: str, language: str, what: str, report, stopped: Cancelled) -> dict[str, Points]:
    found: dict[str, Points] = {title: () for title in WEIGHTS[what]}
    todo = [(title, x, cut) for title, line in WEIGHTS[what].items() for x, cut in line]
    for done, (title, x, cut) in enumerate(todo, start=1):
        if stopped():
            break
        found[title] = (*found[title], (x, cut_loss(name, language, cut)))
        report("copy by copy", done, len(todo), dict(found))
    return found
