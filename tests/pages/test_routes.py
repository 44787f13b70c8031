"""What the browser may ask for: exact heads, files that open again, and refusals for what there is not."""

import asyncio
import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from core.figures.export import export, lacking
from PIL import Image
from starlette.requests import Request

from core.data.examples import FIRST
from core.data.saved import load
from core.requests import TextRequest, to_json
from core.types import Attention, Display, Refused, TextEncoding, Token
from ui import state
from ui.server import routes

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
        ({"format": "exe"}, "exe"),
    ],
)
def test_what_there_is_not_is_refused(changes, says):
    with pytest.raises(Refused, match=says):
        routes.file_of(ASKED | {"format": "csv"} | changes)


def answered(body: bytes) -> tuple[int, dict]:
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(sent)

    headers = [(b"content-length", str(len(body)).encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers, "path": "/gaze/head"}, receive)
    # In a thread of its own: the browser tests keep an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        response = thread.submit(asyncio.run, routes.head(request)).result(30)
    return response.status_code, json.loads(response.body)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"request": ' + b" " * 300_000 + b"1}"])
def test_a_broken_message_gets_a_sentence_and_not_a_trace(body):
    status, said = answered(body)
    assert status == 422
    assert said["advice"].startswith("This message")


def test_csv_holds_the_weights_and_no_formula():
    content, media, name = routes.file_of(ASKED | {"format": "csv"})
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    cross = state.first().attentions[2]
    assert rows[0][2] == f"{cross.keys[1].text} (1)"
    assert [[float(v) for v in row[1:]] for row in rows[1:]] == pytest.approx(cross.weights[3, 2], abs=1e-6)
    assert (media, name) == ("text/csv", "gaze-translator-cross-4.3.csv")
    assert export_of("=SUM(A1)", "csv").decode("utf-8-sig").split("\n")[1].startswith("'=SUM(A1)")


def test_npz_opens_again_with_the_exact_weights():
    content, _, _ = routes.file_of(ASKED | {"format": "npz"})
    back = load(io.BytesIO(content))
    for one, other in zip(back.attentions, state.first().attentions, strict=True):
        assert np.array_equal(one.weights, other.weights)


def export_of(text: str, form: str, view: str = "heatmap", size: int = 2) -> bytes:
    tokens = tuple(Token(text, i, i) for i in range(size))
    weights = np.full((1, 1, size, size), 1 / size, dtype="f4")
    attention = Attention("encoder", tokens, tokens, weights)
    encoding = TextEncoding(TextRequest("m", "x"), "m", tokens, (attention,))
    return export(encoding, attention, Display(), 0, 0, form, view)[0]


@pytest.mark.parametrize("text", ["cat", "مرحبا", "我妹妹", "😀", "$x_2$", "</script>", "नमस्ते", "a" * 60])
def test_pictures_of_every_script(text):
    picture = Image.open(io.BytesIO(export_of(text, "png")))
    assert min(picture.size) > 200
    assert export_of(text, "pdf").startswith(b"%PDF")
    ElementTree.fromstring(export_of(text, "svg"))


def test_an_overview_is_drawn_too():
    assert Image.open(io.BytesIO(export_of("cat", "png", "overview"))).size[0] > 100


def test_too_many_tokens_for_a_page_are_refused_with_another_way():
    with pytest.raises(Refused, match="CSV or NPZ"):
        export_of("cat", "pdf", size=600)
    assert export_of("cat", "csv", size=600)


def test_letters_that_no_font_has_are_named():
    assert lacking(["cat", "\U0001fae8\U00013000\U0010fffd"])[-1] == "\U0010fffd"
