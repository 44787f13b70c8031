"""Sentences that conclude on the pages of word alignment: each on both sides, from numbers by pencil."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses.alignment_links import Aligned
from core.measures.alignment import Counts, LinkScores
from core.measures.comparing import Linked, groups, word_errors
from core.requests import AlignmentReader, Gold, LinkMethod, Pair
from ui.views.alignment import common, comparison, over_layers, own_file, pair, whole_set


def scores(f1: float, error: float = 0.5) -> LinkScores:
    return LinkScores(precision=0.9, recall=0.1, f1=f1, error_rate=error)


def results(low: float, middle: float, high: float) -> tuple:
    """A table of one language with a far score, and all together."""
    return (("French", scores(0.99), scores(0.98), scores(1)), ("all", scores(middle), scores(low), scores(high)))


# --- word alignment ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ((0.7, 0.75, 0.8), (0.5, 0.55, 0.6), True),
        ((0.5, 0.55, 0.6), (0.7, 0.75, 0.8), True),
        ((0.5, 0.6, 0.7), (0.65, 0.75, 0.85), False),
        ((0.65, 0.75, 0.85), (0.5, 0.6, 0.7), False),
        ((0.5, 0.6, 0.7), (0.7, 0.75, 0.8), False),  # they touch
        ((0.5, 0.6, 0.9), (0.65, 0.7, 0.75), False),  # one inside the other
    ],
)
def test_intervals_over_all_pairs_overlap_or_do_not(first, second, apart):
    said = whole_set.notes(["A mBERT", "B XLM-R"], [results(*first), results(*second)])
    assert said.startswith(f"A mBERT reaches F1 {first[1]:.2f} over all 64 pairs, B XLM-R {second[1]:.2f}: ")
    assert said.endswith("their intervals do not overlap." if apart else "their intervals overlap.")


def test_a_score_stands_before_its_interval():
    assert whole_set.within(0.5, 0.25, 0.75) == "0.50  (0.25–0.75)"


def file_of(*sides: list[Aligned], name: str = "", pairs: int = 2) -> own_file.Done:
    return own_file.Done("k", (Pair(("a",), ("b",)),) * pairs, 0, name, ["A one", "B two"], list(sides))


def links(*found: tuple[int, int], counts: Counts | None = None) -> Aligned:
    return Aligned(frozenset(found), counts, (0.0, 0.0))


@pytest.mark.parametrize(
    ("second", "alike"),
    [([links((0, 0)), links((1, 0))], 2), ([links((0, 0)), links()], 1), ([links((1, 1)), links((0, 1))], 0)],
)
def test_without_gold_it_counts_pairs_that_both_models_link_alike(second, alike):
    said = own_file.notes(file_of([links((0, 0)), links((1, 0))], second, name="mine.txt"))
    assert said == f"2 pairs of mine.txt. Both models link {alike} of them alike; without gold there are no scores."


def test_with_gold_each_model_has_its_own_scores():
    right, wrong = Counts(2, 2, 2, 2), Counts(2, 2, 0, 0)
    said = own_file.notes(file_of([links(counts=right)] * 2, [links(counts=wrong)] * 2))
    assert said.startswith("2 pairs of the example: send your own above. A one: F1 1.00  (1.00–1.00), AER 0.00")
    assert "B two: F1 0.00  (0.00–0.00), AER 1.00  (1.00–1.00)" in said


def test_a_table_of_a_file_names_links_and_f1_of_both_models():
    # Precision 2/2, recall 2/4: F1 2/3. Without gold there is no score.
    first = [links((0, 0), (1, 1), counts=Counts(2, 4, 2, 2)), links((0, 1))]
    second = [links((1, 0), counts=Counts(1, 4, 0, 0)), links((1, 1))]
    gold = Pair(("a", "b"), ("c", "d"), gold=Gold(frozenset({(0, 0)}), frozenset()))
    done = own_file.Done("k", (gold, Pair(("e",), ("f",))), 1, "", ["A", "B"], [first, second])
    table = own_file.table_of(done)
    assert list(table["pair"]) == [1, 2] and list(table["source"]) == ["a b", "e"]
    assert table["F1 A"][0] == pytest.approx(2 / 3) and table["F1 B"][0] == 0 and np.isnan(table["F1 A"][1])
    assert list(table["links A"]) == ["1-1 2-2", "1-2"] and list(table["links B"]) == ["2-1", "2-2"]


@pytest.fixture
def sides(monkeypatch):
    """sides((start, words of each layer, F1 of each layer), ...): what both models find of the pair."""

    def put(*some: tuple) -> common.AlignmentChoice:
        made = {
            name: SimpleNamespace(
                start=start,
                layers=tuple(range(len(words))),
                words=tuple(frozenset(one) for one in words),
                scores=tuple(scores(one) for one in f1),
            )
            for name, (start, words, f1) in zip("ab", some, strict=True)
        }
        monkeypatch.setattr(pair, "side_of", lambda reading, way, it: made[reading.model])
        gold = Gold(frozenset({(0, 0)}), frozenset())
        readings = AlignmentReader("a"), AlignmentReader("b")
        return common.AlignmentChoice(Pair(("x", "y"), ("u", "v"), gold=gold), readings, LinkMethod(), "fr")

    return put


def test_links_found_by_both_are_counted_at_the_layers_that_it_opens_with(sides):
    one, two, other = (0, 0), (1, 1), (0, 1)
    said = pair.see(sides((1, [[], [one, two]], (0.1, 0.4)), (0, [[two, other], [one]], (0.7, 0.6))))
    assert said.startswith("1 of 3 links are found by both models at the layers it opens with.")
    assert said.endswith("Nearest to gold here: layer 1 of A (F1 0.40) and the input of B (F1 0.70).")
    said = pair.see(sides((0, [[one], []], (0.9, 0.1)), (1, [[two], [one]], (0.2, 0.3))))
    assert said.startswith("1 of 1 links are found by both")
    assert said.endswith("the input of A (F1 0.90) and layer 1 of B (F1 0.30).")


def test_without_gold_nothing_is_near_it(sides):
    choice = sides((0, [[(0, 0)]], (0.5,)), (0, [[(1, 1)]], (0.5,)))
    typed = common.AlignmentChoice(Pair(("x",), ("u",)), choice.readings, choice.way, "fr")
    said = pair.see(typed)
    assert said.startswith("0 of 2 links") and "Nobody aligned this pair by hand" in said and "Nearest" not in said


@pytest.mark.parametrize(
    ("unknown", "sentences"),
    [
        ((0.2, 0.0), []),
        ((0.21, 0.0), ["21 % of the source"]),
        ((0.0, 0.5), ["50 % of the translation"]),
        ((0.3, 0.4), ["30 % of the source", "40 % of the translation"]),
    ],
)
def test_pieces_that_a_tokenizer_lacks_are_said_above_a_fifth(unknown, sentences):
    readings = AlignmentReader("a/m"), AlignmentReader("b/n")
    choice = common.AlignmentChoice(Pair(("x",), ("u",)), readings, LinkMethod(), "fr")
    found = common.warnings((SimpleNamespace(unknown=unknown), SimpleNamespace(unknown=(0.0, 0.0))), choice)
    assert len(found) == len(sentences)
    assert all(one.startswith("m does not know") and part in one for one, part in zip(found, sentences, strict=True))


@pytest.mark.parametrize(
    ("model", "language", "of", "hide", "says"),
    [
        ("mini-bert-wordpiece", "hi", "states", False, "without this language"),
        ("a", "hi", "states", False, "Then tick “change”"),
        ("a", "fr", "attention", True, "follows translations in few"),
        ("a", "fr", "states", True, "Which links survive"),
        ("a", "fr", "states", False, "Then tick “change”"),
    ],
)
def test_what_to_try_fits_the_question(model, language, of, hide, says):
    reading = AlignmentReader(model, of=of, hide=hide)
    assert says in pair.attempt(common.AlignmentChoice(Pair(("x",), ("u",)), (reading,) * 2, LinkMethod(), language))


@pytest.mark.parametrize(
    ("models", "language", "says"),
    [
        (("mini-bert-wordpiece", "mini-xlmr-sentencepiece"), "fr", "no layer aligns"),
        (("mini-bert-wordpiece", "mini-xlmr-sentencepiece"), "ar", "the built-in models have read"),
        (("mini-bert-wordpiece", "b"), "fr", "does any layer align"),
        (("mini-bert-wordpiece", "b"), "ar", "the same sentences. Is another"),
    ],
)
def test_what_no_model_read_is_said_of_those_that_come_with_gaze_alone(models, language, says):
    readings = AlignmentReader(models[0]), AlignmentReader(models[1])
    assert says in over_layers.attempt(common.AlignmentChoice(Pair(("x",), ("u",)), readings, LinkMethod(), language))


@pytest.mark.parametrize(("of", "says"), [("states", "vectors are near"), ("attention", "much attention")])
def test_what_a_link_rests_on_is_what_was_compared(of, says):
    readings = (AlignmentReader("a", of=of),) * 2
    assert says in pair.careful(common.AlignmentChoice(Pair(("x",), ("u",)), readings, LinkMethod(), "fr"))


@pytest.mark.parametrize(("language", "says"), [("ar", "does any layer"), ("fr", "does any layer")])
def test_the_best_layers_are_named_with_their_scores(heard, monkeypatch, language, says):
    made = {
        "a": over_layers.Curve(
            "A a", (0, 1, 2), (scores(0.2, 0.8), scores(0.6, 0.4), scores(0.5, 0.3)), ((scores(0, 0),) * 2,) * 3
        ),
        "b": over_layers.Curve(
            "B b", (0, 1, 2), (scores(0.7, 0.35), scores(0.6, 0.1), scores(0.1, 0.9)), ((scores(0, 0),) * 2,) * 3
        ),
    }
    monkeypatch.setattr(over_layers, "curve", lambda name, reading, counted: made[reading.model])
    monkeypatch.setattr(over_layers, "read_all", lambda reading, asked, pairs: [])
    monkeypatch.setattr(over_layers, "by_layer", lambda curves, height: None)
    readings = AlignmentReader("a"), AlignmentReader("b")
    over_layers.draw(common.AlignmentChoice(Pair(("x",), ("u",)), readings, LinkMethod(), language))
    see, attempt, _ = heard.notes[-1]
    assert see == "Best over 64 pairs: A a: layer 1 with F1 0.60, AER 0.40; B b: the input with F1 0.70, AER 0.35."
    assert (says in attempt) is (language != "ar") and ("Now choose French" in attempt) is (language == "ar")


def test_two_of_the_same_model_are_told_apart_by_their_letter():
    readings = AlignmentReader("x/mbert"), AlignmentReader("y/mbert")
    assert common.names_of(readings) == ["A mbert", "B mbert"]


# --- which model is better --------------------------------------------------------------------------------------------

WORDS = [tuple(f"w{k}{at}" for at in range(4)) for k in range(30)]
RIGHT, WRONG = frozenset((k, k) for k in range(4)), frozenset({(0, 1)})


def compared(first, second) -> list[Linked]:
    """Thirty pairs of four words, all linked to their own place by gold, and what two models find in each."""
    return [Linked(Pair(words, words, "fr"), Gold(RIGHT, RIGHT), first(k), second(k)) for k, words in enumerate(WORDS)]


@pytest.mark.parametrize(("better", "letters"), [(0, ("A one", "B two")), (1, ("B two", "A one"))])
def test_the_better_model_is_named_with_how_much_and_how_sure(better, letters):
    good, bad = (lambda _: RIGHT), (lambda k: WRONG if k % 2 else RIGHT)
    said = comparison.verdict(["A one", "B two"], compared(*((good, bad) if not better else (bad, good))), "mine.txt")
    # the worse one: 15 * (4 + 4) right of 15 * (4 + 4) + 15 * (1 + 4)
    error = 1 - 120 / 195
    assert said.startswith(
        f"{letters[0]} aligns mine.txt better than {letters[1]}: AER 0.000 against {error:.3f}, "
        f"a difference of {error:.3f} (95 %: 0."
    )
    assert said.endswith("it is better in 100 % of 1,000 resampled sets.")


def test_a_difference_that_may_be_nothing_names_no_winner():
    some = compared(lambda k: WRONG if k % 2 else RIGHT, lambda k: RIGHT if k % 2 or not k else WRONG)
    said = comparison.verdict(["A one", "B two"], some, "mine.txt")
    # 15 pairs wrong against 14: 1 - 120 / 195 and 1 - 128 / 198
    assert said.startswith("Which model aligns mine.txt better cannot be told: AER 0.385 against 0.354")
    assert comparison.better(["A one", "B two"], groups(some, {})[0].difference) == "not clear"


def test_one_sentence_and_no_gold_tell_nothing():
    one = compared(lambda _: RIGHT, lambda _: WRONG)[:1]
    said = comparison.verdict(["A one", "B two"], one, "mine.txt")
    assert said.endswith("over one sentence, which tells nothing of others.")
    assert "nobody can tell" in comparison.verdict(["A one", "B two"], [], "mine.txt")
    assert comparison.better(["A one", "B two"], groups(one, {})[0].difference) == "not clear"


def test_tables_of_groups_and_words():
    some = compared(lambda _: RIGHT, lambda k: WRONG if k % 2 else RIGHT)
    table = comparison.groups_table(["A one", "B two"], groups(some, {}))
    assert list(table["group"]) == ["all pairs", "up to 7 words", "words that come once"]
    assert list(table["better"]) == ["A one"] * 3 and (table["A - B"] < 0).all() and (table["from"] < table["to"]).all()
    words = comparison.words_table(word_errors(some))
    assert (words["errors A"] == 0).all() and set(words["word"]) == {w for k in range(1, 30, 2) for w in WORDS[k]}
    assert list(words.columns) == [
        "word", "side", "times", "errors A", "missed A", "wrong A", "errors B", "missed B", "wrong B",
    ]  # fmt: skip
