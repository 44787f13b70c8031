"""The screen Words: where a word looks on a picture, what its attention goes to, and what is said where none opens."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import ask
from core.requests import PictureTextRequest
from core.types import Attention, ImageEncoding, Patches, Refused, Token
from tests.apptest import PAGES, components
from tests.drawn import said, unpacked
from tests.vision_language import QUESTION, asked, saved_vision_language
from ui.components.patches import message
from ui.components.patches.message import pack_reading
from ui.views.vision import words as screen


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved_vision_language("smolvlm", tmp_path_factory.mktemp("models") / "smolvlm")


def shown(**query: str) -> AppTest:
    at = AppTest.from_file(PAGES / "vision.py", default_timeout=60)
    for name, value in {"screen": "Words", **query}.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def sent(at: AppTest) -> tuple[dict, dict[str, np.ndarray]]:
    found = [unpacked(one.proto.bytes) for one in components(at) if one.proto.bytes]
    return next(one for one in found if "reading" in one[0])


def test_the_row_of_the_word_that_asks_is_sent_with_the_words_in_front(folder):
    encoding = ask(asked(folder))
    token = screen.usual(encoding)
    assert encoding.tokens[token].text == "on"  # the last word that was typed
    header, arrays = sent(shown(model=str(folder), question=QUESTION))
    assert header["first"][header["reading"]["word"]] == "on"
    assert (header["grid"], header["reading"]["before"], header["reading"]["opens"]) == ([4, 4], 4, True)
    row = np.asarray(encoding.attentions[0].weights[1, 2][token])
    patches = encoding.patches
    wanted = np.concatenate([row[:4], row[20:], row[4:20]])
    assert patches.prefix == 4
    np.testing.assert_allclose((arrays["rows"][1, 2, 0] / 65535) ** 2, wanted, atol=1e-4)


def test_a_word_of_the_address_asks_and_a_place_of_the_picture_does_not(folder):
    header, _ = sent(shown(model=str(folder), question=QUESTION, word="23"))
    assert header["first"][header["reading"]["word"]] == "the"
    assert header["reading"]["places"][header["reading"]["word"]] == 23
    for nonsense in ("7", "999", "x"):  # 7: a token of the picture
        header, _ = sent(shown(model=str(folder), question=QUESTION, word=nonsense))
        assert header["first"][header["reading"]["word"]] == "on"


def test_what_is_said_and_saved_are_the_shares_of_the_row(folder):
    request = asked(folder)
    encoding = ask(request)
    token = screen.usual(encoding)
    numbers = screen.parts_of(request, token).columns
    rows = np.asarray(encoding.attentions[0].weights[:])[:, :, token]
    np.testing.assert_allclose(numbers["picture"], rows[..., 4:20].sum(-1).ravel(), atol=1e-6)
    np.testing.assert_allclose(numbers["first token"], rows[..., 0].ravel(), atol=1e-6)
    parts = (numbers["picture"], numbers["first token"], numbers["other words"])
    np.testing.assert_allclose(np.sum(parts, axis=0), 1, atol=1e-5)
    assert (list(numbers["layer"][:5]), list(numbers["head"][:5])) == ([1, 1, 1, 1, 2], [1, 2, 3, 4, 1])
    mean = rows[..., 4:20].sum(-1).mean()
    text = said(shown(model=str(folder), question=QUESTION))
    assert f"gives {100 * mean:.0f} %" in text.replace("\u00a0", " ")


def test_the_grid_of_a_head_is_saved_row_by_row(folder):
    request = asked(folder)
    row = np.asarray(ask(request).attentions[0].weights[0, 3])[24, 4:20]
    found = screen.on_grid(request, 24, {"layer": "0", "head": "3"})
    np.testing.assert_allclose(found.arrays["values"], row.reshape(4, 4), atol=1e-6)
    mean = np.asarray(ask(request).attentions[0].weights[2])[:, 24, 4:20].mean(0)
    np.testing.assert_allclose(screen.on_grid(request, 24, {}).arrays["values"], mean.reshape(4, 4), atol=1e-6)
    with pytest.raises(Refused, match="choose one, and save again"):
        screen.on_grid(request, 24, {"layer": "9", "head": "0"})


def test_nothing_is_fetched_before_somebody_says_so():
    at = shown()
    assert any("No decoder of pictures and words comes with Gaze" in one for one in [said(at)])
    assert [one.label for one in at.button if one.label.startswith("Fetch")] == [
        "Fetch SmolVLM 256M, instructed (513 MB)"
    ]


def test_a_model_without_pictures_is_answered_by_advice():
    assert "reads no picture among its words" in said(shown(model="mini-gpt"))


def test_what_is_too_much_for_a_page_is_refused(monkeypatch):
    tokens = tuple(Token(str(i), i, i) for i in range(6))
    weights = np.full((1, 2, 6, 6), 1 / 6, np.float32)
    request = PictureTextRequest("m", "cat-face", "x")
    encoding = ImageEncoding(
        request, "m", tokens, (Attention("decoder", tokens, tokens, weights),), patches=Patches(2, 2, 1)
    )
    assert unpacked(pack_reading(encoding, 5))[1]["rows"].dtype == np.uint16
    monkeypatch.setattr(message, "PICTURE_BYTES", message.MOST_BYTES - 13)
    assert unpacked(pack_reading(encoding, 5))[1]["rows"].dtype == np.uint8
    monkeypatch.setattr(message, "PICTURE_BYTES", message.MOST_BYTES - 11)
    with pytest.raises(Refused, match="6 tokens in 1 layers of 2 heads are more than a page draws"):
        pack_reading(encoding, 5)
