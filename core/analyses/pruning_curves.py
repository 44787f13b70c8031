"""Curves that take many passes: the loss as heads go in some order, and as weights go; with progress, to be stopped."""

from __future__ import annotations

from dataclasses import dataclass

from core.analyses.surgery import HeadName, cut_loss, encoded_by, heads_of, importance, loss, small_set
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.measures import surgery
from core.measures.attention import measures
from core.requests import BITS, Compression, HeadsCurveRequest, TextRequest, WeightsCurvesRequest
from core.store.opening import open_model
from core.types import Refused

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

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class HeadsCurve:
    """An order in which heads go, and the loss on the way."""

    order: tuple[HeadName, ...]
    points: Points  # (how many are off, loss)


def heads_curve(request: HeadsCurveRequest, progress: Progress = silent, cancelled: Cancelled = never) -> HeadsCurve:
    """The curve of one order over the heads of a kind.

    progress(done, of, what is being done, points so far). What passes found is kept, so that starting again after a
    stop goes on from there.
    """
    found = _heads_curve(request, progress, cancelled)
    raise_if_cancelled(cancelled)
    return found


def _heads_curve(request: HeadsCurveRequest, progress: Progress, cancelled: Cancelled) -> HeadsCurve:
    name, language, how, kind = request.model, request.language, request.order, request.kind

    def lost(off: tuple[HeadName, ...]) -> float:
        return loss(name, language, off)

    heads = tuple(head for head in heads_of(name, language) if kind in ("", head[0]))
    if how == "greedy":
        whole = lost(())

        def tell(done: int, of: int, order: tuple, losses: tuple) -> None:
            progress(done, of, "step by step", tuple(enumerate((whole, *losses))))

        order, losses = surgery.greedy(heads, lost, tell, cancelled)
        return HeadsCurve(order, tuple(enumerate((whole, *losses))))
    order = order_of(name, language, how, heads, lambda done, of: progress(done, of, "head by head", ()), cancelled)
    point = lambda done, of, so_far: progress(done, of, "point by point", so_far)  # noqa: E731
    found = surgery.curve(order, lost, POINTS, point, cancelled)
    return HeadsCurve(order, found)


def order_of(
    name: str, language: str, how: str, heads: tuple[HeadName, ...], progress: Progress, cancelled: Cancelled
) -> tuple[HeadName, ...]:
    """The heads in an order of ORDERS other than greedy."""
    if how == "chance":
        return surgery.shuffled(heads)
    if how == "alone":
        found = surgery.one_by_one(heads, lambda off: loss(name, language, off), progress, cancelled)
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
    target = french if "two stacks" in opened.family else ""
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
    request: WeightsCurvesRequest, progress: Progress = silent, cancelled: Cancelled = never
) -> dict[str, Points]:
    """{title: (x, loss)} of a cut of WEIGHTS; progress as in heads_curve."""
    name, language, what = request.model, request.language, request.cut
    if what not in WEIGHTS:
        raise Refused(f"{what[:40]!r} is no way to cut weights: choose {' or '.join(WEIGHTS)}.")
    found: dict[str, Points] = {title: () for title in WEIGHTS[what]}
    todo = [(title, x, cut) for title, line in WEIGHTS[what].items() for x, cut in line]
    for done, (title, x, cut) in enumerate(todo, start=1):
        raise_if_cancelled(cancelled)
        found[title] = (*found[title], (x, cut_loss(name, language, cut)))
        progress(done, len(todo), "copy by copy", dict(found))
    return found
