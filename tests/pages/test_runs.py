"""What a page says of a training that did not end by itself."""

from types import SimpleNamespace

import pytest

from core.learning.worker import Training
from ui import runs
from ui.session import Session

LEFT = "The page was left, so the run ended."


@pytest.mark.parametrize(
    ("state", "said", "steps", "told"),
    [
        ("stopped", "", 0, ["Stopped. Nothing of it is kept."]),
        ("stopped", "", 1, ["Stopped. 1 step of it is kept."]),
        ("stopped", LEFT, 3, [f"{LEFT} 3 steps of it are kept."]),
        ("done", "", 3, []),
    ],
)
def test_a_run_that_was_stopped_says_so(monkeypatch, state, said, steps, told):
    training = Training(SimpleNamespace(place=lambda _: 0), "m:f", None, 1.0)
    training.state, training.said, training._steps = state, said, [None] * steps
    heard: list[str] = []
    monkeypatch.setattr(runs, "st", SimpleNamespace(caption=heard.append))
    monkeypatch.setattr(runs, "current", lambda *_: training)
    runs.strip(Session("runs_test"), 0.5, "")
    assert heard == told
