"""A page begins with an example that its model can answer."""

import pytest
import transformers

from tests.checkpoints import WORDS, saved, tiny_bert, tiny_gpt2
from ui.default_models import examples_of

pytestmark = pytest.mark.usefixtures("any_folder")
SIZE = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def test_only_who_guesses_hidden_words_is_greeted_with_one(tmp_path):
    bare = transformers.BertModel(transformers.BertConfig(vocab_size=len(WORDS), **SIZE))
    assert "[MASK]" in examples_of(str(saved(tiny_bert(), tmp_path / "filler")))[0].text
    found = examples_of(str(saved(bare, tmp_path / "bare")))
    assert found and not any("[MASK]" in one.text for one in found)
    assert examples_of(str(saved(tiny_gpt2(), tmp_path / "gpt")))[0].text.endswith("because it was")


def test_nobody_is_left_without_an_example():
    assert examples_of("no-such-model") and examples_of("translator") and examples_of("rnn-dot")
