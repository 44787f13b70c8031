"""Sentences that conclude on the pages of blanks, of one head and of bugs: each on both sides of where it turns."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses import bugs as bug_order
from core.analyses.blank import Filled, Leak, MaskedText
from core.analyses.blank_pair import Inputs
from core.measures.inside import Draws
from core.measures.masking import Masking
from core.types import Choice, Token
from tests.apptest import page
from tests.drawn import said
from ui.views.blank import dice, fill, leak, pair
from ui.views.inside import heads as inside_heads
from ui.views.inside import order, scale

MODEL = "mini-bert-wordpiece"


def tokens(*texts: str, special: tuple[int, ...] = ()) -> tuple[Token, ...]:
    return tuple(Token(text, i, i, i in special) for i, text in enumerate(texts))


# --- fill the blank ---------------------------------------------------------------------------------------------------


def filled(weights_of: list[float], *choices: Choice) -> Filled:
    some = tokens("[CLS]", "the", "[MASK]", "sat", special=(0,))
    return Filled(some, (2,), (choices,), (("cat", 0.125, 1_234),), np.array(weights_of)[None, None, None])


@pytest.mark.parametrize(
    ("weights_of", "word"),
    [([0.9, 0.02, 0.03, 0.05], "sat"), ([0.1, 0.7, 0.1, 0.1], "the"), ([0, 0.1, 0.6, 0.3], "[MASK]")],
)
def test_the_blank_looks_most_at_a_word_that_is_not_special(weights_of, word):
    one = filled(weights_of, Choice("dog", 0.5), Choice("cat", 0.125))
    found = fill.see(None, {MODEL: one})
    assert "fills the blank with “dog” (50 %)" in found and found.endswith(f"it looks most at “{word}”.")


def test_the_right_guess_is_marked_and_its_place_said():
    html = fill.guesses(filled([0.25] * 4, Choice("dog", 0.5), Choice("cat", 0.125)))
    assert '<div class="gaze-bar"><code dir="auto">dog</code><i style="width:100.0%"></i><span>50 %' in html
    assert '<div class="gaze-bar right"><code dir="auto">cat</code><i style="width:25.0%"></i><span>12 %' in html
    assert "“cat”, which stood there: 12 %, place 1,234" in html
    assert "is not one piece" in fill.of_truth(None)


@pytest.mark.parametrize(
    ("share", "paired", "says"),
    [(None, False, "no pair to judge"), (None, True, "no head that judges"), (0.25, True, "<b>25 %</b>")],
)
def test_a_pair_is_judged_where_there_is_one_and_a_head_for_it(share, paired, says):
    assert says in pair.verdict(MODEL, share, paired=paired)


@pytest.mark.parametrize(
    ("about", "says"), [("masked words, translation", "is the translation"), ("masked words", "follows the")]
)
def test_what_the_head_for_pairs_says_yes_to(monkeypatch, about, says):
    monkeypatch.setattr(pair, "card_for", lambda name: SimpleNamespace(about={"objectives": about}))
    assert says in pair.verdict(MODEL, 0.5, paired=True)


@pytest.mark.parametrize(("kinds", "says"), [(2, "adds three vectors"), (1, "tells no segments apart")])
def test_segments_are_told_apart_or_not(kinds, says):
    one = Inputs(tokens("a"), (0,), np.zeros((1, 2)), None, None, kinds)
    assert says in pair.see(MODEL, one, None)
    assert ("· A</small>" in pair.strip(one)) is (kinds > 1)


def test_what_comes_back_after_two_layers_is_the_mean_of_the_diagonal_of_words():
    nan = float("nan")
    around = np.array([np.zeros((3, 3)), np.diag([0.9, 0.25, 0.75])])
    found = leak.see(
        MODEL, Leak(tokens("[CLS]", "a", "b", special=(0,)), around, (nan, 0.75, 0.25), (nan, 0.125, 0.25))
    )
    assert "after two layers 50 % of what reaches a word is the word itself" in found
    assert "gives a word 50 % on average; hidden, 19 %." in found
    one = leak.see(MODEL, Leak(tokens("a"), np.array([[[0.25]]]), (1.0,), (0.0,)))
    assert "25 % of what" in one and "a word 100 % on average; hidden, < 0.1 %." in one


@pytest.mark.parametrize(
    ("guess", "right", "says"),
    [
        ("b", float(np.exp(-2)), "2 chosen, 1 guessed right, loss 1.5 nats"),
        ("x", float(np.exp(-3)), "2 chosen, 0 guessed right, loss 2 nats"),
    ],
)
def test_dice_count_what_was_guessed_and_lost(guess, right, says):
    throw = Masking((0, 0, 0), ("kept", "mask", "unchanged"))
    guesses = (None, Choice(guess, 0.5), Choice("x", 0.5))
    one = MaskedText(
        tokens("a", "b", "c"), ("a", "[MASK]", "c"), throw, guesses, (float("nan"), right, float(np.exp(-1)))
    )
    assert dice.in_words(one) == says
    assert dice.strip(one).count("✓") == (guess == "b") and dice.strip(one).count("✗") == 1 + (guess != "b")


# --- inside one head --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights_of", "says"),
    [
        ([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], "0.00 bits in a head, 1.00 in the average of 2."),
        ([[[0.5, 0.5], [0.5, 0.5]]], "1.00 bits in a head, 1.00 in the average of 1."),
    ],
)
def test_averaged_heads_are_more_even_than_each(weights_of, says):
    assert inside_heads.summary(np.array(weights_of, float)) == f"A row has {says}"


@pytest.mark.parametrize(("d", "says"), [(1, "nothing to divide"), (64, "greatest weight 0.90, divided 0.25")])
def test_a_width_of_one_has_nothing_to_divide(d, says):
    raw, scaled = Draws(np.zeros(1), 0.9, 0.5, 0.125), Draws(np.zeros(1), 0.25, 3.0, 0.75)
    found = scale.summary(raw, scaled, d)
    assert says in found and (d == 1 or "entropy 0.50 and 3.00 bits; gradient 0.12 and 0.75." in found)


@pytest.mark.parametrize(
    ("apart", "kept", "count", "says"),
    [
        (0.9e-12, 0.9e-12, 3, ("0 (to 12 digits)", "output unchanged")),
        (0.5, 2e-12, 3, ("0.50: the words’ places matter", "output changed by 0.00")),
        (0.5, 0.25, 1, ("One word has one order",)),
    ],
)
def test_a_shuffle_put_back_changes_nothing_or_places_matter(apart, kept, count, says):
    found = order.summary(apart, kept, count)
    assert all(one in found for one in says)


# --- spot the bug -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2])
def test_a_guess_is_found_or_not_and_counted(number):
    wrong = bug_order.order(122)[number - 1].wrong
    other = "B" if wrong == "A" else "A"
    for guess, verdict, score in (
        (wrong, "Found.", "<b>1</b> of 1 found"),
        (other, f"You guessed {other}, and {wrong} is wrong.", "<b>0</b> of 1"),
    ):
        at = page("bugs", panel=str(number), order="122")
        assert "<b>0</b> of 0 found" in said(at)
        at.button(key=f"bugs:guess {guess}").click().run()
        assert verdict in said(at) and score in said(at) and not at.exception
