"""Start: the sentence at work says what the model's head says, and the doors lead to pages that there are."""

import numpy as np

from core.data.examples import FIRST
from core.measures.attention import one_map
from core.types import Display
from tests.apptest import PAGES, page, taken
from tests.drawn import unpacked
from ui import state


def parts():
    at = page("start")
    found = [one for one in at.get("bidi_component") if one.proto.component_name == "gaze_start"]
    return [unpacked(one.proto.bytes) for one in found]


def test_the_sentence_shows_the_weights_of_the_head_that_the_picture_begins_with():
    (header, arrays), _ = parts()
    assert header["read"] == ["The", "black", "cat", "sleeps", "on", "the", "old", "chair", "."]
    assert header["written"] == ["Le", "chat", "noir", "dort", "sur", "la", "vieille", "chaise", "."]
    start = dict(state.most_decisive_head(FIRST, "cross"))
    cross = state.first().attentions[-1]
    *_, weights = one_map(cross, Display("words", "hide"), start["layer"], start["head"])
    shown = arrays["weights"]
    assert np.allclose(shown, weights, atol=1e-6)
    assert header["read"][int(shown[1].argmax())] == "cat"


def test_every_door_leads_to_a_page():
    _, (header, _) = parts()
    assert [one["title"] for one in header["doors"]] == ["Teach", "Explore", "Compare mBERT and XLM-R"]
    assert all((PAGES / f"{one['page']}.py").exists() for one in header["doors"])
    assert len(header["lessons"]) == 12


def test_its_numbers_are_those_of_the_head_that_is_shown():
    at = page("start")
    rows = taken(at, "start", "This head", "CSV", "?kind=cross&layer=3&head=2").decode("utf-8-sig").splitlines()
    weights = state.first().attentions[2].weights[3, 2]
    assert np.array_equal(np.array([row.split(",")[1:] for row in rows[1:]], np.float32), weights)
