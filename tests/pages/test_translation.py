"""The page Translation: views draw, one target or each its own, gold, beams that are clicked, and bad input."""

import numpy as np
import pytest

from core.analyses.translation import aligned
from core.data.pairs import lesson
from core.engine import ask
from core.requests import BeamRequest, TextRequest
from tests.apptest import components
from tests.apptest import page as opened_page
from tests.drawn import drawn, said, unpacked
from ui.views.translation.others import behind, kept_of
from ui.views.translation.steps import ASKED, verdict

PAIR = lesson("fr")[0]
VIEWS = ["Maps", "Table", "Inside", "Bottleneck", "Beams", "Efficiency", "Train here"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_and_explains(view):
    at = opened_page("translation", show=view)
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at) and not at.exception


def test_five_models_are_drawn_over_the_same_words_beside_what_was_aligned_by_hand():
    titles, values = drawn(opened_page("translation"))
    assert titles[4:] == ["Gaze translator", "by hand"] and len(titles) == 6
    for model, one in (("rnn-additive", values[0]), ("translator", values[4])):
        encoding = ask(TextRequest(model, PAIR.source_text, target=PAIR.target_text, language="fr"))
        assert np.allclose(one, aligned(encoding, -1, None, None).weights, atol=1e-6)
    assert {(int(s), int(t)) for t, s in np.argwhere(values[5] == 1)} == set(PAIR.gold.sure)


def test_layer_and_head_are_the_fifth_models():
    _, values = drawn(opened_page("translation", layer="layer 2", head="head 3"))
    encoding = ask(TextRequest("translator", PAIR.source_text, target=PAIR.target_text, language="fr"))
    assert np.allclose(values[4], aligned(encoding, 1, 2, None).weights, atol=1e-6)


def test_a_sentence_of_ones_own_has_the_fifth_models_target_or_each_its_own():
    at = opened_page("translation", text="The dog reads.")
    titles, values = drawn(at)
    assert titles[5] == "the diagonal" and len({one.shape for one in values}) == 1
    own = opened_page("translation", text="The dog reads.", whose="each its own", show="Table")
    assert "gaze-notes" in said(own) and not own.exception


def test_the_roles_are_guessed_and_revealed():
    titles, _ = drawn(opened_page("translation", show="Inside"))
    assert titles[0] == "1  h: decoder's state" and titles[1] == "2  e: encoder's states"
    at = opened_page("translation", show="Inside")
    for name, place in (("query", 1), ("keys", 2), ("values", 1)):
        at.selectbox(key=f"translation:guess {name}").set_value(ASKED[place])
    at.run()
    assert drawn(at)[0][1] == "2  e: encoder's states = keys = values" and "look at the values again" in said(at)
    assert verdict({"query": ASKED[1], "keys": ASKED[2], "values": ASKED[2]}).startswith("All three are right")


def test_the_bottleneck_says_what_the_cards_say():
    about = {
        "by_length": [[1, 4, 9, 40.0, 1.0], [12, 40, 9, 30.0, 0.5]],
        "without": {"by_length": [[1, 4, 9, 20.0], [12, 40, 9, 5.0]]},
    }
    assert kept_of(about).endswith("from 40 to 30; in a twin that never had attention, from 20 to 5.")
    assert "up to 4 words to those of 12 and more" in kept_of(about) and kept_of({}) == ""


def test_hidden_spans_show_the_exercise_where_no_t5_is():
    at = opened_page("translation", show="Spans", text="The cat sleeps here.", hidden="cat 2")
    assert "The &lt;extra_id_0&gt; sleeps here ." in said(at) and "<td dir='auto'>cat</td>" in said(at)
    assert "gaze-notes" in said(at) and "choose a T5" in said(at)
    assert behind(("a", "b", "c", "d"), (0, 1, 3)) == ["a b", "d"]


