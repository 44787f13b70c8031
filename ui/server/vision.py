"""What the patches component asks of the server: maps and relevance by name."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Literal

import numpy as np

from core.analyses.patch_maps import far, rolled
from core.engine import ask
from core.measures.patches import FUSIONS, Fusion
from core.requests import ImageRequest, RelevanceRequest
from core.types import Refused
from ui.components.patches.message import coded, layer_maps

MOST_BYTES = 2_500_000  # of one layer's maps
FLOATS = "<f4"


def request_of(body: dict) -> ImageRequest:
    """The request that a browser names; Refused names the field that does not fit."""
    given = body.get("request")
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) for name in ("model", "image")):
        raise Refused("A request needs a model and an image.")
    if given.get("fit", "model") not in ("model", "whole"):
        raise Refused("A picture is read as the model learned it, or whole.")
    return ImageRequest(given["model"], given["image"], given.get("fit", "model"))


def number(body: dict, name: str, low: float, high: float) -> float:
    value = body.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(f"{name} is to be a number from {low:g} to {high:g}.")
    return value


def fusion_of(body: dict) -> Fusion:
    fusion = body.get("fusion")
    if fusion not in FUSIONS:
        raise Refused(f"Fusion {str(fusion)[:20]!r} is unknown: choose {', '.join(FUSIONS)}.")
    return fusion


def maps(body: dict) -> bytes:
    """The maps of a layer or of one head in 8 bits, rollout in 16, distances as float32: what `body` names."""
    what, encoding = body.get("what"), ask(request_of(body))
    weights = encoding.attentions[0].weights
    if what in ("layer", "head"):
        layer = int(number(body, "layer", 0, weights.shape[0] - 1))
        head: int | Literal["mean"] | None = None
        if what == "head":
            named = body.get("head") == "mean"
            head = "mean" if named else int(number(body, "head", 0, weights.shape[1] - 1))
        elif weights.shape[1] * weights.shape[2] * weights.shape[3] > MOST_BYTES:
            raise Refused("A layer of this model is too much for one message: ask for one head at a time.")
        return layer_maps(weights, layer, head)
    if what == "distances":
        return far(encoding.request).astype(FLOATS).tobytes()
    if what == "rollout":
        settings = number(body, "discard", 0, 0.99), number(body, "residual", 0, 0.95)
        return coded(rolled(encoding.request, fusion_of(body), *settings), 16)
    raise Refused("There are maps of a layer or a head, rollout and distances.")


async def relevance_lines(body: dict) -> AsyncIterator[str]:
    """Lines of JSON: {done, total} while it lasts, then {row} or {advice}; ends with the browser's patience."""
    gone, news = threading.Event(), [(0, 0)]

    def work() -> np.ndarray:
        label = int(number(body, "label", 0, 1e7))
        return ask(RelevanceRequest(request_of(body), label), lambda *told: news.__setitem__(0, told[:2]), gone.is_set)

    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        told = (0, 0)
        while not (await asyncio.wait({task}, timeout=0.1))[0]:
            if news[0] != told:
                told = news[0]
                yield json.dumps({"done": told[0], "total": told[1]}) + "\n"
        yield json.dumps({"row": [float(f"{value:.4g}") for value in task.result()]}) + "\n"
    except Refused as refusal:
        yield json.dumps({"advice": str(refusal)}) + "\n"
    finally:
        gone.set()
