"""The book, the bars and the visitors of a soak, by pencil: no server, no time."""

import asyncio
import json
import math
import random

import numpy as np
import pytest
from streamlit.proto.Delta_pb2 import Delta

from benchmarks.report import Row, table
from benchmarks.soak.ledger import A_DECADE, DECADES, LOSSES, Ledger, bin_of, quantile
from benchmarks.soak.room import HEARD, Lecture, Move, hear, lost_moves, recount
from benchmarks.soak.town import LAG, Town, judged, sentence
from benchmarks.soak.verdict import SAMPLES, Memory, draw, rows
from benchmarks.soak.visitors import made_up, of_page, picture
from benchmarks.soak.visitors import table as csv
from benchmarks.tab import Seen, multipart
from core.data.pictures import read
from tests.apptest import alone


def test_times_are_kept_in_bins_a_tenth_apart():
    assert bin_of(0) == bin_of(1e-9) == 0 and bin_of(1e9) == A_DECADE * DECADES - 1
    assert bin_of(0.011) == A_DECADE + int(math.log10(1.1) * A_DECADE)
    ledger = Ledger(100, slices=10)
    for seconds in (*[0.1] * 90, *[2.0] * 10):
        ledger.begin("page")
        ledger.end("page", "answered", 5, seconds)
    assert 0.1 <= ledger.quantile("page", 0.5) <= 0.1101 and ledger.quantile("page", 0.9) <= 0.1101
    assert 2.0 <= ledger.quantile("page", 0.91) <= 2.2
    assert math.isnan(ledger.quantile("other", 0.5)) and math.isnan(quantile(np.zeros(3), 0.5))
    over = ledger.over_time("page", 0.5)
    assert over[0] <= 0.1101 and np.isnan(over[1:]).all()


def test_every_question_is_counted_and_what_is_open_stays_open():
    ledger = Ledger(10)
    for outcome in ("answered", "refused", "left", *LOSSES):
        ledger.begin("page")
        ledger.end("page", outcome, 1, note="why")
    ledger.begin("page")
    assert ledger.open == 1 and all(ledger.count(one) == 1 for one in LOSSES)
    assert len(ledger.notes) == 3 and "page lost: why" in ledger.notes[-1]
    assert ledger.table().splitlines()[1].split()[:3] == ["page", "7", "0"]


def test_memory_is_judged_by_the_longest_life_and_by_its_second_half():
    memory = Memory()
    for moment in range(400):
        memory.note(moment, 1, 100 + (moment if moment < 200 else 200))  # full at half-time
    for moment in range(50):
        memory.note(400 + moment, 2, 10 * moment)
    assert memory.growth() == 0
    leak = Memory()
    for moment in range(400):
        leak.note(moment, 1, 1_000 + moment)
    # The second half is 1,200 to 1,399: its first eighth has the median 1,212, its last 1,387.
    assert leak.growth() == pytest.approx(100 * (1_387 - 1_212) / 1_212)
    assert math.isnan(Memory().growth())


def test_samples_of_memory_do_not_grow_with_time():
    memory = Memory()
    for moment in range(20 * SAMPLES):
        memory.note(moment, 1, moment)
    assert SAMPLES / 4 <= len(memory.samples) < SAMPLES and memory.samples[-1][0] > 19 * SAMPLES


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"{}", "answered"),
        (422, b'{"advice": "Choose."}', "refused"),
        (409, b'{"lacking": ["x"]}', "refused"),
        (422, b"", "failed"),
        (500, b'{"advice": "x"}', "failed"),
        (200, b'{"advice": "Something went wrong on our side; it was logged."}', "failed"),
    ],
)
def test_a_reply_is_an_answer_a_refusal_or_a_fault(status, body, outcome):
    assert judged(status, body)[0] == outcome


