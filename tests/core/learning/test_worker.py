"""Trainings in their processes: their line, pause, stop, and that none outlives whoever wanted it."""

import os
import subprocess
import sys
import threading

import psutil
import pytest

from core.learning import worker
from core.learning.worker import Workshop
from core.types import Refused
from tests.apptest import ROOT

pytestmark = pytest.mark.slow  # each starts a process that loads torch
TRAINERS = "tests.core.learning.trainers"
PATIENCE = 60  # seconds until a test gives up; nothing is timed


def until(said):
    """Waits until something is true."""
    moment = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if said():
            return
        moment.wait(0.05)
    pytest.fail("it never came")


@pytest.fixture
def workshop():
    one = Workshop(at_once=1, most_waiting=2)
    yield one
    one.close()
    until(lambda: not one.busy or all(not t.process_alive for t in one._at_work))


def alive(number):
    return psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE


def test_values_come_in_order_from_a_process_of_their_own(workshop):
    training = workshop.begin(f"{TRAINERS}:count", 3)
    until(lambda: training.ended)
    assert training.state == "done"
    *numbers, process = training.steps
    assert numbers == [0, 1, 2] and process != os.getpid()
    until(lambda: not alive(process))


def test_one_runs_and_the_others_know_their_place(workshop):
    first, second, third = (workshop.begin(f"{TRAINERS}:endless", None) for _ in range(3))
    until(lambda: first.steps)
    assert [t.place for t in (first, second, third)] == [0, 1, 2]
    assert (second.state, second.steps) == ("waiting", ())
    with pytest.raises(Refused, match="1 trainings run here and 2 wait"):
        workshop.begin(f"{TRAINERS}:endless", None)
    second.stop()
    assert second.state == "stopped"
    until(lambda: third.place == 1)
    first.stop()
    until(lambda: third.steps)
    assert (first.state, first.steps[-1], third.state) == ("stopped", "last", "running")


def test_what_is_paused_stands_still_and_goes_on(workshop):
    training = workshop.begin(f"{TRAINERS}:endless", None)
    until(lambda: training.steps)
    process = psutil.Process(training.steps[0])
    training.pause()
    assert training.state == "paused"
    until(lambda: process.cpu_percent(0.1) < 5)
    training.go_on()
    assert training.state == "running"
    until(lambda: process.cpu_percent(0.1) > 20)


def test_a_paused_one_can_be_stopped(workshop):
    training = workshop.begin(f"{TRAINERS}:endless", None)
    until(lambda: training.steps)
    training.pause()
    training.stop()
    until(lambda: training.ended)
    assert training.state == "stopped" and training.steps[-1] == "last"


def test_time_ends_it_and_keeps_what_was_learned(workshop):
    training = workshop.begin(f"{TRAINERS}:endless", None, seconds=0.2)
    until(lambda: training.ended)
    assert training.state == "done" and training.steps[-1] == "last"


def test_who_does_not_listen_is_ended(workshop, monkeypatch):
    monkeypatch.setattr(worker, "GRACE", 0.3)
    training = workshop.begin(f"{TRAINERS}:deaf", None)
    until(lambda: training.steps)
    training.stop()
    until(lambda: training.ended and not alive(training.steps[0]))
    assert training.state == "stopped"


def test_a_page_that_is_left_ends_its_run(workshop, monkeypatch):
    monkeypatch.setattr(worker, "LEASE", 1.0)
    training = workshop.begin(f"{TRAINERS}:endless", None)
    until(lambda: training.renew() or training.steps)  # whoever looks keeps it
    until(lambda: training.ended)
    assert training.state == "stopped" and "left" in training.said
    until(lambda: not alive(training.steps[0]))


def test_a_page_that_is_left_gives_its_place_in_the_line_back(workshop, monkeypatch):
    monkeypatch.setattr(worker, "LEASE", 1.0)
    first, second = (workshop.begin(f"{TRAINERS}:endless", None) for _ in range(2))
    until(lambda: first.renew() or second.ended)
    assert second.state == "stopped" and second.steps == () and not first.ended


def test_a_server_that_dies_takes_its_trainings_along():
    script = (
        "from core.learning.worker import Workshop\n"
        f"t = Workshop(1).begin('{TRAINERS}:deaf', None)\n"
        "while not t.steps: t.renew()\n"
        "print(t.steps[0], flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as server:
        process = int(server.stdout.readline())
        assert alive(process)
        server.kill()
    until(lambda: not alive(process))


@pytest.mark.parametrize(
    ("trainer", "state", "said"),
    [
        ("refused", "refused", "This text is too short."),
        ("broken", "failed", "KeyError"),
        ("missing", "failed", "missing"),
    ],
)
def test_how_it_ended_is_told(workshop, trainer, state, said):
    training = workshop.begin(f"{TRAINERS}:{trainer}", None)
    until(lambda: training.ended)
    assert training.state == state and said in training.said


def test_what_a_trainer_prints_is_no_message(workshop):
    training = workshop.begin(f"{TRAINERS}:noisy", None)
    until(lambda: training.ended)
    assert (training.state, training.steps) == ("done", ("heard",))


def test_a_process_that_is_killed_is_told(workshop):
    training = workshop.begin(f"{TRAINERS}:endless", None)
    until(lambda: training.steps)
    psutil.Process(training.steps[0]).kill()
    until(lambda: training.ended)
    assert training.state == "failed"


def test_memory_is_bounded(workshop, monkeypatch):
    monkeypatch.setattr(worker, "MEMORY", 1_000_000_000)
    training = workshop.begin(f"{TRAINERS}:hungry", 1_000_000_000)
    until(lambda: training.ended)
    assert training.state == "refused" and "1.0 GB" in training.said


def test_more_steps_than_are_kept_end_it(workshop, monkeypatch):
    monkeypatch.setattr(worker, "MOST_STEPS", 10)
    training = workshop.begin(f"{TRAINERS}:shouting", 1_000)
    until(lambda: training.ended)
    assert training.state == "failed" and len(training.steps) == 11
