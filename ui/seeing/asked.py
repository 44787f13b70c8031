"""What the picture of patches asks for once it is drawn: more maps, rollout, distances, and relevance with progress."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.figures.patches import coded, layer_maps
from core.gallery import gallery
from core.heads import mean_of_heads
from core.patches import distances, on_grid, rollout, share_of_patches, share_on
from core.pictures import true_mask
from core.serving import ENGINE
from core.shared import Shared, Stopped
from core.types import Choice, Encoding, ImageRequest, Refused

if TYPE_CHECKING:  # torch loads with the first model, not with the page
    from core.models.relevance import Curves

KEPT_BYTES = 64_000_000
MOST_BYTES = 2_500_000  # of one layer's maps
LONGEST_ROLLOUT = 1_500  # tokens; a product of square matrices a layer
FLOATS = "<f4"
SEVERAL = 24  # scenes that are averaged
SEED = 0  # of the order by chance
#: Maps that are tried against each other -> what they are called.
METHODS = {
    "raw": "Last layer",
    "rollout": "Rollout",
    "relevance": "Relevance",
    "random": "By chance",
}
_RELEVANCE = Shared(KEPT_BYTES, lambda row: row.nbytes)
_SEVERAL = Shared(1_000_000, lambda found: found.nbytes)
_CURVES = Shared(KEPT_BYTES, lambda found: 3 * found.shares.nbytes + 500)
# One at a time of each: more would only slow each other down, and a curve takes longer than a gradient may wait.
_GRADIENT, _CURVE = threading.Lock(), threading.Lock()


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


def maps(body: dict) -> bytes:
    """The maps of a layer or of one head in 8 bits, rollout in 16, distances as float32: what `body` names."""
    what, encoding = body.get("what"), ENGINE.ask(request_of(body))
    weights = encoding.attentions[0].weights
    if what in ("layer", "head"):
        layer, head = int(number(body, "layer", 0, weights.shape[0] - 1)), None
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
        return coded(rolled(encoding.request, str(body.get("fusion")), *settings), 16)
    raise Refused("There are maps of a layer or a head, rollout and distances.")


@lru_cache(maxsize=64)
def far(request: ImageRequest) -> np.ndarray:
    """Mean distance of every head, [layer, head] in patches."""
    encoding = ENGINE.ask(request)
    return distances(encoding.attentions[0], encoding.patches)


@lru_cache(maxsize=48)
def rolled(request: ImageRequest, fusion: str = "mean", discard: float = 0.0, residual: float = 0.5) -> np.ndarray:
    """Rollout through all layers, [query, key] in float32."""
    tokens = len(ENGINE.ask(request).tokens)
    if tokens > LONGEST_ROLLOUT:
        raise Refused(f"Rollout over {tokens:,} tokens takes too long. Read the picture as the model learned it.")
    found = rollout(ENGINE.ask(request).attentions[0], fusion, discard, residual)
    return found.astype(np.float32)


def relevance_row(
    request: ImageRequest,
    label: int,
    progress: Callable[..., None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> np.ndarray:
    """What a class rests on, by token, float32; made once however many ask. Stopped: cancelled() said so."""

    def make(report: Callable[..., None], abandoned: Callable[[], bool]) -> np.ndarray:
        from core.models.relevance import relevance  # torch loads with the first model, not with the page

        with _GRADIENT:
            found = relevance(request, label, lambda done, total: report(done, total, 0.0), abandoned)
        return read_out(found, ENGINE.ask(request))

    return _RELEVANCE.get((request, label), make, progress, cancelled)


def map_of(request: ImageRequest, method: str, label: int, **told) -> np.ndarray:
    """What one method says of every patch, [row, column]; told: progress and cancelled, of the slow one."""
    encoding = ENGINE.ask(request)
    weights, patches = encoding.attentions[0].weights, encoding.patches
    if method == "random":
        draw = np.random.default_rng(SEED)
        return draw.permutation(patches.rows * patches.columns).reshape(patches.rows, patches.columns).astype(float)
    if method == "relevance":
        return on_grid(relevance_row(request, label, **told), patches)
    square = rolled(request) if method == "rollout" else mean_of_heads(weights, weights.shape[0] - 1)
    return on_grid(read_out(square, encoding), patches)


def curves_of(request: ImageRequest, method: str, label: int, progress=None, cancelled=None) -> Curves:
    """Deletion and insertion in the order of a method; made once however many ask. Stopped: cancelled() said so."""

    def make(report: Callable[..., None], abandoned: Callable[[], bool]) -> Curves:
        from core.models.relevance import curves

        scores = map_of(request, method, label, cancelled=abandoned)
        with _CURVE:
            return curves(request, scores, label, progress=lambda *told: report(*told, 0.0), cancelled=abandoned)

    return _CURVES.get((request, method, label), make, progress, cancelled)


def is_there(request: ImageRequest, method: str, label: int) -> bool:
    """Whether such curves are kept."""
    kept = _CURVES.keys()
    return (request, method, label) in kept


@lru_cache(maxsize=256)
def gone(request: ImageRequest, method: str, label: int, least: bool, count: int) -> np.ndarray:
    """True for so many patches, the most or the least of a method, [row, column]."""
    scores = map_of(request, method, label)
    order = np.argsort(scores if least else -scores, axis=None, kind="stable")
    found = np.zeros(scores.size, dtype=bool)
    found[order[:count]] = True
    return found.reshape(scores.shape)


@lru_cache(maxsize=256)
def left_of(request: ImageRequest, method: str, label: int, least: bool, count: int) -> tuple[Choice, ...]:
    """What the model takes the picture for without them, the chosen class always among the answers."""
    from core.models.relevance import left

    return left(request, gone(request, method, label, least, count), label)


def mean_ratios(model: str, some: tuple[str, ...], progress=None, cancelled=None) -> np.ndarray:
    """How many times an object's area its share of each method is, [method], mean over scenes; made once.

    Stopped: cancelled() said so.
    """

    def make(report: Callable[..., None], abandoned: Callable[[], bool]) -> np.ndarray:
        found = []
        for done, name in enumerate(scenes()):
            report(done, SEVERAL, 0.0)
            found.append(ratios_of(ImageRequest(model, name), some, abandoned))
            if abandoned():
                raise Stopped("Stopped. What was half done is not kept.")
        return np.mean(found, axis=0)

    return _SEVERAL.get((model, some), make, progress, cancelled)


def scenes() -> list[str]:
    """Scenes of the gallery, one, two and three emoji mixed."""
    square = [name for name, one in gallery().items() if one.scene and one.scene.width == one.scene.height]
    return square[:: max(1, len(square) // SEVERAL)][:SEVERAL]


def ratios_of(request: ImageRequest, some: tuple[str, ...], abandoned: Callable[[], bool]) -> list[float]:
    encoding = ENGINE.ask(request)
    filled = share_of_patches(true_mask(request.image), encoding.patches)
    label = encoding.predictions[0].choices[0].label if encoding.predictions else -1
    return [share_on(map_of(request, one, label, cancelled=abandoned), filled) / filled.mean() for one in some]


def read_out(square: np.ndarray, encoding: Encoding) -> np.ndarray:
    """The row that the classifier reads of [query, key]: the class token's, or without one the mean."""
    return square[0] if encoding.patches.prefix else square.mean(axis=0)


async def relevance_lines(body: dict) -> AsyncIterator[str]:
    """Lines of JSON: {done, total} while it lasts, then {row} or {advice}; ends with the browser's patience."""
    gone, news = threading.Event(), [None]

    def work() -> np.ndarray:
        label = int(number(body, "label", 0, 1e7))
        return relevance_row(request_of(body), label, lambda *told: news.__setitem__(0, told[:2]), gone.is_set)

    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        told = None
        while not (await asyncio.wait({task}, timeout=0.1))[0]:
            if news[0] != told:
                told = news[0]
                yield json.dumps({"done": told[0], "total": told[1]}) + "\n"
        yield json.dumps({"row": [float(f"{value:.4g}") for value in task.result()]}) + "\n"
    except Refused as refusal:
        yield json.dumps({"advice": str(refusal)}) + "\n"
    finally:
        gone.set()
