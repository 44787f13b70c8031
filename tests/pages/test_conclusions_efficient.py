"""Sentences that conclude on the pages of cheaper attention and of positions: each on both sides of where it turns."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses.positions import Shifted
from core.analyses.scaling import Measured
from core.measures.efficient import Approximation, HeadInputs, Loss
from core.types import Token
from ui.views.efficient import growth, maps
from ui.views.positions import views as positions

MODEL = "mini-bert-wordpiece"


def tokens(*texts: str, special: tuple[int, ...] = ()) -> tuple[Token, ...]:
    return tuple(Token(text, i, i, i in special) for i, text in enumerate(texts))


# --- cheaper attention ------------------------------------------------------------------------------------------------


def head(size: int = 3) -> HeadInputs:
    square = np.zeros((size, size), np.float32)
    words = tuple("abcdef"[:size])
    return HeadInputs("encoder", words, words, square, square, square, square, 1.0)


def cheaper(sums: tuple[float, ...], used: int) -> Approximation:
    size = len(sums)
    looked = (np.arange(size * size) < used).reshape(size, size)
    return Approximation(np.diag(sums).astype(np.float32), np.zeros((size, size), np.float32), looked)


@pytest.mark.parametrize(
    ("rows", "worst"),
    [((0.1, 0.5, 0.2), "“b” (50 %)"), ((0.75, 0.5, 0.2), "“a” (75 %)"), ((0, 0, 0.03), "“c” (3.0 %)")],
)
def test_the_row_that_loses_most_is_named(rows, worst):
    loss = Loss(0.25, 0.125, np.array(rows))
    said_of = maps.sentence(head(), cheaper((1, 1, 1), 3), loss, 0.5, "local")
    assert f"most at {worst}" in said_of and "map off by 25 %" in said_of and "output off by 12 %" in said_of


@pytest.mark.parametrize(("used", "share"), [(3, "33 %"), (9, "100 %")])
def test_pairs_that_are_looked_at_are_a_share_of_all(used, share):
    loss = Loss(0, 0, np.zeros(3))
    assert f"uses {share} of the pairs" in maps.sentence(head(), cheaper((1, 1, 1), used), loss, 0.5, "local")
    assert "never makes the map" in maps.sentence(head(), cheaper((1, 1, 1), used), loss, 0.5, "linear")


@pytest.mark.parametrize(
    ("share", "says"), [(0.25, "25 % of the multiplications"), (9.9, "990 % of"), (9.95, "10 × the"), (42, "42 × the")]
)
def test_ten_times_the_cost_is_no_longer_percent(share, says):
    assert says in maps.sentence(head(), cheaper((1, 1, 1), 3), Loss(0, 0, np.zeros(3)), share, "local")


@pytest.mark.parametrize(
    ("sums", "says"), [((1, 1, 1), ""), ((1, 1.0009, 1), ""), ((0.5, 1, 1.25), "rows sum to 0.50 … 1.25")]
)
def test_rows_that_do_not_sum_to_1_are_said(sums, says):
    found = maps.sentence(head(), cheaper(sums, 3), Loss(0, 0, np.zeros(3)), 0.5, "low_rank")
    assert ("rows sum" in found) is bool(says) and says in found


@pytest.mark.parametrize(("ring", "says"), [(0, "looks 0.0 tokens away"), (1, "looks 1.0 tokens away")])
def test_how_far_a_head_looks_is_its_mean_distance(heard, ring, says):
    exact = np.eye(2)[:, ::-1] if ring else np.eye(2)
    maps.explain(head(2), Approximation(exact, exact, exact > 0), "local")
    assert says in heard.notes[-1][0]


@pytest.mark.parametrize(
    ("values", "says"), [((1, 1, 1), "3 of 3 singular values"), ((3, 1, 0), "1 of 3"), ((2, 1, 0.5), "2 of 3")]
)
def test_singular_values_that_keep_ninety_percent_are_counted(heard, values, says):
    # Energies: 1/3 each; 9/10; 4 and 1 of 5.25.
    exact = np.diag(np.array(values, np.float64))
    maps.explain(head(), Approximation(exact, exact, exact > 0), "low_rank")
    assert says in heard.notes[-1][0]


POINTS = (
    Measured("full", 1024, 0.002, 4_000_000),
    Measured("local", 1024, 0.001, 2_000_000),
    Measured("full", 4096, 0.5, 64_000_000),
    Measured("local", 4096, 0.004, None),
    Measured("full", 8192, None, None),
    Measured("local", 8192, 0.01, None),
)


def test_the_longest_text_that_both_were_measured_on_is_compared(heard):
    growth.grown(POINTS, "local")
    assert "At <b>4,096 tokens</b> one head of full attention takes 500 ms and 64 MB; " in heard.html[-1]
    assert "local window 4 ms." in heard.html[-1].lower()
    growth.grown(POINTS[:3], "local")
    assert "At <b>1,024 tokens</b> one head of full attention takes 2 ms and 4 MB; " in heard.html[-1]
    assert " 1 ms and 2 MB." in heard.html[-1]
    growth.grown(POINTS, "full")
    assert "takes 500 ms and 64 MB. <small>" in heard.html[-1]
    growth.grown(POINTS, "low_rank")
    assert "Low rank is counted nowhere" in heard.html[-1] and "takes" not in heard.html[-1]


# --- positions --------------------------------------------------------------------------------------------------------


@pytest.fixture
def scored(monkeypatch):
    """Scores of two schemes: a's change by a number, b's stay."""

    def put(by: float) -> None:
        moved = lambda scheme, words, start, setting, given: np.eye(2) * (by if start and scheme == "a" else 1)  # noqa: E731
        made = {name: SimpleNamespace(title=title, sentence="", moves="") for name, title in (("a", "A"), ("b", "B"))}
        monkeypatch.setattr(positions, "SCHEMES", made)
        monkeypatch.setattr(positions, "scores", moved)
        monkeypatch.setattr(positions, "panels_view", lambda panels, **more: notes.extend(one.note for one in panels))

    notes: list[str] = []
    put.notes = notes
    return put


@pytest.mark.parametrize(("by", "says"), [(1.75, "scores change by up to 0.75"), (-1, "scores change by up to 2.00")])
def test_scores_that_change_with_the_shift_are_told_from_those_that_stay(scored, by, says):
    scored(by)
    see, _ = positions.shift_view(positions.PositionsChoice(a="a", b="b", k=8, text="x y"))
    assert see == f"A: {says} when the sentence moves by 8; B: no score changes when the sentence moves by 8."
    assert scored.notes[1] == f"greatest change {says[-4:]}" and scored.notes[3] == "nothing changes"


def test_what_float64_leaves_of_a_zero_is_none():
    assert positions.greatest(np.array([[1e-10, -1e-10]])) == 0 and positions.greatest(np.array([[-2.0, 1]])) == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (0.0, "the distance tells all"),
        (0.9e-4, "the distance tells all"),
        (0.011, "differ by up to 0.01"),
        (None, "a patch"),
    ],
)
def test_the_distance_tells_all_or_not(error, says):
    assert says in positions.alike(error)


@pytest.mark.parametrize(
    ("scheme", "says"),
    [("sinusoidal", "the distance tells all"), ("rope", "the distance tells all"), ("grid", "a patch is like")],
)
def test_schemes_are_judged_by_their_own_matrix(heard, monkeypatch, scheme, says):
    monkeypatch.setattr(positions, "panels_view", lambda *some, **more: None)
    see, _ = positions.distance_view(positions.PositionsChoice(a=scheme, b=scheme, n=20))
    assert says in see


def test_a_turn_is_k_times_the_frequency_of_the_pair(heard):
    see, _ = positions.pair_view(positions.PositionsChoice(k=2, pair=0))
    assert see.startswith("A shift by 2 turns pair 0 by 114.6°")  # two radians
    see, _ = positions.pair_view(positions.PositionsChoice(k=0, pair=3))
    assert see.startswith("A shift by 0 turns pair 3 by 0.0°")


@pytest.mark.parametrize(
    ("change", "says", "next_model"),
    [
        ((0.0, 0.25), " weights of m change by up to 0.25, most in layer 2.", "RoPE"),
        ((0.5, 0.125), " weights of m change by up to 0.50, most in layer 1.", "RoPE"),
        ((0.0, 0.9e-4), "m gives the same weights from position 5 as from 0.", "table of positions"),
    ],
)
def test_a_models_weights_change_or_stay(heard, monkeypatch, change, says, next_model):
    before = np.full((2, 1, 2, 2), 0.5)
    after = before + np.array(change)[:, None, None, None] * np.array([[1, -1], [0, 0]])
    found = Shifted("/there/m", tokens("a", "b"), before, after, ("", ""), ((), ()))
    monkeypatch.setattr(positions, "ask", lambda request: found)
    monkeypatch.setattr(positions, "card_for", lambda name: SimpleNamespace(title=name.rpartition("/")[2]))
    panels = []
    monkeypatch.setattr(
        positions, "panels_view", lambda some, **more: panels.extend(some) or SimpleNamespace(cell=None)
    )
    see, attempt = positions.model_view(positions.PositionsChoice(model="m", k=5))
    assert see.endswith(says) and f"a model with {next_model}" in attempt.replace("with a table", "with table")
    assert panels[1].title == f"Layer {1 + int(np.argmax(change))}, head 1: from position 0"
    drawn = max(change) if max(change) > positions.ROUNDING else 0  # what rounding leaves is no change
    assert np.abs(panels[3].values).max() == pytest.approx(drawn) and panels[0].values.max() == pytest.approx(drawn)