def test_a_page_is_judged_by_what_it_says():
    seen, wrong, broken = Seen(), Seen(), Seen()
    for one, body in ((wrong, "No folder."), (broken, "Something went wrong on our side, and it was logged.")):
        delta = Delta()
        delta.new_element.html.body = f'<div class="gaze-advice" role="alert">{body}</div>'
        one.note(delta)
    assert of_page(seen) == ("answered", "") and of_page(wrong) == ("refused", "No folder.")
    assert of_page(broken)[0] == "failed"


@pytest.fixture
def town(tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(Town, "now", property(lambda _: clock[0]))
    made = Town(None, tmp_path, tmp_path, Ledger(100), 100)
    made.clock = clock
    return made


def ask(town, kind, *outcomes):
    """What becomes of a question whose tries end so; an exception is raised."""
    tries = iter(outcomes)

    async def question():
        one = next(tries)
        if isinstance(one, BaseException):
            raise one
        return one, ""

    async def asked():
        town.up.set()
        return await town.ask(kind, question)

    return alone(asked())


def test_a_refusal_counts_while_its_fault_lasts_and_a_little_longer(town):
    assert ask(town, "vote", "refused") == "unfounded"
    with town.fault("locked", "vote"):
        assert ask(town, "vote", "refused") == "refused" and ask(town, "page", "refused") == "unfounded"
    town.clock[0] = LAG - 1
    assert ask(town, "vote", "refused") == "refused"
    town.clock[0] = LAG + 1
    assert ask(town, "vote", "refused") == "unfounded"
    assert town.caused == {"locked": 1} and town.ledger.open == 0


def test_what_breaks_off_is_lost_unless_the_server_was_told_to_end(town, monkeypatch):
    assert ask(town, "page", ConnectionResetError("gone")) == "lost"

    async def both():
        town.up.set()
        tries = []

        async def question():
            tries.append(1)
            if len(tries) == 1:
                town.up.clear()
                asyncio.get_running_loop().call_soon(town.up.set)
                raise EOFError
            return "answered", ""

        return await town.ask("page", question)

    assert alone(both()) == "answered"
    assert town.ledger.again["page"] == 1 and town.ledger.count("lost") == 1 and town.ledger.open == 0


def test_who_does_not_hear_of_a_move_is_counted(town):
    lecture = Lecture()
    lecture.moves = {1: Move(0.0, {1, 2}), 2: Move(1.0, {1, 2})}
    town.up.set()
    town.clock[0] = 1.5
    hear(town, lecture, 1, {"query": "?text=a&move=2"}, since=0.5)
    assert town.ledger.ended["move that is heard", "answered"] == 2
    assert 0.5 <= town.ledger.quantile("move that is heard", 0.5) <= 0.551, "the stream began after the first move"
    lost_moves(town, lecture)
    assert not town.ledger.count("lost")
    town.clock[0] = HEARD + 1.5
    lost_moves(town, lecture)
    assert town.ledger.count("lost") == 2 and not lecture.moves and town.ledger.open == 0


def test_votes_that_were_taken_must_be_revealed(town):
    lecture = Lecture(votes={1: {1, 2}, 2: {1, 2}})
    recount(town, lecture, {"number": 1, "counts": [1, 1, 0]})
    assert not town.ledger.count("failed")
    recount(town, lecture, {"number": 2, "counts": [0, 1, 0]})
    recount(town, lecture, {"number": 2, "counts": [0, 1, 0]})
    assert town.ledger.count("failed") == 1 and town.ledger.open == 0


def verdict(**changed):
    ledger, memory = Ledger(60), Memory()
    for kind in ("page", "move that is heard"):
        ledger.begin(kind)
        ledger.end(kind, "answered", 1, 0.1)
    for moment in range(64):
        memory.note(moment, 1, 10**9)
    given = {"ledger": ledger, "memory": memory, "caused": {"locked": 1}, "wanted": ["locked"], "end": 2.0, "log": ""}
    return rows(**(given | changed))


def open_ledger():
    ledger = Ledger(60)
    for kind in ("page", "move that is heard", "vote"):
        ledger.begin(kind)
        if kind != "vote":
            ledger.end(kind, "answered", 1, 0.1)
    return ledger


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({}, []),
        ({"caused": {}}, ["fault: locked"]),
        ({"end": 11.0}, ["told to end: ended after"]),
        ({"end": None}, ["told to end: ended after"]),
        ({"log": "ERROR gaze [-] a page failed"}, ["faults of ours in the log"]),
        ({"log": "ERROR gaze [-] a training failed: its process ended"}, []),
        ({"memory": Memory()}, ["memory: growth in the second half"]),
        ({"ledger": open_ledger()}, ["questions still open"]),
    ],
)
def test_a_bar_that_is_missed_is_named(changed, missed):
    assert [row.what for row in verdict(**changed) if row.met is False] == missed


