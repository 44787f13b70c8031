"""What the picture of patches asks for once it is drawn: more maps, rollout, distances, and relevance with progress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.cache import Shared
from core.data.gallery import gallery
from core.data.pictures import true_mask
from core.engine import ENGINE
from core.errors import Refused, Stopped
from core.measures.attention import mean_of_heads
from core.measures.patches import distances, on_grid, rollout, share_of_patches, share_on
from core.requests import ImageRequest
from core.types import Choice, Encoding

if TYPE_CHECKING:  # torch loads with the first model, not with the page
    from core.analyses.relevance import FaithfulnessCurves

KEPT_BYTES = 64_000_000
LONGEST_ROLLOUT = 1_500  # tokens; a product of square matrices a layer
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
        from core.analyses.relevance import relevance  # torch loads with the first model, not with the page

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


def curves_of(request: ImageRequest, method: str, label: int, progress=None, cancelled=None) -> FaithfulnessCurves:
    """Deletion and insertion in the order of a method; made once however many ask. Stopped: cancelled() said so."""

    def make(report: Callable[..., None], abandoned: Callable[[], bool]) -> FaithfulnessCurves:
        from core.analyses.relevance import curves

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
    from core.analyses.relevance import left

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
