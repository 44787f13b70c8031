"""Next token: what a decoder expects after every token, what it writes on, and what it keeps meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.measures.contrastive import softmax
from core.measures.inside import entropy
from core.measures.sampling import Candidate, Distributions, Place, cut, drawn
from core.models.predicting import shown_piece
from core.models.reading import positions_in
from core.models.writing import Steps, ends_of, logits_everywhere, writer
from core.requests import ContinuationRequest, DistributionsRequest, KeptRequest, Sampling, TextRequest
from core.types import Refused, Token

SHOWN = 12  # candidates of a place
MOST_PLACES = 512  # tokens over which distributions are shown
TIMED = 3  # steps whose median is said


@dataclass(frozen=True, slots=True)
class Continuation:
    """What was written on."""

    ids: tuple[int, ...]
    ended: str  # why it stopped: "count", "end" of the text, or "full"
    kept: int  # bytes of keys and values at the end; 0: the model read everything anew at each step
    seconds: float  # for all steps


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Keys and values between two steps."""

    tokens: tuple[Token, ...]
    given: int
    shape: tuple[int, int, int, int]  # layers, heads with keys of their own, tokens, width of a head
    bytes: int
    lengths: np.ndarray  # [2, layer, token]: the mean over heads of the lengths of keys, and of values
    with_kept: float  # seconds of one more step
    without: float  # seconds of the same step when everything is read anew


def distributions(request: DistributionsRequest) -> Distributions:
    """What a decoder expects after every token. Refused: a model that does not write on, no text, or too long a one."""
    opened, ids, tokens = writer(request.text)
    if len(ids) > MOST_PLACES:
        raise Refused(f"Your text has {len(ids):,} tokens; this page follows up to {MOST_PLACES}. Shorten it.")
    logits = logits_everywhere(request.text, opened, ids).cpu().numpy()
    places = []
    for place, row in enumerate(logits):
        follows = ids[place + 1] if place + 1 < len(ids) else None
        places.append(_place(opened.tokenizer, row, request.sampling, ids[: place + 1], follows))
    chosen = next_piece(logits[-1], request.sampling, ids)
    own = [p.followed[0] for p in places if p.followed]
    return Distributions(
        tokens=tokens,
        places=tuple(places),
        given=len(ids) - len(request.text.chosen),
        next=chosen,
        ends=chosen in ends_of(opened),
        ended=bool(request.text.chosen) and ids[-1] in ends_of(opened),
        perplexity=float(np.exp(-np.log(np.maximum(own, 1e-30)).mean())) if own else None,
    )


def _place(tokenizer, logits: np.ndarray, how: Sampling, before: list[int], follows: int | None) -> Place:
    shares, left = softmax(logits, -1), cut(logits, how, before)
    best = np.argsort(-shares, kind="stable")[:SHOWN].tolist()
    drawn_one = int(left.argmax())  # a penalty may lift what is not among the likeliest
    best = best if drawn_one in best else [*best[:-1], drawn_one]
    return Place(
        tuple(Candidate(shown_piece(tokenizer, i), i, float(shares[i]), float(left[i])) for i in best),
        float(entropy(shares)),
        int((left > 0).sum()),
        None if follows is None else (float(shares[follows]), int((shares > shares[follows]).sum()) + 1),
    )


def next_piece(logits: np.ndarray, how: Sampling, before: list[int]) -> int:
    """The piece that the settings choose behind these."""
    left = cut(logits, how, before)
    return drawn(left, how.seed, len(before))


def continued(request: ContinuationRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Continuation:
    """What a decoder writes on; progress(done, total, ids so far) is told at every token."""
    opened, ids, _ = writer(request.text)
    began, steps, ends = time.perf_counter(), Steps(request.text, opened), ends_of(opened)
    room = min(request.count, positions_in(opened.text_config) - len(ids))
    new: list[int] = []
    more, ended = list(ids), "count" if room == request.count else "full"
    while len(new) < room:
        raise_if_cancelled(cancelled)
        one = next_piece(steps(more).cpu().numpy(), request.sampling, [*ids, *new])
        new.append(one)
        progress(len(new), request.count, tuple(new))
        if one in ends:
            ended = "end"
            break
        more = [one]
    return Continuation(tuple(new), ended, steps.bytes, time.perf_counter() - began)


def kept_of(request: KeptRequest) -> Kept:
    """The keys and values kept after a text. Refused for a model, or an edit, that allows none."""
    opened, ids, tokens = writer(request.text)
    steps = Steps(request.text, opened)
    logits = steps(ids)
    if not steps.layers:
        raise Refused(
            f"{opened.card.title} keeps no keys and values here: each step reads the whole text anew. Set the mask to "
            "model, or choose another decoder."
        )
    layers = [tuple(part.clone() for part in layer) for layer in steps.layers]
    size = steps.bytes
    _, heads, count, width = layers[0][0].shape
    lengths = np.stack(
        [[layer[side][0].float().norm(dim=-1).mean(dim=0).cpu().numpy() for layer in layers] for side in (0, 1)]
    )
    one = int(logits.argmax())
    return Kept(
        tokens,
        len(ids) - len(request.text.chosen),
        (len(layers), heads, count, width),
        size,
        lengths.astype(np.float32),
        _seconds(lambda: steps([one])),
        _seconds(lambda: logits_everywhere(request.text, opened, [*ids, one])),
    )


def _seconds(step) -> float:
    found = []
    for _ in range(TIMED):
        began = time.perf_counter()
        step()
        found.append(time.perf_counter() - began)
    return sorted(found)[TIMED // 2]


def with_chosen(request: TextRequest, *more: int) -> TextRequest:
    """The same text with more tokens chosen behind it."""
    return replace(request, chosen=(*request.chosen, *more))
