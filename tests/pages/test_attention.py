"""The Attention page without a browser: what it says of a picture."""

import pytest

from core.data.examples import EXAMPLES
from core.store.shelf import SHELF
from tests.apptest import components, page
from tests.checkpoints import saved, tiny_bert, tiny_gpt2
from tests.core.models.test_languages import nllb  # noqa: F401 - a fixture
from tests.drawn import said, unpacked


@pytest.mark.parametrize(
    ("model", "see", "attempt"),
    [
        ("translator", "watch the lines cross", "Walk through"),
        ("rnn-additive", "One map", "Choose another of the recurrent models"),
    ],
)
def test_one_text_is_explained_for_the_model_that_reads_it(model, see, attempt):
    if model not in SHELF:
        pytest.skip(f"train it first: python run.py train {model}")
    found = said(page("attention", model=model, text="The black cat sleeps on the old chair.", language="fr"))
    assert see in found and attempt in found


def pieces(at) -> list[str]:
    """The tokens along the picture of all heads."""
    header, _ = unpacked(components(at)[0].proto.bytes)
    return [token["text"] for token in header["kinds"][0]["rows"]]


def test_white_space_reaches_the_model_as_it_was_typed_or_tidied():
    text = "one\n\ttwo  three "
    typed = page("attention", model="mini-gpt", text=text)
    assert len(typed.text_area) == 1 and typed.text_area[0].value == text
    tidied = page("attention", model="mini-gpt", text=text, spacing="tidied")
    assert typed.segmented_control(key="attention:spacing").value == "typed"
    assert pieces(tidied) == pieces(page("attention", model="mini-gpt", text="one two three"))
    assert pieces(typed) != pieces(tidied)
    shown = "".join(pieces(typed))
    assert "⏎" in shown and "⇥" in shown and shown.endswith("␣")


@pytest.mark.parametrize(("family", "made"), [("decoder", tiny_gpt2), ("encoder", tiny_bert)])
def test_a_folder_is_greeted_with_an_example_that_suits_it(family, made, tmp_path):
    at = page("attention", model=str(saved(made(), tmp_path / "own")))
    assert at.text_input(key="attention:text").value == EXAMPLES[family][0].text
    assert "gaze-advice" not in said(at)


def test_a_translator_in_a_folder_has_boxes_for_its_languages_and_its_target(nllb):  # noqa: F811
    at = page("attention", model=nllb, text="the cat sat", into_code="zho_Hans")
    assert at.selectbox(key="attention:from_code").value == "eng_Latn"
    assert at.selectbox(key="attention:into_code").value == "zho_Hans"
    assert at.text_input(key="attention:target") and "gaze-advice" not in said(at)
    header, _ = unpacked(components(at)[0].proto.bytes)
    cross = next(kind for kind in header["kinds"] if kind["kind"] == "cross")
    assert cross["rows"][0]["text"] == "zho_Hans"
