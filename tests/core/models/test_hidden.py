"""Hidden states of many texts: equal to one text at a time, whatever the batches."""

import numpy as np
import pytest
import torch

from core.models.hidden import LAYERS_OF, hidden_states, lower_part, means, similarities
from core.tokens import split_text
from tests.checkpoints import tiny_bert, tiny_tokenizer
from tests.tiny import tiny as family

TEXTS = ["the cat", "the cat sat on the mat", "mat", "sat on mat the cat on the mat the cat"]


@pytest.fixture(scope="module")
def tiny():
    return tiny_bert().eval(), tiny_tokenizer()


def alone(model, tokenizer, text: str) -> np.ndarray:
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.inference_mode():
        out = model.bert(input_ids=ids, output_hidden_states=True).hidden_states
    return torch.stack(out)[:, 0].numpy()


@pytest.mark.parametrize("cells", [4, 12, 1000])
def test_batched_states_equal_those_of_one_text(tiny, cells):
    found = {s.index: s for s in hidden_states(*tiny, TEXTS, cells=cells)}
    assert sorted(found) == [0, 1, 2, 3]
    for i, text in enumerate(TEXTS):
        assert np.allclose(found[i].values, alone(*tiny, text), atol=1e-5)
        assert found[i].values.shape[:2] == (3, len(text.split()))


def test_a_text_that_comes_again_is_read_once(tiny):
    """But apart where other pieces are hidden in it, or its words are cut otherwise."""
    model, tokenizer = tiny
    read = []
    hook = model.bert.register_forward_pre_hook(
        lambda _, args, kwargs: read.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    cat = tokenizer.convert_tokens_to_ids("cat")
    try:
        found = {s.index: s for s in hidden_states(*tiny, ["mat", "the cat", "mat", "the cat"])}
        assert sum(read) == 2 and sorted(found) == [0, 1, 2, 3]
        assert np.array_equal(found[1].values, found[3].values)
        read.clear()
        hidden = [set(), {cat}, set(), set()]
        found = {s.index: s for s in hidden_states(*tiny, ["mat", "the cat", "mat", "the cat"], hidden=hidden)}
        assert sum(read) == 3
        assert not np.allclose(found[1].values, found[3].values)
        read.clear()
        list(hidden_states(*tiny, [split_text("the cat", ["the", "cat"])] * 2))
        assert read == [1]
    finally:
        hook.remove()


def test_chosen_layers_and_words(tiny):
    (some,) = hidden_states(*tiny, [split_text("", ["the", "cat", "sat"])], layers=[2])
    assert np.allclose(some.values[0], alone(*tiny, "the cat sat")[2], atol=1e-5)
    assert some.words == (0, 1, 2)


@pytest.mark.parametrize("name", ["bert", "distilbert", "roberta", "electra", "albert"])
def test_layers_above_those_that_are_wanted_are_not_run(name):
    model, tokenizer = family(name), tiny_tokenizer()
    count = model.config.num_hidden_layers
    (first,) = hidden_states(model, tokenizer, TEXTS[:1], layers=[1])  # before the whole has ever been asked
    (whole,) = hidden_states(model, tokenizer, TEXTS[:1])
    assert whole.values.shape[0] == count + 1
    assert np.array_equal(first.values[0], whole.values[1])
    for last in range(count + 1):
        (some,) = hidden_states(model, tokenizer, TEXTS[:1], layers=[0, last])
        assert np.array_equal(some.values, whole.values[[0, last]])
    if name != "albert":  # all its layers are one
        part = lower_part(model, 2)
        assert part is not model and len(getattr(part, LAYERS_OF[model.config.model_type]).layer) == 2
        assert next(part.parameters()) is next(model.parameters())
    assert lower_part(model, count) is model


def test_long_texts_are_cut_and_empty_ones_have_no_pieces(tiny):
    (long,) = hidden_states(*tiny, ["cat " * 100])
    assert len(long.ids) <= 32
    (empty,) = hidden_states(*tiny, [""])
    assert empty.values.shape == (3, 0, 16)
    assert np.array_equal(means(*tiny, [""]), np.zeros((3, 1, 16)))


def test_means_and_cosines_by_numpy(tiny):
    states = [alone(*tiny, text) for text in TEXTS]
    assert np.allclose(means(*tiny, TEXTS), np.stack([s.mean(1) for s in states], 1), atol=1e-5)
    source, target = sorted(hidden_states(*tiny, TEXTS[:2]), key=lambda s: s.index)
    found = similarities(source, target)
    a, b = states[0][1, 1], states[1][1, 4]
    assert found[1, 1, 4] == pytest.approx(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), abs=1e-5)


@pytest.mark.parametrize("cells", [4, 1000])
def test_means_over_groups_are_means_of_the_pieces_and_nothing_else_comes(tiny, cells):
    """Every other piece, in both orders, of each text that has two."""
    groups = lambda index, ids: [list(range(i, len(ids), 2)) for i in (1, 0)] if len(ids) > 1 else []  # noqa: E731
    pieces = {s.index: s.values for s in hidden_states(*tiny, [*TEXTS, TEXTS[1]])}
    for states in hidden_states(*tiny, [*TEXTS, TEXTS[1]], cells=cells, groups=groups):
        wanted = pieces[states.index]
        found = [wanted[:, 1::2].mean(axis=1), wanted[:, 0::2].mean(axis=1)] if wanted.shape[1] > 1 else []
        assert states.values.shape == (3, len(found), wanted.shape[2])
        for place, one in enumerate(found):
            assert np.allclose(states.values[:, place], one, atol=1e-5)
        assert len(states.ids) == wanted.shape[1]
