"""Activation patching: what each head and each layer carries from a clean text into a corrupted one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor, nn

from core.analyses.head_effects import MOST_PLACES, answer_of, batch_size, in_turn, places_asked, sides
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.capture.recording import Change, recording
from core.capture.stacking import size_of
from core.models.layers import with_hooks
from core.models.one_pass import OnePass, pass_over
from core.models.predicting import predicts_words, shown_piece
from core.requests import PatchingRequest
from core.types import Refused, Token

LEAST = 1e-3  # of a difference between two logits: below it there is nothing to bring back


@dataclass(frozen=True, slots=True, eq=False)
class Patched:
    """How much of the difference between two answers comes back: 0 nothing, 1 all, below 0 the other way.

    (logit difference patched - corrupted) / (clean - corrupted), after Wang et al. (2022); the difference is between
    the piece that the clean text leads to and the one that the corrupted text leads to.
    """

    clean: tuple[Token, ...]
    corrupted: tuple[Token, ...]
    place: int  # where both are asked
    answers: tuple[str, str]  # what the clean text leads to, what the corrupted one
    difference: tuple[float, float]  # logit of the first less that of the second: in the clean text, the corrupted
    numbers: tuple[int, ...]  # the model's own numbers of the layers that attend, from 0
    heads: np.ndarray  # [layer, head]: the head's output at every place taken from the clean text
    stream: np.ndarray  # [layer, place]: what a layer hands on at one place taken from the clean text


def patched(request: PatchingRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Patched:
    """All heads, then all layers at all places. progress(done, in all); Stopped: cancelled() said so.

    Refused: texts of unlike length, one answer for both, a model that guesses nothing, a translator.
    """
    clean, dirty = pass_over(request.clean), pass_over(replace(request.clean, text=request.corrupted))
    place = same_place(clean, dirty)
    edit = request.clean.edit
    kept: dict[int, Tensor] = {}
    model, states = watched(clean)
    with recording(edit=edit, keep=False, change=keeping(kept)) as maps:
        whole = answer_of(clean, model=model)[0, place]
    with recording(layers=(), edit=edit):
        spoilt = answer_of(dirty)[0, place]
    best = int(whole.argmax()), int(spoilt.argmax())
    if best[0] == best[1]:
        word = shown_piece(clean.opened.tokenizer, best[0])
        raise Refused(
            f"Both texts lead to “{word}”: there is no other answer to bring back. Change a word that counts."
        )
    told = [float(one[best[0]] - one[best[1]]) for one in (whole, spoilt)]
    if told[0] - told[1] < LEAST:
        raise Refused("The two texts lead to answers that are as likely in one as in the other. Change another word.")

    def back(answers: Tensor) -> np.ndarray:
        found = (answers[:, place, best[0]] - answers[:, place, best[1]]).double().cpu().numpy()
        return np.asarray((found - told[1]) / (told[0] - told[1]))

    (layers,) = sides(maps).values()
    size, places = batch_size(whole[None].expand(len(clean.tokens), -1)), range(len(clean.tokens))
    total = sum(size_of(m)[0] for m in layers) + len(states) * len(places)
    done = 0

    def rows(count: int, run: Callable[[list[int]], Tensor]) -> np.ndarray:
        nonlocal done
        found = []
        for some in in_turn(count, size):
            raise_if_cancelled(cancelled)
            found.append(back(run(some)))
            done += len(some)
            progress(done, total)
        return np.concatenate(found)

    def by_head(number: int, some: list[int]) -> Tensor:
        with recording(layers=(), edit=edit, change=taken_over(kept, number, some)):
            return answer_of(dirty, len(some))

    def by_place(at: int, some: list[int]) -> Tensor:
        with recording(layers=(), edit=edit):
            return answer_of(dirty, len(some), handing_on(dirty, at, states[at], some))

    heads = [rows(size_of(one)[0], partial(by_head, one.number)) for one in layers]
    stream = [rows(len(places), partial(by_place, at)) for at in range(len(states))]
    names = tuple(shown_piece(clean.opened.tokenizer, one) for one in best)
    return Patched(
        clean.tokens,
        dirty.tokens,
        place,
        (names[0], names[1]),
        (told[0], told[1]),
        tuple(m.number for m in layers),
        np.stack(heads).astype(np.float32),
        np.stack(stream).astype(np.float32),
    )


def same_place(clean: OnePass, dirty: OnePass) -> int:
    """Where both texts are asked. Refused where they cannot be laid on each other, or nothing is guessed."""
    title = clean.opened.card.title
    if not predicts_words(clean.opened):
        raise Refused(f"{title} guesses no pieces of text. Choose a decoder or a masked model.")
    if clean.says == "target token":
        raise Refused(f"{title} writes a text of its own for each of the two. Choose a decoder or a masked model.")
    if len(clean.tokens) != len(dirty.tokens):
        raise Refused(
            f"The first text has {len(clean.tokens)} tokens for this model, the second {len(dirty.tokens)}: their "
            "places cannot be laid on each other. Change a word for one of as many pieces."
        )
    if len(clean.tokens) > MOST_PLACES:
        raise Refused(f"Your text has {len(clean.tokens):,} tokens; patching takes up to {MOST_PLACES}. Shorten it.")
    if clean.says == "next token":
        return len(clean.tokens) - 1
    mask = clean.opened.tokenizer.mask_token_id
    both = [places_asked(one) for one in (clean, dirty)]
    if any(one.tokens[places[0]].id != mask for one, places in zip((clean, dirty), both, strict=True) if places):
        raise Refused(f"{title} guesses hidden words. Write [MASK] for one, at the same place in both texts.")
    if not both[0] or both[0][0] != both[1][0]:
        raise Refused("The two texts hide words at different places. Write [MASK] at the same place in both.")
    return both[0][0]


def keeping(kept: dict[int, Tensor]) -> Change:
    """Keeps each layer's heads, [query, head, width], by the layer's own number."""

    def change(output: Tensor, _: str, number: int) -> Tensor:
        kept[number] = output[0].detach().clone()
        return output

    return change


def taken_over(kept: dict[int, Tensor], number: int, heads: Sequence[int]) -> Change:
    """In each text of a batch another head of one layer gives what it gave in the clean text."""

    def change(output: Tensor, _: str, at: int) -> Tensor:
        if at != number:
            return output
        output = output.clone()
        for row, head in enumerate(heads):
            output[row, :, head] = kept[number][:, head]
        return output

    return change


def watched(one: OnePass) -> tuple[Any, list[Tensor]]:
    """(the model, what each of its layers hands on once it has run, [place, width])."""
    found: list[Tensor] = []

    def hook(_module: nn.Module, _given: Any, output: Any) -> None:
        found.append((output[0] if isinstance(output, tuple) else output)[0].detach().clone())

    return with_hooks(one.opened, lambda _: hook), found


def handing_on(one: OnePass, number: int, state: Tensor, places: Sequence[int]) -> Any:
    """The model with one layer that hands on the clean text's state, at another place in each text of a batch."""

    def hook(_module: nn.Module, _given: Any, output: Any) -> Any:
        states = (output[0] if isinstance(output, tuple) else output).clone()
        for row, place in enumerate(places):
            states[row, place] = state[place]
        return (states, *output[1:]) if isinstance(output, tuple) else states

    return with_hooks(one.opened, lambda at: hook if at == number else None)
