"""Every number on a GPU equals the one on the CPU; without a GPU this is left out, and said."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from core.store.shelf import SHELF

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
MODELS = [name for name, card in SHELF.items() if card.folder and card.family != "convolutional"]
#: Sums in another order: of weights and probabilities; hidden states are larger numbers, and their error grows alike.
CLOSE = 2e-5


@pytest.mark.parametrize("model", MODELS)
def test_a_gpu_gives_the_numbers_of_the_cpu(model, tmp_path):
    found = []
    for device in ("cpu", "cuda"):
        file = tmp_path / f"{device}.npz"
        surroundings = {**os.environ, "GAZE_DEVICE": device}
        command = [sys.executable, "-m", "tests.cuda.questions", str(file), model]
        subprocess.run(command, check=True, env=surroundings)
        found.append(dict(np.load(file)))
    plain, ours = found
    assert plain and plain.keys() == ours.keys()
    for name, values in plain.items():
        scale = max(1.0, float(np.abs(values).max()))
        difference = float(np.abs(values - ours[name]).max()) / scale
        print(f"{name}: {difference:.1e}")
        assert difference < CLOSE, f"{name}: {difference:.1e}"
