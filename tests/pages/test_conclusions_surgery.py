"""Sentences that conclude on the pages of model surgery: each on both sides of where it turns."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.analyses.surgery import Compressed, Predictions
from core.requests import Compression, TextRequest
from core.types import Attention, Choice, Prediction, TextEncoding, Token
from ui.components.board.view import BoardSide
from ui.views.surgery import by_hand, common, distil, heads, weights

MODEL = "mini-bert-wordpiece"


def tokens(*texts: str, special: tuple[int, ...] = ()) -> tuple[Token, ...]:
    return tuple(Token(text, i, i, i in special) for i, text in enumerate(texts))


# --- model surgery ----------------------------------------------------------------------------------------------------


def test_the_head_worth_most_and_those_below_a_twentieth(heard, monkeypatch):
    worth = {("encoder", 0, 0): 1.0, ("encoder", 0, 1): 20.0, ("cross", 1, 2): 0.99, ("cross", 0, 0): 5.0}
    monkeypatch.setattr(heads, "importance", lambda model, language: worth)
    heads.explain(TextRequest("m", "x"), (), 2.5, 2.5)
    assert "encoder head 1.2 is worth most; 1 of 4 heads are worth less than a twentieth" in heard.notes[-1][0]
    assert "loses 2.50 nats a piece" in heard.notes[-1][0]
    worth["cross", 1, 2] = 40.0
    heads.explain(TextRequest("m", "x"), (), 3.0, 3.0)
    assert "cross head 2.3 is worth most; 1 of 4" in heard.notes[-1][0]


def test_colours_of_the_board_are_shares_of_the_greatest_worth(monkeypatch):
    worth = {("encoder", 0, 0): 1.0, ("encoder", 0, 1): 4.0, ("encoder", 1, 0): 2.0, ("encoder", 1, 1): 0.0}
    monkeypatch.setattr(heads, "importance", lambda model, language: worth)
    some = tokens("a", "b")
    encoding = TextEncoding(
        TextRequest("m", "x"), "m", some, (Attention("encoder", some, some, np.full((2, 2, 2, 2), 0.5, "f4")),)
    )
    (side,) = heads.sides(TextRequest("m", "x"), (("encoder", 1, 0),), encoding, "worth")
    assert side.values.tolist() == [[0.25, 1], [0.5, 0]] and side.off == frozenset({(1, 0)})


def compressed(loss: float, milliseconds: float = 5.0, whole: float = 8.0, zeros: float = 0.0) -> Compressed:
    return Compressed(loss, 10.0, milliseconds, whole, zeros, None, None)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (([[0.1, 0.2]], [[0.3], [0.7]]), "Cross head 2.1 moved most: 70 %"),
        (([[0.1, 0.8]], [[0.3], [0.7]]), "Encoder head 1.2 moved most: 80 %"),
    ],
)
def test_the_head_that_moved_most_is_named(heard, values, says):
    moved = [BoardSide(kind, np.array(one)) for kind, one in zip(("encoder", "cross"), values, strict=True)]
    weights.explain(compressed(2.0), compressed(3.5), moved, Compression(pruned=0.3))
    see, _, careful = heard.notes[-1]
    assert see.startswith("The copy loses 3.50 nats a piece, the whole model 2.00.") and says in see
    assert "a pruned copy runs no faster" in careful


@pytest.mark.parametrize(
    ("cut", "says"),
    [(Compression(bits=4), "computes in 32 bits"), (Compression(int8=True), "Only linear layers are in 8 bits")],
)
def test_what_to_be_careful_of_fits_the_cut(heard, cut, says):
    weights.explain(compressed(2), compressed(3), [BoardSide("encoder", np.ones((1, 1)))], cut)
    assert says in heard.notes[-1][2]


def test_numbers_before_stand_left_of_numbers_after():
    rows = weights.numbers(compressed(2.0, zeros=0.0), compressed(3.5, 5.0, 8.0, 0.25))
    assert "<td>Loss, nats a piece</td><td>2.00</td><td><b>3.50</b></td>" in rows
    assert "<td>Time for 24 sentences</td><td>8 ms</td><td><b>5 ms</b></td>" in rows
    assert "<td>&lt; 0.1 %</td><td><b>25 %</b></td>" in rows or "<td>< 0.1 %</td><td><b>25 %</b></td>" in rows


def encoding(output: str = "", *words: tuple[str, float]) -> TextEncoding:
    some = tokens("a", "b")
    found = (Prediction("next token", 1, tuple(Choice(*one) for one in words)),) if words else ()
    maps_of = (Attention("decoder", some, some, np.full((1, 1, 2, 2), 0.5, "f4")),)
    return TextEncoding(TextRequest(MODEL, "x"), MODEL, some, maps_of, found, (), output)


def test_a_loss_that_rose_points_from_the_whole_to_the_cut():
    before, after = encoding("", ("cat", 0.5)), encoding("", ("dog", 0.25))
    both = common.notes(before, after, 2.0, 3.25, "2 of 8 heads off")
    assert "2 of 8 heads off: loss 2.00 → <b>3.25</b>" in both
    assert both.index("before") < both.index("cat 50 %") < both.index("after") < both.index("dog 25 %")
    alone = common.notes(before, None, 2.0, 2.0, "")
    assert "loss <b>2.00</b>" in alone and "→" not in alone and "<small>whole</small>" in alone
    assert "predicts nothing" in common.summary(encoding()) and "<span" in common.summary(encoding("Hallo"))


def predictions(logits: list[list[float]], model: str = "t") -> Predictions:
    places = tuple(f"place {i}" for i in range(len(logits)))
    made = SimpleNamespace(request=SimpleNamespace(model=model))
    return Predictions(places, torch.tensor(logits), made, str)


def test_places_where_both_guess_the_same_word_first_are_counted(monkeypatch):
    monkeypatch.setattr(distil, "one_vocabulary", lambda teacher, student: True)
    teacher = predictions([[5.0, 1.0], [1.0, 5.0], [0.0, 1.0]])
    assert "same first word at 3 of 3 places" in distil.numbers(teacher, predictions([[2.0, 1.0], [1, 2], [1, 2]]), 1.0)
    found = distil.numbers(teacher, predictions([[1.0, 2.0], [1, 2], [2, 1]]), 1.0)
    assert "same first word at 1 of 3 places" in found and "T² KL" in found
    three = distil.numbers(predictions([[3.0, 2.0, 1.0]]), predictions([[3.0, 1.0, 2.0]]), 1.0)
    assert "same first word at 1 of 1 places" in three  # though not the same last one
    same = distil.numbers(teacher, teacher, 2.0)
    assert "T² KL <b>0.000</b>" in same and "at T = 2:" in same


def test_guesses_over_different_pieces_are_not_compared(monkeypatch):
    two = predictions([[0.0, 0.0]])
    assert "different pieces" in distil.numbers(two, predictions([[0.0, 0.0, 0.0]], "s"), 1.0)
    monkeypatch.setattr(distil, "one_vocabulary", lambda teacher, student: False)
    assert "different pieces" in distil.numbers(two, predictions([[0.0, 0.0]], "s"), 1.0)
    assert "<b>1.00 bits</b>" in distil.numbers(two, two, 1.0)  # two words, equally likely


@pytest.mark.parametrize(
    ("after", "bits", "says"),
    [
        ([[0.0, 0.0], [0.0, 0.0]], 32, ("100 % zeros,", "|error| is <b>100 %</b>")),
        ([[3.0, 0.0], [0.0, 0.0]], 3, ("75 % zeros on 7 levels", "<b>80 %</b>")),
    ],
)
def test_zeros_levels_and_the_error_of_a_typed_matrix(heard, after, bits, says):
    matrix = torch.tensor([[3.0, 4.0], [0.0, 0.0]])  # |W| = 5
    by_hand.explain(matrix, torch.tensor(after), Compression(bits=bits), np.zeros((2, 4), np.float32), 1.0)
    assert all(part in heard.html[-1] for part in says), heard.html[-1]
    assert "teacher 2.00 bits" in heard.html[-1] and "T² KL <b>0.000</b>" in heard.html[-1]
