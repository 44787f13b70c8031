"""The clock on the wall may be set while Gaze runs: who asks it, and that nothing waits by it."""

import ast
import re
import threading
import time

import pytest

from core.cache import Admission, Cache
from core.cache.memory import with_room
from core.learning import worker
from core.learning.worker import LEASE, Workshop
from tests.apptest import ROOT

#: Who asks the clock on the wall in Python, and why it may.
WALL = {
    "ui/server/rooms.py": "how old a room is after a restart",
}
#: The same in the browser: a name of a pin, dates that people read, the day of a recall card, the order of lessons.
IN_THE_BROWSER = {
    "ui/components/frame/compose.js", "ui/components/frame/pictures.js", "ui/components/frame/sheet_pins.js",
    "ui/components/recall/view.js", "ui/components/lesson/kept.js",
}  # fmt: skip
ASKED = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today")}
ASKED |= {("date", "today"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime")}
HOUR, DAY = 3600.0, 86_400.0


def asks(text: str) -> bool:
    """Whether a source asks the clock on the wall, or takes it as a function."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
    return any((ast.unparse(node.value).split(".")[-1], node.attr) in ASKED for node in nodes) or bool(
        re.search(r"from time import .*\b(time|time_ns|localtime)\b", text)
    )


def test_nobody_else_asks_the_clock_on_the_wall():
    files = [path for folder in ("core", "ui", "launch", "pages") for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if asks(path.read_text(encoding="utf-8"))}
    assert found == set(WALL)
    assert asks("import time\ntime.time()") and asks("import datetime\ndatetime.datetime.now()")
    assert not asks("import time\ntime.monotonic()")


def test_nobody_else_asks_it_in_the_browser():
    files = (ROOT / "ui" / "components").rglob("*.js")
    wanted = re.compile(r"Date\.now\(|new Date\(\)")
    found = {path.relative_to(ROOT).as_posix() for path in files if wanted.search(path.read_text(encoding="utf-8"))}
    assert found == IN_THE_BROWSER


@pytest.fixture(params=[HOUR, -HOUR, DAY, -DAY])
def leaping(request, monkeypatch):
    """A clock on the wall that is set by so much whenever it is asked."""
    now = [time.time()]

    def leap() -> float:
        now[0] += request.param
        return now[0]

    monkeypatch.setattr(time, "time", leap)
    return leap


def test_who_waits_for_room_gets_it_and_who_asks_is_answered(leaping):
    admission, order = Admission(1.0), []
    entered, leave = threading.Event(), threading.Event()

    def first() -> None:
        with admission.room(1.0):
            entered.set()
            leave.wait(30)
            order.append("first")

    def second() -> None:
        with admission.room(1.0, told=lambda before: leave.set()):
            order.append("second")

    one = threading.Thread(target=first)
    one.start()
    assert entered.wait(30)
    second()
    one.join(30)
    assert order == ["first", "second"] and not admission.running_now
    cache = Cache(1_000)
    assert cache.get("a", lambda progress, cancelled: cancelled(), lambda *_: None, lambda: False) is False
    assert with_room(lambda cancelled: cancelled()) is False


def test_a_run_whose_page_looks_on_goes_on(leaping, monkeypatch):
    """Leases are counted by the time that passes."""
    monkeypatch.setattr(worker.Training, "start", lambda self, threads: setattr(self, "state", "running"))
    workshop = Workshop(1)
    training = workshop.begin("module:train", None)
    training.renew()
    heard = training._heard
    leaping()
    training.look(heard + LEASE - 1)
    assert training.state == "running" and not training.said
    training.look(heard + LEASE + 1)
    assert training.said.startswith("The page was left")
    workshop.close()
