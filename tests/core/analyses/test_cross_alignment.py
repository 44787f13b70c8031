"""A translator's word links by pencil: a source word is given what its pieces are given together."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses import alignment
from core.requests import Pair
from core.types import Attention, Token

PAIR = Pair(("houses", "red"), ("Häuser", "rot"))
KEYS = (Token("house", 1, 0), Token("s", 2, 0), Token("red", 3, 1), Token("</s>", 4, -1, special=True))
QUERIES = (Token("Häus", 1, 0), Token("er", 2, 0), Token("rot", 3, 1), Token("</s>", 4, -1, special=True))


@pytest.fixture
def crossed(monkeypatch):
    """crossed(weights[layer, head, query, key]): what becomes of a translator's cross-attention."""

    def made(weights: list) -> alignment.Compared:
        cross = Attention("cross", QUERIES, KEYS, np.array(weights, np.float32))
        monkeypatch.setattr(alignment, "encode", lambda request: SimpleNamespace(attentions=(cross,)))
        opened = SimpleNamespace(card=SimpleNamespace(name="translator"))
        return alignment.crossed(opened, PAIR)

    return made


END = [0.0, 0.0, 0.0, 1.0]


def test_pieces_of_a_source_word_add_up(crossed):
    # 0.3 + 0.3 for "houses" against 0.4 for "red": the mean of its pieces would lose.
    found = crossed([[[[0.3, 0.3, 0.4, 0], [0.3, 0.3, 0.4, 0], [0.1, 0.1, 0.8, 0], END]]])
    assert found.values[0] == pytest.approx(np.array([[0.6, 0.2], [0.4, 0.8]]))
    assert [unit.text for unit in found.source] == ["houses", "red"] and found.layers == (1,)


def test_pieces_of_a_target_word_take_on_average_and_what_special_tokens_get_is_left_out(crossed):
    found = crossed([[[[0.5, 0, 0, 0.5], [0.5, 0, 0.5, 0], [0, 0, 0.2, 0.8], END]]])
    # "Häuser": (0.5 + 0.5) / 2 for "houses", (0 + 0.5) / 2 for "red", made to sum to 1; "rot": 0.2 of 0.2.
    assert found.values[0] == pytest.approx(np.array([[2 / 3, 0], [1 / 3, 1]]))


def test_heads_are_averaged_and_layers_are_kept_apart(crossed):
    half = [0.5, 0, 0.5, 0]
    found = crossed([[[half] * 3 + [END], [[1.0, 0, 0, 0]] * 3 + [END]]])
    assert found.values[0] == pytest.approx(np.array([[0.75, 0.75], [0.25, 0.25]]))
    one, other = [1.0, 0, 0, 0], [0, 0, 1.0, 0]
    found = crossed([[[one, one, other, END], [other, other, other, END]], [[other, other, one, END]] * 2])
    assert found.values == pytest.approx(np.array([[[0.5, 0], [0.5, 1]], [[0, 1], [1, 0]]])) and found.layers == (1, 2)
