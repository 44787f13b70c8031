"""Zero-shot transfer: closed forms, scikit-learn and scipy as judges, tables with slips in them, and the page."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.analyses.transfer import by_layer, own_task, rows, shipped_task, vectors, zero_shot_rows
from core.data.labelled import NAMES, check_labels, languages, read_table, shipped
from core.data.tables import MOST_ROWS
from core.measures.projection import centred
from core.measures.transfer import Score, correlation, evaluate, fit_and_guess, folds, interval, margins, retrieval
from core.models.hidden import means
from core.requests import Labelled, Task, TransferRequest
from core.store.opening import open_model
from core.store.shelf import SHELF
from core.types import Refused
from tests.checkpoints import saved, tiny_bert

MODEL = "mini-bert-wordpiece"


needs_model = pytest.mark.skipif(MODEL not in SHELF, reason=f"{MODEL} is not on the shelf")


@pytest.mark.parametrize(("name", "count"), [("topics", 4), ("sentiment", 2)])
def test_shipped_sentences_are_many_balanced_and_distinct(name, count):
    found = shipped(name)
    assert languages(found) == tuple(NAMES)
    for code in NAMES:
        own = [one for one in found if one.language == code]
        labels = [one.label for one in own]
        assert len(own) >= 30 and len(check_labels(tuple(own))) == count
        assert len({labels.count(label) for label in labels}) == 1
        assert len({one.text for one in own}) == len(own)
        assert {one.same for one in own} == {one.same for one in found}
        assert all(unicodedata.is_normalized("NFC", one.text) and one.text == one.text.strip() for one in own)


@pytest.mark.parametrize(("code", "script"), [("ja", "HIRAGANA"), ("zh", "CJK"), ("vi", "LATIN"), ("fr", "LATIN")])
def test_each_language_is_in_its_script(code, script):
    for one in [*shipped("topics"), *shipped("sentiment")]:
        if one.language == code:
            assert any(unicodedata.name(letter, "").startswith(script) for letter in one.text), one.text
            assert code != "zh" or not any("KANA" in unicodedata.name(letter, "") for letter in one.text), one.text


def test_wilson_s_interval_by_scipy():
    from scipy.stats import binomtest

    for right, count in ((0, 10), (7, 10), (32, 32), (50, 200)):
        theirs = binomtest(right, count).proportion_ci(method="wilson")
        assert interval(Score(right, count)) == pytest.approx((theirs.low, theirs.high), abs=1e-6)
    assert interval(Score(0, 0)) == (0.0, 1.0)


def test_correlation_by_scipy():
    from scipy.stats import pearsonr

    x, y = np.random.default_rng(0).normal(size=(2, 9))
    theirs = pearsonr(x, y)
    assert correlation(x, y) == pytest.approx((theirs.statistic, *theirs.confidence_interval()), abs=1e-6)
    assert np.isnan(correlation([1, 1, 1], [1, 2, 3])[0])
    assert correlation([0, 1], [0, 1]) == pytest.approx((1.0, -1.0, 1.0))
    assert correlation([0, 1, 2, 3], [3, 2, 1, 0]) == pytest.approx((-1.0, -1.0, -1.0))


@settings(max_examples=15, deadline=None)
@given(some.integers(0, 999), some.integers(6, 20), some.integers(2, 60))
def test_the_probe_in_its_own_axes_is_scikit_learn_s_plain_one(seed, count, width):
    draw = np.random.default_rng(seed)
    x, others = draw.normal(size=(count, width)), draw.normal(size=(12, width))
    labels = np.array(["a", "b", "c"])[np.arange(count) % 3]
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000, tol=1e-8)).fit(x, labels)
    sure = np.sort(plain.predict_proba(others), axis=1)
    clear = sure[:, -1] - sure[:, -2] > 1e-2  # a tie may fall either way
    assert np.array_equal(fit_and_guess(x, labels, others)[clear], plain.predict(others)[clear])


@settings(max_examples=20, deadline=None)
@given(some.integers(2, 12), some.integers(0, 99))
def test_groups_stay_whole(pairs, seed):
    groups = np.repeat(np.arange(pairs), 2).astype(str)
    labels = np.array(["a", "b"] * pairs)
    found = folds(labels, groups, seed)
    assert all(len(set(found[groups == group])) == 1 for group in groups)
    assert found.max() + 1 == min(5, pairs)


def worlds(shift: float, width: int = 2, rows: int = 20) -> tuple[np.ndarray, list, list, list]:
    """Two languages whose labels lie on one axis; the second one is shifted along it."""
    draw = np.random.default_rng(3)
    labels = ["a", "b"] * (rows // 2)
    base = draw.normal(size=(rows, width)) * 0.1
    base[:, 0] += np.where(np.array(labels) == "a", -1, 1)
    other = base + draw.normal(size=base.shape) * 0.05
    other[:, 0] += shift
    return np.concatenate([base, other]), ["en"] * rows + ["xx"] * rows, labels * 2, [str(i) for i in range(rows)] * 2


def test_aligned_languages_transfer_and_shifted_ones_need_centring():
    vectors, names, labels, groups = worlds(0)
    first, second = evaluate(vectors, names, labels, groups, "en")
    assert first.zero_shot == second.zero_shot == Score(20, 20)
    assert first.inside == second.inside == Score(20, 20)
    assert (first.chance, first.majority) == (0.5, Score(10, 20))
    vectors, names, labels, groups = worlds(5)
    _, second = evaluate(vectors, names, labels, groups, "en")
    assert second.zero_shot == Score(10, 20) and second.inside == Score(20, 20)  # all of it is said to be one label
    _, second = evaluate(centred(vectors, names), names, labels, groups, "en")
    assert second.zero_shot == Score(20, 20)
    assert np.allclose(centred(vectors, names)[20:].mean(axis=0), 0, atol=1e-6)


def test_nobody_is_tested_on_the_translation_of_what_was_fitted():
    """Each sentence is recognised only by a mark of its own, at random: who has seen its twin would be always right."""
    draw = np.random.default_rng(1)
    marks = np.repeat(draw.normal(size=(60, 80)), 1, axis=0)
    labels = list(draw.choice(["a", "b"], 60))
    vectors, names = np.concatenate([marks, marks]), ["en"] * 60 + ["xx"] * 60
    twins = [str(i) for i in range(60)] * 2
    _, held = evaluate(vectors, names, labels * 2, twins, "en")
    assert held.zero_shot.share < 0.75
    leaking = fit_and_guess(marks, np.array(labels), marks)
    assert (leaking == np.array(labels)).all()


def test_a_language_with_one_label_has_no_fit_of_its_own():
    vectors, names, labels, groups = worlds(0)
    rows = [i for i in range(40) if names[i] == "en" or labels[i] == "a"]
    found = evaluate(
        vectors[rows], [names[i] for i in rows], [labels[i] for i in rows], [groups[i] for i in rows], "en"
    )
    assert found[1].inside is None and found[1].zero_shot.count == 10


@pytest.mark.parametrize(
    ("change", "source", "says"),
    [
        (lambda n, y: (n, ["a"] * 40), "en", "nothing to tell apart"),
        (lambda n, y: (n, y), "de", "No sentence is in 'de'"),
        (lambda n, y: (["en"] * 40, y), "en", "no language to transfer to"),
        (lambda n, y: (["en"] * 38 + ["xx"] * 2, y), "en", "xx has 2 sentences"),
        (lambda n, y: (n, ["a"] * 19 + ["b"] + y[20:]), "en", "single sentence"),
    ],
)
def test_too_little_is_refused(change, source, says):
    vectors, names, labels, _ = worlds(0)
    names, labels = change(names, labels)
    with pytest.raises(Refused, match=says):
        evaluate(vectors, names, labels, [""] * 40, source)


def test_retrieval_and_margins_by_pencil():
    x = np.array([[1.0, 0], [0, 1], [1, 0], [0, 1], [0, 1], [1, 0]])
    names, same = ["en", "en", "fr", "fr", "de", "de"], ["1", "2"] * 3
    assert retrieval(x, names, same, "en") == {"fr": 1.0, "de": 0.0}
    assert margins(x, names, same, "en") == {"fr": 1.0, "de": -1.0}
    assert retrieval(x, names, [""] * 6, "en") == {}


GOOD = "text,label,language,group\nHello,a,en,1\nSalut,a,fr,1\nBye,b,en,2\nAdieu,b,fr,2\n"


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_tables_are_read(mark):
    found = read_table(("\ufeff" + GOOD.replace(",", mark)).encode())
    assert found[1] == Labelled("Salut", "a", "fr", "1", "1") and len(found) == 4


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"text,label\nHello,a\n", "language is missing"),
        (b"text,label,language\n", "no sentence below"),
        (b"text,label,language\nHello,a,en\nBye,b\n", "Line 3 of Your table has 2 columns"),
        (b"text,label,language\nHello,a,en\n,b,en\n", "Line 3 has no text"),
        (b"text,label,language\nHello,,\n", "Line 2 has no label and no language"),
        (b"text,label,language\n\xff\xfe,a,en\n", "not UTF-8"),
        (b"text,label,language\n" + b"Hello,a,en\n" * (MOST_ROWS + 1), "up to 50,000 rows"),
    ],
)
def test_slips_in_a_table_are_named(raw, says):
    with pytest.raises(Refused, match=says):
        read_table(raw)


def test_fifty_thousand_rows_are_read():
    assert len(read_table(b"text,label,language\n" + b"Hello,a,en\n" * MOST_ROWS)) == MOST_ROWS


def test_one_class_only_is_refused():
    with pytest.raises(Refused, match="nothing to tell apart"):
        check_labels(read_table(GOOD.replace(",b,", ",a,").encode()))


def test_vectors_of_every_layer_are_the_means_over_pieces(tmp_path):
    folder = str(saved(tiny_bert(), tmp_path))
    texts = ("the cat sat", "on the mat", "mat", "the cat sat on the mat")
    task = Task("tiny", tuple(Labelled(text, "ab"[i % 2], "en") for i, text in enumerate(texts)))
    opened = open_model(folder)
    theirs = means(opened.model, opened.tokenizer, texts)
    for layer in range(3):
        assert np.allclose(vectors(folder, task, layer), theirs[layer], atol=1e-5)
    with pytest.raises(Refused, match="Layer 3 does not exist"):
        vectors(folder, task, 3)


def test_what_is_no_encoder_is_refused():
    with pytest.raises(Refused, match="no encoder"):
        vectors("translator", shipped_task("topics"), 0)


def test_a_table_too_large_for_every_layer_asks_for_one(tmp_path):
    folder = str(saved(tiny_bert(), tmp_path))
    texts = ["the cat", "the mat", "cat sat", "mat sat on"]
    raw = "text,label,language\n" + "".join(f"{texts[i % 4]},{i % 2},{'en' if i < 300 else 'fr'}\n" for i in range(600))
    task = own_task(raw.encode(), read_table(raw.encode()))
    asked = TransferRequest(folder, task, 2)
    assert by_layer(asked) == ()
    assert [row.zero_shot for row in rows(asked)] == [Score(300, 300)] * 2  # each text has one label


@needs_model
@pytest.mark.parametrize("task", ["topics", "sentiment"])
def test_the_built_in_encoder_transfers(task):
    """Over all other languages together far above chance: beyond three standard errors."""
    found = zero_shot_rows(TransferRequest(MODEL, shipped_task(task), 3))
    others = [row for row in found if row.language != "en"]
    right, count = sum(r.zero_shot.right for r in others), sum(r.zero_shot.count for r in others)
    chance = others[0].chance
    assert right / count > chance + 3 * (chance * (1 - chance) / count) ** 0.5