@pytest.mark.parametrize(
    "view", ["Maps", *(pytest.param(one, marks=pytest.mark.slow) for one in (*VIEWS[1:], "Spans"))]
)
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"text": " "}, "no text"),
        ({"text": "cat " * 400}, ""),
        ({"text": "cat"}, ""),
        ({"model": "mini-gpt"}, ""),
        ({"model": "nobody/nothing"}, ""),
        ({"into": "xx"}, ""),
        ({"text": "<img src=x onerror=alert(1)> cat"}, ""),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says, view):
    at = opened_page("translation", show=view, **query)
    assert says in said(at) and not at.exception
    assert "went wrong on our side" not in said(at) and "gaze-notes" in said(at) and "<img" not in said(at)
    assert len(components(at)) <= 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "no pairs of yours"), ("The cat ||| Le chat", "at least 3"), ("nonsense without a bar", "")],
)
def test_pairs_that_cannot_be_learned_from_are_refused(typed, says):
    at = opened_page("translation", show="Train here", pairs="your pairs")
    at.text_area(key="translation:own").set_value(typed).run()
    at.button(key="translation:train").click().run()
    assert "gaze-advice" in said(at) and says in said(at) and not at.exception


def test_a_run_that_ended_is_drawn_beside_the_one_before(monkeypatch):
    import numpy as np

    from core.learning.recurrent_steps import RecurrentStep
    from ui.views.translation.train import facts, panel, told

    def step(epoch, loss):
        weights = np.full((2, 3), 1 / 3, np.float32)
        words = ("the", "cat", "end"), ("le", "chat")
        return RecurrentStep(epoch, 9, epoch * 4, 1.5 * epoch, loss, 80.0, 1234, *words, weights, "le chat", 20, 3)

    steps = (step(0, 4.0), step(2, 1.0))
    assert told(steps).startswith("In 3 s and 2 epochs the loss fell from 4.00 to 1.00") and "3 pairs were" in told(
        steps
    )
    assert "<td>1,234</td>" in facts({"dot": steps}) and panel("dot", steps[-1]).rows == ("le", "chat")


def test_a_recorded_run_is_drawn_until_one_is_trained_and_its_epochs_can_be_walked_through():
    from core.learning.recurrent_steps import read_steps, write_steps
    from ui.views.translation.train import recorded_steps

    steps = recorded_steps()
    assert np.allclose(steps[-1].weights.sum(axis=1), 1, atol=1e-3)
    assert steps[-1].written.startswith("Le chat noir voit")
    again = read_steps(write_steps(steps).encode())
    assert again[3].loss == steps[3].loss and np.allclose(again[3].weights, steps[3].weights, atol=1e-4)
    at = opened_page("translation", show="Train here")
    titles, (last,) = drawn_trained(at)
    assert titles == ["a recorded run, dot: after 20 epochs"] and np.allclose(last, steps[-1].weights)
    at.slider(key="translation:epoch of 20").set_value(0).run()
    assert np.allclose(drawn_trained(at)[1][0], steps[0].weights)


def drawn_trained(at):
    header, arrays = unpacked(components(at)[0].proto.bytes)
    return [panel["title"] for panel in header["panels"]], list(arrays.values())


def test_own_pairs_are_learned_from_but_the_last_which_is_shown(monkeypatch):
    begun = []
    monkeypatch.setattr("ui.runs.WORKSHOP", type("W", (), {"begin": lambda *some: begun.append(some[1:]) or None})())
    at = opened_page("translation", show="Train here", pairs="your pairs", score="general", epochs="3")
    lines = "The cat ||| Le chat\nThe dog ||| Le chien\nThe cow ||| La vache"
    at.text_area(key="translation:own").set_value(lines).run()
    at.button(key="translation:train").click().run()
    ((trainer, settings, _),) = begun
    assert trainer == "core.learning.recurrent:train" and settings.pairs == (
        ("The cat", "Le chat"),
        ("The dog", "Le chien"),
    )
    assert settings.sentence == ("The cow", "La vache") and (settings.score, settings.epochs) == ("general", 3)


def test_the_attention_of_a_hypothesis_is_of_the_layer_and_head_that_are_chosen():
    at = opened_page("translation", show="Beams", beam_layer="layer 2", beam_head="head 3")
    header, arrays = unpacked(components(at)[-1].proto.bytes)
    found = ask(BeamRequest(TextRequest("translator", PAIR.source_text, language="fr"), 3, 30, 1.0))
    assert header["panels"][0]["title"] == "its attention, layer 2, head 3"
    assert np.allclose(arrays["panel 0"], found.hypotheses[0].attention[1, 2], atol=1e-5)
    one = components(opened_page("translation", show="Beams"))[-1]
    header, arrays = unpacked(one.proto.bytes)
    assert header["panels"][0]["title"] == "its attention, layer 4, mean of heads"
    assert np.allclose(arrays["panel 0"], found.hypotheses[0].attention[3].mean(axis=0), atol=1e-5)
