"""Inside one head: what is read from models equals what they computed; the board; the page and nonsense."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.checkpoints import saved, tiny_bert
from tests.chromium import ROOT
from tests.core.analyses.test_inside import found

pytestmark = pytest.mark.usefixtures("any_folder")


def page(**query):
    at = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    at.switch_page("../pages/inside.py")
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def advice(at):
    return [one.proto.body for one in found(at.main) if "gaze-advice" in str(getattr(one.proto, "body", ""))]


@pytest.mark.parametrize(
    ("screen", "where", "words"),
    [
        ("Steps", "By hand", "The cat sat"),
        ("Steps", "In a model", ""),
        ("Scale", "", ""),
        ("Masks", "", ""),
        ("Kinds", "", ""),
        ("Heads", "By hand", "word"),
        ("Heads", "In a model", ""),
        ("Order", "", "word"),
        ("Stream", "By hand", ""),
        ("Stream", "In a model", ""),
        ("Break it", "", ""),
        ("nonsense", "nowhere", ""),
    ],
)
def test_every_screen_draws(screen, where, words):
    query = {"screen": screen} | ({"where": where} if where else {}) | ({"words": words} if words else {})
    at = page(**query)
    assert not at.exception and not advice(at)
    drawn = [one for one in found(at.main) if getattr(one, "type", "") in ("bidi_component", "plotly_chart")]
    assert drawn, [getattr(one, "type", "") for one in found(at.main)]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"words": "?!"}, "no word"),
        ({"words": "a b c d e f g h i"}, "9 words"),
        ({"edits": "M.0.0=-inf,M.0.1=-inf,M.0.2=-inf,M.0.3=-inf,M.0.4=-inf,M.0.5=-inf"}, "Row 1"),
        ({"where": "In a model", "text": " "}, "no text"),
        ({"where": "In a model", "text": "cat " * 80}, "room for 64"),
        ({"where": "In a model", "model": "nobody/nothing"}, "nobody/nothing"),
    ],
)
def test_nonsense_is_answered_where_it_is(query, says):
    at = page(**query)
    assert not at.exception
    assert any(says in one for one in advice(at)), advice(at)
    if "edits" in query:  # what cannot be is not kept
        assert at.session_state["inside/edits"] == ()


@pytest.mark.parametrize(
    ("headless", "text", "says"),
    [
        (True, "the [MASK] sat", "the model comes without a head that predicts words"),
        (True, "the cat sat", "the model comes without a head that predicts words"),
        (False, "the cat sat", "put [MASK] into the text"),
    ],
)
def test_why_nothing_is_predicted_is_true_of_the_model(tmp_path, headless, text, says):
    model = tiny_bert()
    at = page(screen="Break it", model=str(saved(model.bert if headless else model, tmp_path / "bert")), text=text)
    said = [body for one in found(at.main) if "No prediction" in (body := str(getattr(one.proto, "body", "")))]
    assert len(said) == 4 and all(f"No prediction: {says}." in one for one in said)
