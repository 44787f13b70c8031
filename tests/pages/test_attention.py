"""The Attention page without a browser: what it says of a picture."""

import pytest

from core.store.shelf import SHELF
from tests.apptest import page
from tests.drawn import said


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
