"""A run of a decoder as a small file: tokens and what was expected behind each, to be played back without a model."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

from core.measures.sampling import Candidate, Distributions, Place
from core.requests import TextRequest
from core.types import Refused, Token

FORM = "gaze run 1"
MOST_BYTES = 4_000_000
MOST_TOKENS = 512
LONGEST = 200  # letters of a piece
BROKEN = "This file is no run that Gaze saved: {}. Save one with Save this run, on this page."


@dataclass(frozen=True, slots=True)
class Run:
    """What was written, and how."""

    model: str
    how: str  # it was chosen, in words
    found: Distributions

    def until(self, count: int) -> Distributions:
        """What there was to see after so many tokens."""
        places = self.found.places[:count]
        after = self.found.tokens[count].id if count < len(self.found.tokens) else self.found.next
        last = replace(places[-1], followed=None)
        return replace(self.found, tokens=self.found.tokens[:count], places=(*places[:-1], last), next=after)


def run_of(request: TextRequest, found: Distributions, how: str) -> Run:
    return Run(request.model, how, found)


def write_run(run: Run) -> str:
    """The run as JSON; read_run gives it back."""
    found = run.found
    places = [
        {
            "entropy": round(place.entropy, 4),
            "allowed": place.allowed,
            "followed": place.followed and [round(place.followed[0], 6), place.followed[1]],
            "candidates": [[c.text, c.id, round(c.share, 6), round(c.left, 6)] for c in place.candidates],
        }
        for place in found.places
    ]
    written = {
        "form": FORM,
        "model": run.model,
        "how": run.how,
        "given": found.given,
        "next": found.next,
        "ends": found.ends,
        "ended": found.ended,
        "perplexity": found.perplexity,
        "tokens": [[token.text, token.id, token.word, token.special] for token in found.tokens],
        "places": places,
    }
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def read_run(raw: bytes) -> Run:
    """The run that write_run wrote. Refused says what is wrong with a file; nothing in it is trusted."""
    if len(raw) > MOST_BYTES:
        raise Refused(f"This file has {len(raw) / 1e6:,.0f} MB; a run has at most {MOST_BYTES / 1e6:.0f}.")
    try:
        said = json.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise Refused(BROKEN.format("it is no JSON")) from error
    if not isinstance(said, dict) or said.get("form") != FORM:
        raise Refused(BROKEN.format("it does not begin as one"))
    try:
        found = _found(said)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise Refused(BROKEN.format("something in it is missing or of another kind")) from error
    return Run(str(said.get("model", ""))[:LONGEST], str(said.get("how", ""))[:LONGEST], found)


def _found(said: dict[str, Any]) -> Distributions:
    tokens = tuple(Token(str(t)[:LONGEST], int(i), int(w), bool(s)) for t, i, w, s in said["tokens"])
    places = tuple(_place(one) for one in said["places"])
    given = int(said["given"])
    if not 0 < len(tokens) <= MOST_TOKENS or len(places) != len(tokens) or not 0 < given <= len(tokens):
        raise ValueError("tokens and places do not meet")
    perplexity = said["perplexity"]
    ends = bool(said["ends"]), bool(said["ended"])
    return Distributions(
        tokens, places, given, int(said["next"]), *ends, None if perplexity is None else float(perplexity)
    )


def _place(said: dict[str, Any]) -> Place:
    candidates = tuple(
        Candidate(str(t)[:LONGEST], int(i), _share(share), _share(left)) for t, i, share, left in said["candidates"]
    )
    if not candidates or not math.isfinite(float(said["entropy"])):
        raise ValueError("a place without candidates")
    followed = said["followed"] and (_share(said["followed"][0]), int(said["followed"][1]))
    return Place(candidates, float(said["entropy"]), int(said["allowed"]), followed or None)


def _share(said: Any) -> float:
    share = float(said)
    if not 0 <= share <= 1:
        raise ValueError("no share")
    return share
