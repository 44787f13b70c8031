"""What the browser may ask for: exact heads, pictures as PDF, and refusals for what there is not."""

import json

import numpy as np
import pytest
from starlette.requests import Request

from core.data.examples import FIRST
from core.requests import to_json
from core.types import Display, Refused
from tests.apptest import alone
from ui import state
from ui.server import routes
from ui.views.attention.heads import head_in

ASKED = {"request": json.loads(to_json(FIRST)), "kind": "cross", "layer": 3, "head": 2}


def test_one_exact_head():
    cross = state.first().attentions[2]
    found = np.frombuffer(routes.exact(ASKED), "<f4")
    assert np.array_equal(found, cross.weights[3, 2].ravel())
    mean = np.frombuffer(routes.exact(ASKED | {"head": "mean"}), "<f4")
    assert mean == pytest.approx(cross.weights[3].sum(axis=0).ravel() / 6, abs=1e-6)


def test_one_exact_head_over_words():
    words = ASKED | {"shown": {"units": "words", "special": "hide"}, "kind": "encoder"}
    tokens = [t for t in state.first().tokens if not t.special]
    assert len(np.frombuffer(routes.exact(words), "<f4")) == len({t.word for t in tokens}) ** 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"layer": 99}, "4 layers and 6 heads"),
        ({"head": "x"}, "4 layers and 6 heads"),
        ({"head": -1}, "4 layers and 6 heads"),
        ({"head": True}, "4 layers and 6 heads"),
        ({"head": "rollout"}, "4 layers and 6 heads"),  # cross-attention has none
        ({"kind": "sideways"}, "sideways"),
        ({"request": {}}, "model and a text"),
        ({"request": None}, "model and a text"),
        ({"shown": {"units": "letters"}}, "pieces or words"),
    ],
)
def test_what_there_is_not_is_refused(changes, says):
    with pytest.raises(Refused, match=says):
        routes.exact(ASKED | changes)


def answered(body: bytes) -> tuple[int, dict]:
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(sent)

    headers = [(b"content-length", str(len(body)).encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers, "path": "/gaze/head"}, receive)
    response = alone(routes.head(request))
    return response.status_code, json.loads(response.body)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"request": ' + b" " * 300_000 + b"1}"])
def test_a_broken_message_gets_a_sentence_and_not_a_trace(body):
    status, said = answered(body)
    assert status == 422
    assert said["advice"].startswith("This message")


def test_a_picture_comes_back_as_pdf_or_says_which_letters_are_lacking():
    text = {"kind": "text", "text": "cat", "matrix": [1, 0, 0, 1, 5, 20], "width": 20, "size": 12, "family": "serif",
            "weight": 400, "fill": "#000000"}  # fmt: skip
    scene = {"width": 100, "height": 40, "ground": "white", "items": [text]}
    found = routes.pdf_of(scene)
    assert found.status_code == 200 and bytes(found.body).startswith(b"%PDF")
    found = routes.pdf_of(scene | {"items": [text | {"text": "\U0010fffd cat"}]})
    assert found.status_code == 409 and json.loads(found.body) == {"lacking": "\U0010fffd"}
    with pytest.raises(Refused, match="no picture"):
        routes.pdf_of({"nothing": 1})


def test_the_head_that_the_address_names_is_handed_out():
    cross = state.first().attentions[2]
    some = head_in(state.first(), Display(), {"kind": "cross", "layer": "3", "head": "2"})
    assert np.array_equal(some.arrays["values"], cross.weights[3, 2])
    assert list(some.columns)[2] == f"{cross.keys[1].text} (1)"
    for wrong in ({"layer": "9"}, {"head": "-1"}, {"head": "x"}, {"layer": ""}):
        with pytest.raises(Refused, match="not in the picture any more"):
            head_in(state.first(), Display(), {"kind": "cross", "layer": "3", "head": "2"} | wrong)


def parts_of(names: str) -> tuple[int, dict]:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/gaze/parts",
        "headers": [],
        "query_string": f"names={names}".encode(),
    }
    reply = alone(routes.parts(Request(scope)))
    return reply.status_code, json.loads(reply.body)


def test_a_saved_page_gets_scripts_that_nothing_ends_and_both_themes():
    status, made = parts_of("heads,snapshot,stage")
    assert status == 200 and set(made["parts"]) == {"heads", "snapshot", "stage"}
    for name, part in made["parts"].items():
        assert (
            f".{name} = show;" in part["script"]
            and "</script" not in part["script"]
            and "export " not in part["script"]
        )
    assert "--st-background-color: #ffffff;" in made["theme"]["light"]
    assert "--st-background-color: #0f141b;" in made["theme"]["dark"]
    assert (
        "--st-chart-sequential-colors: #f3f7fc, " in made["theme"]["light"]
        and "--st-code-font" in made["theme"]["dark"]
    )


@pytest.mark.parametrize("name", ["nothing", "../session", "shared", "heads/../heads"])
def test_a_part_that_is_not_there_is_refused(name):
    status, made = parts_of(name)
    assert status == 422 and "reload the page" in made["advice"]
