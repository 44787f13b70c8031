"""Effects: what the page concludes from heads that were switched off, and its screens."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analyses.activation_patching import Patched
from core.analyses.head_effects import HeadEffects, HeadsOf
from core.analyses.logit_lens import Lens
from core.types import Token
from tests.apptest import SHELL, page
from tests.drawn import said
from ui.lens import settled
from ui.views.attention import effects


def made_up(*, guesses: bool = True) -> HeadEffects:
    """Two layers of two heads over three places; head 2.1 takes a third away, head 1.2 adds a little."""
    change = np.zeros((2, 2, 3), np.float32)
    change[1, 0] = 0.1, 0, 0.35
    change[0, 1, 2] = -0.05
    tokens = tuple(Token(text, i, i) for i, text in enumerate("abc"))
    expected = ("x", "y", "<z>") if guesses else ()
    shares = np.array([0.5, 0.5, 0.45], np.float32) if guesses else np.ones(3, np.float32)
    says = "next token" if guesses else "last hidden state"
    asked = (2,) if guesses else (0, 1, 2)
    return HeadEffects(says, tokens, expected, shares, asked, (HeadsOf("decoder", (3, 7), change),))


def test_the_strongest_head_is_named_by_the_models_own_layer():
    found = made_up()
    assert effects.strongest(found) == ("decoder", 7, 0)
    see, _ = effects.sentence(found, ("decoder", 7, 0), "Without decoder head 8.1")
    assert see.startswith("Without decoder head 8.1, “<z>” falls from 45 % to 10 %.") and "2 of 4 heads" in see
    see, _ = effects.sentence(found, ("decoder", 3, 1), "Without decoder head 4.2")
    assert "decoder head 4.2" in see and "rises from 45 % to 50 %" in see


def test_a_table_says_both_shares_and_no_markup_of_a_token():
    rows = effects.table(made_up(), effects.change_of(made_up(), ("decoder", 7, 0)))
    assert "<td>&lt;z&gt;</td><td>45 %</td><td>10 %</td>" in rows and "<z>" not in rows
    assert rows.count(effects.BLUE) == 3 and effects.ORANGE not in rows
    rows = effects.table(made_up(), effects.change_of(made_up(), ("decoder", 3, 1)))
    assert effects.ORANGE in rows


def test_without_guesses_the_states_are_told():
    see, _ = effects.sentence(made_up(guesses=False), ("decoder", 7, 0), "Without decoder head 8.1")
    assert "“c” turns most: 1 - cosine 0.350" in see and "of 4 heads turn" in see


def test_what_was_patched_is_concluded():
    tokens = tuple(Token(text, i, i) for i, text in enumerate("ab"))
    other = (Token("z", 5, 0), tokens[1])
    heads = np.array([[0.1, 0.7], [-0.2, 0]], np.float32)
    found = Patched(tokens, other, 1, ("x", "y"), (3.0, -1.0), (0, 4), heads, np.zeros((2, 2), np.float32))
    assert effects.both(found) == ("a ← z", "b")
    told = effects.told(found, "decoder")
    assert "leads to “x”, the changed one to “y”. Decoder head 1.2 alone brings back 70 %" in told


@pytest.mark.parametrize(
    ("column", "says"),
    [("abaa", "every layer says from layer 2 on “a”"), ("aaaa", "from layer 0 on"), ("bbba", "only the last layer")],
)
def test_a_guess_is_settled_where_it_does_not_change_any_more(column, says):
    numbers = np.full((4, 1), 0.25, np.float32)
    words = tuple((one,) for one in column)
    found = Lens((Token("x", 0, 0),), "next token", words, numbers, numbers, numbers, numbers)
    assert says in settled(found, 0) and settled(found, 0).startswith("Behind “x” ")


@pytest.mark.slow
def test_the_page_shows_both_ways_and_switches_a_head_off():
    at = AppTest.from_file(SHELL, default_timeout=90)
    at.query_params.update({"show": "Effects", "model": "mini-gpt", "text": "The cat sat on the mat because it was"})
    at.switch_page("../pages/attention.py").run()
    lines = lambda: " ".join(one.proto.body for one in at.get("html"))  # noqa: E731
    assert not at.exception and "Without decoder head" in lines()
    at.session_state["attention:way"] = "Patched from another text"
    at.run()
    assert not at.exception and "alone brings back" in lines()
    at.session_state["attention:way"] = "One head alone"
    at.run()
    assert not at.exception and "alone in its layer</b>" in lines()
    at.session_state["attention:way"] = "One edge cut"
    at.run()
    assert not at.exception and "<b>Without the look of decoder head" in lines() and "from “was” at “" in lines()
    at.session_state["attention:way"] = "One head off"
    at.run()
    next(one for one in at.button if one.label == "Switch it off in Heads").click()
    at.run()
    assert not at.exception and at.session_state["attention:off"].startswith("decoder ")
    assert at.session_state["attention:show"] == "Heads"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "text", "says"),
    [
        ("mini-bert-wordpiece", "The [MASK] chased the mouse.", "In place of “"),
        ("mini-gpt", "The cat sat on", "Behind “on”"),
        ("translator", "The cat sleeps.", "Behind"),
    ],
)
def test_the_lens_tells_of_the_place_that_is_asked(model, text, says):
    found = said(page("attention", show="Lens", model=model, text=text))
    assert says in found and "which the embedding alone gives" in found
