"""What the picture of patches asks for once it is drawn: more maps, rollout, distances, and relevance with progress."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.gallery import gallery
from core.data.pictures import true_mask
from core.engine import ask
from core.measures.attention import mean_of_heads
from core.measures.patches import Fusion, distances, on_grid, rollout, share_of_patches, share_on
from core.requests import FaithfulnessRequest, ImageRequest, ObjectShareRequest, RelevanceRequest, RemovalRequest
from core.store.revisions import kept
from core.types import Choice, Refused

if TYPE_CHECKING:  # torch loads with the first model, not with the page
    from core.analyses.relevance import FaithfulnessCurves

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
# One at a time of each: more would only slow each other down, and a curve takes longer than a gradient may wait.
_GRADIENT, _CURVE = threading.Lock(), threading.Lock()


@kept
def far(request: ImageRequest) -> np.ndarray:
    """Mean distance of every head, [layer, head] in patches."""
    encoding = ask(request)
    return distances(encoding.attentions[0], encoding.patches)


@kept
def rolled(request: ImageRequest, fusion: Fusion = "mean", discard: float = 0.0, residual: float = 0.5) -> np.ndarray:
    """Rollout through all layers, [query, key] in float32."""
    tokens = len(ask(request).tokens)
    if tokens > LONGEST_ROLLOUT:
        raise Refused(f"Rollout over {tokens:,} tokens takes too long. Read the picture as the model learned it.")
    found = rollout(ask(request).attentions[0], fusion, discard, residual)
    return found.astype(np.float32)


def relevance_row(question: RelevanceRequest, progress: Progress = silent, cancelled: Cancelled = never) -> np.ndarray:
    """What a class rests on, by token, float32. progress(layers done, in all); Stopped: cancelled() said so."""
    from core.analyses.readout import read_out  # torch loads with the first model, not with the page
    from core.analyses.relevance import relevance

    with _GRADIENT:
        found = relevance(question.image, question.label, progress, cancelled)
    return read_out(found, ask(question.image)).astype(np.float32)


def map_of(
    request: ImageRequest, method: str, label: int, progress: Progress = silent, cancelled: Cancelled = never
) -> np.ndarray:
    """What one method says of every patch, [row, column]; progress and cancelled are of the slow one."""
    from core.analyses.readout import read_out

    encoding = ask(request)
    weights, patches = encoding.attentions[0].weights, encoding.patches
    if method == "random":
        draw = np.random.default_rng(SEED)
        return draw.permutation(patches.rows * patches.columns).reshape(patches.rows, patches.columns).astype(float)
    if method == "relevance":
        return on_grid(ask(RelevanceRequest(request, label), progress, cancelled), patches)
    square = rolled(request) if method == "rollout" else mean_of_heads(weights, weights.shape[0] - 1)
    return on_grid(read_out(square, encoding), patches)


def curves_of(
    question: FaithfulnessRequest, progress: Progress = silent, cancelled: Cancelled = never
) -> FaithfulnessCurves:
    """Deletion and insertion in the order of a method. progress(done, in all); Stopped: cancelled() said so."""
    from core.analyses.relevance import curves

    scores = map_of(question.image, question.method, question.label, cancelled=cancelled)
    with _CURVE:
        return curves(question.image, scores, question.label, progress=progress, cancelled=cancelled)


@kept
def gone(request: ImageRequest, method: str, label: int, count: int, *, least: bool) -> np.ndarray:
    """True for so many patches, the most or the least of a method, [row, column]."""
    scores = map_of(request, method, label)
    order = np.argsort(scores if least else -scores, axis=None, kind="stable")
    found = np.zeros(scores.size, dtype=bool)
    found[order[:count]] = True
    return found.reshape(scores.shape)


def left_of(question: RemovalRequest) -> tuple[Choice, ...]:
    """What the model takes the picture for without them, the chosen class always among the answers."""
    from core.analyses.relevance import left

    hidden = gone(question.image, question.method, question.label, least=question.least, count=question.count)
    return left(question.image, hidden, question.label)


def mean_ratios(question: ObjectShareRequest, progress: Progress = silent, cancelled: Cancelled = never) -> np.ndarray:
    """How many times an object's area its share of each method is, [method], mean over scenes.

    progress(scenes done, in all); Stopped: cancelled() said so.
    """
    found = []
    for done, name in enumerate(scenes()):
        progress(done, SEVERAL)
        found.append(ratios_of(ImageRequest(question.model, name), question.methods, cancelled))
        raise_if_cancelled(cancelled)
    return np.mean(found, axis=0)


def scenes() -> list[str]:
    """Scenes of the gallery, one, two and three emoji mixed."""
    square = [name for name, one in gallery().items() if one.scene and one.scene.width == one.scene.height]
    return square[:: max(1, len(square) // SEVERAL)][:SEVERAL]


def ratios_of(request: ImageRequest, some: tuple[str, ...], cancelled: Cancelled) -> list[float]:
    encoding = ask(request)
    mask = true_mask(request.image)
    if mask is None:
        raise ValueError(f"nobody knows where the objects of {request.image} are")
    filled = share_of_patches(mask, encoding.patches)
    label = encoding.predictions[0].choices[0].label if encoding.predictions else -1
    return [share_on(map_of(request, one, label, cancelled=cancelled), filled) / filled.mean() for one in some]
