"""The benchmark's arithmetic: bars, ratios, table, JSON, and what is read off the notes of a page. Nothing is timed."""

import importlib
import json
import re

import pytest

import run
from benchmarks.cases import median
from benchmarks.models import text_of, vocabulary
from benchmarks.probe import Answer, answer, changed
from benchmarks.report import BUSY, Row, amount, as_json, described, failed, table
from benchmarks.shots import addresses, pages
from tests.apptest import ROOT


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("a", "s", 0.9, 1.0), True),
        (Row("a", "s", 1.0, 1.0), True),
        (Row("a", "s", 1.1, 1.0), False),
        (Row("a", "s", 0.9, 1.0, rival=9.0, factor=10), True),
        (Row("a", "s", 0.9, 1.0, rival=8.9, factor=10), False),
        (Row("a", "s", 1.1, 1.0, rival=99.0, factor=10), False),
        (Row("a", "s", 0.9, 1.0, factor=10), None),  # nothing to be ten times faster than
        (Row("a", "s", 1.1, 1.0, factor=10), False),
        (Row("a", "s", 0.9), None),  # told, not judged
        (Row("a", "s", 0.9, right=False), False),
        (Row("a", "s", most=1.0), False),
        (failed("a", ValueError("no")), False),
    ],
)
def test_a_bar_is_met_missed_or_not_known(row, met):
    assert row.met is met


def test_the_ratio_says_how_many_times_less():
    assert Row("a", "B", 2.5e6, rival=100e6).ratio == pytest.approx(40)
    assert Row("a", "B", 2.5e6).ratio is None
    assert Row("a", "s", 0.0, rival=1.0).ratio is None


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0164, "s", "16 ms"),
        (0.9996, "s", "1.00 s"),
        (77, "s", "77.00 s"),
        (2_500_000, "B", "2.50 MB"),
        (1.75e9, "B", "1.75 GB"),
        (999_600_000, "B", "1.00 GB"),
        (1.0449, "x", "1.04x"),
        (None, "s", ""),
    ],
)
def test_amounts_are_written_with_their_unit(value, unit, text):
    assert amount(value, unit) == text


ROWS = [
    Row("128 tokens", "s", 0.5, 1.0, rival=15.0, factor=10),
    Row("sent", "B", 3e6, 2.5e6),
    failed("start", RuntimeError("it did not start\nsecond line")),
]


def test_the_table_keeps_its_columns_and_tells_what_failed():
    lines = table(ROWS).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "what bar measured BertViz ratio met",
        "128 tokens <= 1.00 s, >= 10x less 500 ms 15.00 s 30x yes",
        "sent <= 2.50 MB 3.00 MB NO",
        "start failed NO RuntimeError: it did not start",
    ]
    assert len({line.index(word) for line, word in zip(lines, ["bar", "<=", "<="], strict=False)}) == 1


def test_the_numbers_are_written_as_json_with_their_machine():
    written = json.loads(json.dumps(as_json(ROWS, {"cores": 2})))
    assert written["machine"] == {"cores": 2}
    assert written["met"] is False
    first, second, third = written["rows"]
    assert (first["value"], first["ratio"], first["met"]) == (0.5, 30.0, True)
    assert second["met"] is False
    assert third["value"] is None
    assert as_json(ROWS[:1], {})["met"] is True


def test_a_busy_machine_is_warned_about():
    where = {"cpu": "a CPU", "cores": 2, "system": "a system"}
    assert "busy" in described(where | {"load": BUSY + 0.1})
    assert "busy" not in described(where | {"load": BUSY})
    assert described(where | {"load": None}) == "a CPU, 2 cores, a system"


def test_seconds_are_the_median_and_bytes_the_most():
    some = [Answer(3.0, 10, 1), Answer(1.0, 30, 2), Answer(2.0, 20, 3)]
    assert median(some) == Answer(2.0, 30, 3)


NOTED = {
    "keys": [{"key": "a", "time": 900}, {"key": "Enter", "time": 1000}],
    "frames": [
        {"way": "out", "time": 1010, "bytes": 50},
        {"way": "in", "time": 1400, "bytes": 700},
        {"way": "in", "time": 1450, "bytes": 300},
    ],
    "shown": [{"ready": "old", "time": 1200}, {"ready": "new", "time": 1500}, {"ready": "new", "time": 1600}],
    "asked": [{"url": "/gaze/head", "time": 1580}],
    "fetched": 64,
}


def test_an_answer_lasts_from_enter_to_the_first_new_picture():
    assert answer(NOTED, "old") == Answer(0.5, 1000, 64)


def test_a_page_that_asked_before_enter_is_not_measured():
    early = NOTED | {"frames": [{"way": "out", "time": 990, "bytes": 50}]}
    with pytest.raises(RuntimeError, match="before Enter"):
        answer(early, "old")


def test_a_step_is_timed_twice_where_exact_weights_follow():
    key = {"key": "ArrowRight", "time": 1000}
    shown = [{"head": "2", "exact": "0", "time": 1020}, {"head": "2", "exact": "1", "time": 1250}]
    step = changed(NOTED | {"keys": [key], "frames": [], "shown": shown}, "ArrowRight")
    assert (step.seconds, step.exact, step.frames, step.requests) == (0.02, 0.25, 0, 1)
    quiet = changed(NOTED | {"keys": [key], "frames": [], "asked": [], "shown": shown[1:]}, "ArrowRight")
    assert (quiet.seconds, quiet.exact, quiet.frames, quiet.requests) == (0.25, None, 0, 0)


def test_texts_are_made_of_the_vocabulary_and_differ_by_seed():
    words = vocabulary()
    assert len(set(words)) == len(words) == 8_000
    text = text_of(126, 1)
    assert len(text.split()) == 126
    assert set(text.split()) <= set(words)
    assert text == text_of(126, 1) != text_of(126, 2)


def test_every_page_has_its_picture_and_attention_its_views():
    names = pages()
    assert {"start", "attention", "models"} <= set(names)
    found = addresses(names)
    assert set(names) <= set(found)
    assert found["start"] == "/"
    assert found["attention-edit"] == "/attention?off=cross+3.4"
    assert found["attention-japanese"] == "/attention?units=words&into=Japanese"


@pytest.mark.parametrize("script", ["bench", "cases", "shots"])
def test_what_the_scripts_take_from_run_is_there(script):
    """They start a browser and a server, so no other test runs them."""
    text = (ROOT / "benchmarks" / f"{script}.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"\brun\.([a-zA-Z_]+)", text)) - {"py"}:
        assert hasattr(run, name), name
    for module in re.findall(r"^from (launch\.\w+) import", text, re.MULTILINE):
        imported = re.search(rf"^from {module} import (.*)$", text, re.MULTILINE)
        assert all(hasattr(importlib.import_module(module), name) for name in imported[1].split(", "))
