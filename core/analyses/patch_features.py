"""What a vision model makes of each patch, layer by layer: which patches of one or two pictures are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.data.pictures import picture
from core.measures.projection import units
from core.models.calling import called
from core.models.vision import bounded, forward, prepared, tower
from core.requests import PatchFeaturesRequest
from core.store.opening import open_model
from core.types import Patches, Refused


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The states of the patches of a picture; the tokens before them are left out."""

    patches: Patches
    values: np.ndarray  # [layer + 1, patch, width]; layer 0 is the patch itself with its position


def features(request: PatchFeaturesRequest) -> Features:
    """Refused: a model that hands out no states of its patches, or a picture of too many."""
    asked = request.image
    opened = open_model(asked.model)
    if "see patches" not in opened.family:
        raise Refused(f"{opened.card.title} keeps no patches from its first layer to its last. Choose a plain ViT.")
    model = tower(opened)
    tensor, patches = prepared(opened, picture(asked.image), asked.fit)
    count = patches.rows * patches.columns
    bounded(count)
    with torch.inference_mode(), called(model):
        states = getattr(forward(model, tensor, asked.fit, output_hidden_states=True), "hidden_states", None)
    if not states or any(one.ndim != 3 or one.shape[1] < count for one in states):
        raise Refused(f"{opened.card.title} hands out no states of its patches. Choose a plain ViT.")
    return Features(patches, np.stack([one[0, one.shape[1] - count :].float().cpu().numpy() for one in states]))


def cosines(one: np.ndarray, other: np.ndarray, *, centred: bool = False) -> np.ndarray:
    """How alike every patch of one picture is to every patch of another: [patch, patch], -1 to 1.

    one, other: [patch, width]. centred: the mean of all patches of both is taken away, which they have in common.
    """
    if centred:
        mean = np.concatenate([one, other]).mean(axis=0)
        one, other = one - mean, other - mean
    return np.clip(units(one) @ units(other).T, -1, 1)
