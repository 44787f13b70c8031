"""The page Next token: views draw, buttons move the text, an address brings it back, bad input gets advice."""

import pytest

from core.engine import ask
from core.measures.beams import Beams, Hypothesis, Node
from core.measures.sampling import Distributions
from core.requests import ContinuationRequest, DistributionsRequest, Sampling, TextRequest
from tests.apptest import address, components
from tests.apptest import page as opened_page
from tests.drawn import said, unpacked
from ui.components.tree.message import pack_tree, rows_of
from ui.components.writer.message import branches_of
from ui.components.writer.message import rows_of as head_rows

TEXT = TextRequest("mini-gpt", "The cat is sleeping on")


def shown(at) -> tuple[dict, dict]:
    """The message of the page's hero."""
    return unpacked(components(at)[0].proto.bytes)


def press(at, name: str):
    at.button(key=f"next_token:do {name}").click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize("view", ["Next", "Heads", "Lens", "Beam", "Kept", "Two models"])
def test_every_view_draws_and_explains(view):
    at = opened_page("next_token", show=view)
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at)


def test_step_play_back_and_anew_move_the_text_and_its_address():
    at = opened_page("next_token")
    run = ask(ContinuationRequest(TEXT, Sampling(), 20)).ids
    assert shown(at)[0]["next"] == run[0]
    press(at, "Step")
    assert [t[1] for t in shown(at)[0]["tokens"]][5:] == [run[0]] and address(at, "next_token")["chosen"] == [
        str(run[0])
    ]
    press(at, "Back")
    press(at, "Play")
    assert at.session_state["next_token/chosen"] == run
    press(at, "Anew")
    header = shown(at)[0]
    assert len(header["tokens"]) == 5 and header["branches"][0][0] == list(run)  # what was tried stays


def test_an_address_brings_the_text_back_and_another_text_begins_anew():
    at = opened_page("next_token", chosen="275.1324")
    header, arrays = shown(at)
    assert [t[0] for t in header["tokens"]][5:] == ["the", "table"] and arrays["maps"].shape == (37, 7, 7)
    at.text_input(key="next_token:text").set_value("I would like").run()
    assert len(shown(at)[0]["tokens"]) == 3 and "chosen" not in address(at, "next_token")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"text": " "}, "no text"),
        ({"text": "cat " * 300}, "reads up to 256"),
        ({"text": "a" * 20_001}, ""),
        ({"model": "translator"}, "does not write on"),
        ({"model": "nobody/nothing"}, "nobody/nothing"),
        ({"chosen": "nonsense"}, ""),
        ({"chosen": "9999999"}, "vectors for 8,000 pieces"),
        ({"off": "nonsense"}, "names no head"),
        ({"off": "9.9"}, "no decoder layer 9"),
        ({"form": "chat"}, "no chat template"),
        ({"mask": "none", "show": "Kept"}, "keeps no keys"),
        ({"text": "<img src=x onerror=alert(1)> cat", "show": "Lens"}, ""),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says):
    at = opened_page("next_token", **query)
    assert says in said(at)
    assert "gaze-notes" in said(at) and "<img" not in said(at)


def test_the_table_of_the_lens_says_what_the_layers_say():
    at = opened_page("next_token", show="Lens")
    found: Distributions = ask(DistributionsRequest(TEXT))
    top = said(at).split("<th>layer 6</th>")[1].split("</tr>")[0]
    assert [cell.split("<b>")[1].split("</b>")[0] for cell in top.split("<td")[1:]] == [
        place.candidates[0].text for place in found.places
    ]


def test_branches_are_the_longest_texts_in_the_order_in_which_they_part():
    words = {1: "a", 2: "b", 3: "c"}
    some = branches_of([(1, 2), (1,), (3,), (1, 2, 3)], (1, 3), words)
    assert [one.ids for one in some] == [(1, 2, 3), (1, 3), (3,)]
    assert [one.here for one in some] == [False, True, False] and some[1].words == ("a", "c")


def test_rows_of_heads_are_the_roots_of_their_weights_after_the_mean():
    attention = ask(TEXT).attentions[0]
    rows, names = head_rows(attention)
    assert names[:3] == ["mean of all heads", "layer 1 · head 1", "layer 1 · head 2"] and len(names) == 37
    assert abs((rows[8] / 255.0) ** 2 - attention.weights[1, 1]).max() < 0.004
    assert abs((rows[0] / 255.0) ** 2 - attention.weights.mean(axis=(0, 1))).max() < 0.004


def test_a_tree_puts_the_tokens_of_a_step_under_each_other():
    nodes = (
        Node(-1, 0, 1, "a", 0.6, -0.5, False),
        Node(-1, 0, 2, "b", 0.4, -0.9, False),
        Node(1, 1, 3, "c", 0.9, -1.0, True),
    )
    found = Beams((), nodes, (Hypothesis(2, -0.5, (2, 3), "b c", finished=True),))
    assert rows_of(found) == [0, 1, 0]
    header, _ = unpacked(pack_tree(found, 100))
    assert header["texts"][0]["path"] == [1, 2] and header["nodes"][2]["end"]


def test_what_was_written_when_play_was_stopped_stays():
    at = opened_page("next_token")
    at.session_state["next_token/so far"] = (275, 1324)
    at.run()
    assert [t[0] for t in shown(at)[0]["tokens"]][5:] == ["the", "table"]
    assert address(at, "next_token")["chosen"] == ["275.1324"]


def test_a_step_back_in_the_browsers_history_goes_back_in_the_text():
    at = opened_page("next_token", chosen="275.1324")
    at.session_state["next_token/session asked"] = {"chosen": ["275"]}
    at.run()
    header = shown(at)[0]
    assert [t[0] for t in header["tokens"]][5:] == ["the"] and header["branches"][0][0] == [275, 1324]
