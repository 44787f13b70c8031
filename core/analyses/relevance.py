"""Which patches a class rests on: gradient relevance, and the test of any such map by taking patches away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.capture.recording import Map, recorded, recording
from core.data.pictures import picture
from core.measures.arrays import double, host
from core.models.calling import called
from core.models.vision import all_patches, expected, forward, prepared, tower
from core.requests import ImageRequest
from core.store.opening import Opened, open_model
from core.types import Choice, Patches, Refused

BATCH = 16  # pictures that run at once when patches are taken away
STEPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class FaithfulnessCurves:
    """What becomes of a class's probability as patches go, or come back, in the order of a map."""

    shares: np.ndarray  # [step] of patches gone or come back, 0 to 1
    deletion: np.ndarray  # [step] probability; the first is the whole picture's
    insertion: np.ndarray  # [step]; the last is the whole picture's

    @property
    def areas(self) -> tuple[float, float]:
        """(under deletion: small for a faithful map, under insertion: large), 0 to 1."""
        return float(np.trapezoid(self.deletion, self.shares)), float(np.trapezoid(self.insertion, self.shares))


def classifier(request: ImageRequest) -> Opened:
    """The model of a request; Refused when it tells no classes."""
    opened = open_model(request.model)
    if "classify pictures" not in opened.family or not getattr(opened.model.config, "num_labels", 0):
        raise Refused(f"{opened.card.title} names no classes. Choose a vision transformer with a classifier.")
    return opened


def relevance(
    request: ImageRequest,
    label: int,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> np.ndarray:
    """How much each token's input counts for a class, [query, key] in float32; core/analyses/readout.py reads it.

    progress(layers done, layers in all) is called on the way back. Stopped: cancelled() said so.

    R <- R + mean over heads of (gradient x attention, positive part) R, from the first layer up, beginning with the
    identity, which is left out of the result (Chefer et al. 2021, equations 5 and 6).
    """
    opened = classifier(request)
    tensor, patches = prepared(opened, picture(request.image), request.fit)
    tensor = tensor.requires_grad_()  # the weights ask for no gradients: the graph begins at the picture
    with torch.enable_grad():
        with recording(edit=request.edit) as maps, called(opened.model):
            out = forward(tower(opened), tensor, request.fit)
        logits = getattr(out, "logits", None)
        if logits is None:
            raise Refused(f"{opened.card.title} names no classes. Choose a vision transformer with a classifier.")
        if not 0 <= label < logits.shape[-1]:
            raise Refused(f"There is no class {label}: choose one from 0 to {logits.shape[-1] - 1}.")
        layers = [m for m in maps if m.kind == "vision"] or maps
        all_patches(opened, layers, patches.rows * patches.columns)
        watch(layers, progress, cancelled)
        return propagated(layers, logits[0, label])


def watch(maps: list[Map], progress: Progress, cancelled: Cancelled) -> None:
    """Tell of each layer as its gradient comes, from the last down, and end there when somebody has had enough."""

    def hook(place: int) -> Callable[[torch.Tensor], None]:
        def told(_: torch.Tensor) -> None:
            progress(len(maps) - place, len(maps))
            raise_if_cancelled(cancelled)

        return told

    for place, one in enumerate(maps):
        recorded(one.weights).register_hook(hook(place))


def propagated(maps: list[Map], score: torch.Tensor) -> np.ndarray:
    """Relevance of one score through the recorded layers, [query, key]."""
    gradients = torch.autograd.grad(score, [recorded(m.weights) for m in maps], allow_unused=True)
    first = double(recorded(maps[0].weights).detach()[0, 0])  # where the products are made
    itself = torch.eye(first.shape[-1], dtype=first.dtype, device=first.device)
    whole = itself
    for one, gradient in zip(maps, gradients, strict=True):
        if gradient is None:  # the score does not depend on this layer
            continue
        weighed = (gradient[0] * recorded(one.weights)[0]).clamp(min=0).mean(dim=0).detach()
        whole = whole + double(weighed) @ whole
    return host((whole - itself).float())


def curves(
    request: ImageRequest,
    scores: np.ndarray,
    label: int,
    steps: int = STEPS,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> FaithfulnessCurves:
    """Deletion and insertion of patches in the order of scores [row, column], highest first (Petsiuk et al. 2018).

    What is gone shows the mean colour of the picture. Stopped: cancelled() said so.
    """
    opened = classifier(request)
    tensor, patches = prepared(opened, picture(request.image), request.fit)
    if scores.shape != (patches.rows, patches.columns):
        raise ValueError(f"scores {scores.shape} do not meet {patches.rows} x {patches.columns} patches")
    order = np.argsort(-scores, axis=None, kind="stable")
    counts = np.unique(np.linspace(0, scores.size, steps + 1).round().astype(int))
    gone = np.zeros((2 * len(counts), scores.size), dtype=bool)
    for row, count in enumerate(counts):
        gone[row, order[:count]] = True  # deletion
        gone[len(counts) + row, order[count:]] = True  # insertion: what has not come back yet
    found = np.zeros(len(gone))
    for start in range(0, len(gone), BATCH):
        raise_if_cancelled(cancelled)
        hidden = torch.from_numpy(gone[start : start + BATCH])
        with torch.inference_mode():
            out = forward(tower(opened), without(tensor, hidden, patches), request.fit)
        found[start : start + BATCH] = torch.softmax(out.logits.float(), dim=-1)[:, label].cpu().numpy()
        progress(min(start + BATCH, len(gone)), len(gone))
    return FaithfulnessCurves(counts / scores.size, found[: len(counts)], found[len(counts) :])


def without(tensor: torch.Tensor, hidden: torch.Tensor, patches: Patches) -> torch.Tensor:
    """Copies of a picture [1, 3, height, width] in which the hidden patches [copy, patch] show its mean colour."""
    height, width = tensor.shape[-2] // patches.rows, tensor.shape[-1] // patches.columns
    mask = hidden.view(-1, 1, patches.rows, patches.columns).to(tensor.device)
    mask = mask.repeat_interleave(height, dim=2).repeat_interleave(width, dim=3)
    return torch.where(mask, tensor.mean(dim=(2, 3), keepdim=True), tensor)


def left(request: ImageRequest, hidden: np.ndarray, label: int) -> tuple[Choice, ...]:
    """The likeliest classes when the hidden patches, True in [row, column], show the mean colour of the picture.

    The class `label` stands at the end where it is not among them.
    """
    opened = classifier(request)
    tensor, patches = prepared(opened, picture(request.image), request.fit)
    if hidden.shape != (patches.rows, patches.columns):
        raise ValueError(f"hidden {hidden.shape} does not meet {patches.rows} x {patches.columns} patches")
    with torch.inference_mode():
        shown = without(tensor, torch.from_numpy(hidden.reshape(1, -1)), patches)
        logits = forward(tower(opened), shown, request.fit).logits
    choices = expected(logits, opened.model.config)[0].choices
    if any(choice.label == label for choice in choices):
        return choices
    share = float(torch.softmax(logits[0].float(), dim=-1)[label])
    return (*choices, Choice(str(opened.model.config.id2label.get(label, label)), share, label))
