"""The page Train one here: its recordings, a run of one's own that is kept, and what is refused."""

import numpy as np
import pytest

from core.learning.runs import appears
from core.store.kept_models import kept_model
from tests.apptest import components, page, run_out
from tests.drawn import said, unpacked
from ui.components.run import message
from ui.components.run.message import pack_runs
from ui.views.training.common import RECORDED, changed, recording


def sent(at):
    return unpacked(components(at)[0].proto.bytes)


def click(at, name):
    return at.button(key=f"training:{name}").click().run()


@pytest.mark.parametrize("task", RECORDED)
def test_it_opens_on_the_recording_of_its_task(task):
    at = page("training", task=task)
    header, arrays = sent(at)
    run = recording(task)
    assert [side["title"] for side in header["sides"]] == [f"recorded: {task}"]
    np.testing.assert_allclose(arrays["0 curves"][:, 1], [f.loss for f in run.frames], rtol=1e-6)
    assert (arrays["0 weights"][-1] == run.frames[-1].weights).all()
    assert run.settings.task == task and run.frames[-1].right > 0.9
    assert f"At step {appears(run):,}" in said(at) if appears(run) else "At step" not in said(at)


def test_maps_that_do_not_fit_are_thinned_but_never_the_last(monkeypatch):
    run = recording("copy")
    each = run.frames[0].weights.nbytes
    monkeypatch.setattr(message, "MOST_BYTES", 10 * each)
    header, arrays = unpacked(pack_runs([("a", run)], 400, "p"))
    kept = arrays["0 kept"].tolist()
    assert len(kept) <= 10 and kept[-1] == len(run.frames) - 1
    assert all((arrays["0 weights"][i] == run.frames[k].weights).all() for i, k in enumerate(kept))
    assert len(header["sides"][0]["answers"]) == len(arrays["0 curves"]) == len(run.frames)


def test_two_runs_stand_beside_each_other():
    at = page("training", screen="Two runs")
    assert [side["title"] for side in sent(at)[0]["sides"]] == ["A: recorded: sort", "B: recorded: copy"]
    assert "From A to B: task sort → copy" in said(at)
    assert changed(recording("copy").settings, recording("copy").settings) == []


@pytest.mark.slow
def test_a_run_of_one_s_own_is_kept_for_all_pages():
    at = page("training", layers="1", heads="2", width="16", longest="4")
    at.number_input(key="training:steps copy").set_value(60).run()
    click(at, "train")
    training = at.session_state["training/training run"]
    run_out(training)
    at.run()
    assert sent(at)[0]["sides"][0]["title"] == "copy, causal, 1 × 2 heads"
    click(at, "keep")
    (name,) = at.session_state["session/kept models"]
    assert name.startswith("mine-copy-") and name in said(at)
    assert (kept_model(name).layers, kept_model(name).heads) == (1, 2)
    assert kept_model(name).family == "decoder" and "Trained here in" in kept_model(name).note
    click(at, "again")
    assert sent(at)[0]["sides"][0]["title"] == "recorded: copy"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"task": "your text"}, "nothing of yours yet"),
        ({"heads": "8", "width": "16", "task": "your text"}, "nothing of yours yet"),
    ],
)
def test_a_run_without_material_is_refused(query, says):
    at = page("training", **query)
    click(at, "train")
    assert says in said(at) and "training/training run" not in at.session_state
    assert components(at)  # the picture stays
