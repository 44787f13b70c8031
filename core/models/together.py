"""Texts of one length that wait for the same model are read in one pass; each asks for itself and gets its own part."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from core.capture.on_demand import ScoreInputs
from core.capture.recording import Map, recording
from core.device import at_once
from core.models.calling import called

MOST_TOKENS = 1_024  # of texts that are read together on a CPU
Inputs = dict[str, Tensor]


@dataclass(eq=False)
class _Asked:
    """One text in the line of a model."""

    way: object  # texts of the same way may be read in one pass
    inputs: Inputs  # each [1, token]
    found: tuple[Any, list[Map]] | None = None
    error: Exception | None = None
    done: bool = False


@dataclass(eq=False)
class _Line:
    """Those who wait for one model; one of them runs it for all of its kind."""

    change: threading.Condition = field(default_factory=threading.Condition)
    waiting: list[_Asked] = field(default_factory=list)
    busy: bool = False


_LINES: WeakKeyDictionary[Any, _Line] = WeakKeyDictionary()
_LOCK = threading.Lock()


def read_together(model: Any, run: Callable[..., Any], how: object, inputs: Inputs, *, keep: bool) -> tuple[Any, list]:
    """(the model's output, its maps) for one text, a batch of one, read in the same pass as others that wait meanwhile.

    run(**inputs): the pass, the same for all that say the same of `how`. No text is padded: what a model makes of it
    may depend on that, so only those of one length are read together. Nobody waits for others to come.
    """
    with _LOCK:
        line = _LINES.setdefault(model, _Line())
    shape = tuple((name, tensor.shape[1]) for name, tensor in sorted(inputs.items()))
    mine = _Asked((how, keep, shape), inputs)
    with line.change:
        line.waiting.append(mine)
        while line.busy and not mine.done:
            line.change.wait()
        if not mine.done:
            line.busy = True
            batch = _taken(line, mine)
    if not mine.done:
        try:
            _answer(model, run, batch, keep=keep)
        finally:
            with line.change:
                line.busy = False
                line.change.notify_all()
    if mine.error is not None:
        raise mine.error
    assert mine.found is not None
    return mine.found


def _taken(line: _Line, first: _Asked) -> list[_Asked]:
    """The one and those that can be read with it, taken out of the line."""
    tokens = next(iter(first.inputs.values())).numel()
    most = max(1, at_once(MOST_TOKENS, str(next(iter(first.inputs.values())).device)) // tokens)
    alike = [one for one in line.waiting if one is not first and one.way == first.way][: most - 1]
    batch = [first, *alike]
    line.waiting = [one for one in line.waiting if one not in batch]
    return batch


def _answer(model: Any, run: Callable[..., Any], batch: Sequence[_Asked], *, keep: bool) -> None:
    """Gives each of a batch its output and maps, or its error: what fails together is tried one by one."""
    try:
        given = {name: torch.cat([one.inputs[name] for one in batch]) for name in batch[0].inputs}
        # The pass is made in the thread of one for others, whose own surroundings do not matter to it.
        with torch.inference_mode(), recording(keep=keep) as maps, called(model):
            output = run(**given)
        parts = parts_of(output, maps, len(batch))
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
        else:
            for one in batch:
                _answer(model, run, [one], keep=keep)
    else:
        for one, part in zip(batch, parts, strict=True):
            one.found = part
    for one in batch:
        one.done = True


def parts_of(output: Any, maps: Sequence[Map], count: int) -> list[tuple[Any, list[Map]]]:
    """(output, maps) of each text of a pass, as if read alone. ValueError: a map is not of so many texts."""
    if count == 1:
        return [(output, list(maps))]
    for one in maps:
        held = one.weights if one.weights is not None else one.recipe.query if one.recipe is not None else None
        if held is None or held.shape[0] != count:
            raise ValueError("these maps are not text by text")
    return [(_part(output, place, count), [_map(one, place) for one in maps]) for place in range(count)]


def _part(output: Any, place: int, count: int) -> Any:
    """The output with the part of one text of each tensor; what is not a tensor of all texts is left out."""
    mine = {
        name: _alone(value, place)
        for name, value in output.items()
        if isinstance(value, Tensor) and value.ndim and value.shape[0] == count
    }
    return type(output)(**mine)


def _map(one: Map, place: int) -> Map:
    weights = None if one.weights is None else _alone(one.weights, place)
    recipe = one.recipe
    if recipe is not None:
        recipe = _recipe(recipe, place)
    return dataclasses.replace(one, weights=weights, recipe=recipe)


def _recipe(recipe: ScoreInputs, place: int) -> ScoreInputs:
    def mine(part: Tensor | None) -> Tensor | None:
        return part if part is None or part.shape[0] == 1 else _alone(part, place)

    added = tuple(part if part.shape[0] == 1 else _alone(part, place) for part in recipe.added)
    query, key = _alone(recipe.query, place), _alone(recipe.key, place)
    return dataclasses.replace(
        recipe, query=query, key=key, added=added, hidden=mine(recipe.hidden), sink=mine(recipe.sink)
    )


def _alone(tensor: Tensor, place: int) -> Tensor:
    """One text's part, a copy: a view would keep all others' alive."""
    return tensor[place : place + 1].clone()