def test_the_curve_is_one_file_that_asks_for_nothing(tmp_path):
    ledger, memory = Ledger(60), Memory()
    ledger.begin("page")
    ledger.end("page", "answered", 1, 0.1)
    memory.note(1, 1, 10**9)
    file = tmp_path / "runs" / "soak.svg"
    draw(file, ledger, memory, [(3.0, "restart")], [Row("a", "n", 1, 0)])
    said = file.read_text()
    assert said.lstrip().startswith("<?xml") and 'xlink:href="http' not in said


def test_counts_and_shares_are_written_and_a_rival_only_where_there_is_one():
    said = table([Row("lost", "n", 1_200, 0), Row("growth", "%", 3.14, 5)])
    assert [" ".join(line.split()) for line in said.splitlines()] == [
        "what bar measured met", "lost <= 0 1,200 NO", "growth <= 5.0 % 3.1 % yes",
    ]  # fmt: skip


def test_what_visitors_bring_is_what_pages_read():
    chance = random.Random(0)
    assert read(picture(chance)).shape == (96, 96, 3) and picture(chance) != picture(chance)
    lines = csv(chance).decode().splitlines()
    assert lines[0] == "language,text,label" and len(lines) == 33
    assert sentence(chance) != sentence(chance)
    bodies = [made_up(chance) for _ in range(200)]
    assert len(set(bodies)) > 150
    assert any(isinstance(json.loads(one), dict) for one in bodies if one.startswith(b"{"))
    body, headers = multipart("a.csv", b"text")
    assert b'filename="a.csv"' in body and b"\r\n\r\ntext\r\n" in body
    assert headers["Cookie"].endswith(headers["X-Xsrftoken"])


def test_pictures_and_pages_that_follow_a_lecturer_are_counted(monkeypatch):
    """Each follower's picture once a move, however often the room says the same; the page of the newest move alone."""
    from benchmarks import rooms

    said = [
        {"page": "attention", "query": f"?text={text}", "pictures": [["heads", "key", text]], "here": here}
        for text, here in (("a", 10**9), ("a", 10**9), ("b", 0))
    ]
    lectured = rooms.Lectured("", {"link": "x"}, rooms.Tab(""))

    async def events(url, link, browser):
        for one in said:
            lectured.began = {one["query"][1:]: 0.0}
            yield one
        await lectured.all_of(lectured.follow, 1)

    async def go(tab, page, query):
        went.append(query)
        return Seen()

    async def sent(url, method, path, headers):
        asked.append(path.rsplit("/", 1)[-1])
        return 200, rooms.GZIP + b"..."

    went, asked = [], []
    monkeypatch.setattr(rooms, "events", events)
    monkeypatch.setattr(rooms, "sent", sent)
    monkeypatch.setattr(rooms.Tab, "go", go)
    alone(rooms.follow(lectured, 1, rooms.Tab(""), asyncio.Event()))
    assert (asked, went) == (["a", "b"], ["text=b"])
    assert len(lectured.seen) == 2 and len(lectured.followed) == 1 and not lectured.failed
