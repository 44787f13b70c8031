"""What a visitor and an operator see of the cluster that a server asks."""

from collections import Counter
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.cluster import joining
from tests.apptest import SHELL, alone
from tests.pages.test_serving import samples
from ui.server import warm_up


@pytest.fixture
def cluster(monkeypatch):
    """A cluster that is away, as one that this server joined."""
    found = SimpleNamespace(up=False, told=Counter(away=2, again=1), close=lambda: None)
    monkeypatch.setattr(joining, "_JOINED", [found])
    return found


def said() -> list[str]:
    at = AppTest.from_file(str(SHELL), default_timeout=60).run()
    assert not at.exception
    return [one.proto.body for one in at.get("html") if joining.AWAY in one.proto.body]


def test_every_page_says_that_the_cluster_is_away_until_it_is_back(cluster):
    assert len(said()) == 1
    cluster.up = True
    assert not said()


def test_without_a_cluster_nothing_is_said_of_one():
    assert not said() and not [name for name, *_ in samples() if name.startswith("gaze_cluster")]


def test_an_operator_reads_whether_it_answers_and_what_became_of_questions(cluster):
    now = samples()
    assert now[("gaze_cluster_up",)] == 0 and now[("gaze_cluster_questions_total", "outcome=away")] == 2
    cluster.up = True
    assert samples()[("gaze_cluster_up",)] == 1


def test_a_server_joins_when_it_starts_and_leaves_when_it_ends(monkeypatch):
    monkeypatch.setenv("GAZE_WARM", "0")
    monkeypatch.setenv("GAZE_CLUSTER", "127.0.0.1:9")
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", "a secret that is long enough")

    async def lives():
        async with warm_up.lifespan(None):
            return joining.joined().addresses

    assert alone(lives()) == ("http://127.0.0.1:9",) and joining.joined() is None


@pytest.mark.parametrize("address, secret", [("10.0.0.5:no", "a secret that is long enough"), ("10.0.0.5", "short")])
def test_a_server_that_is_told_no_cluster_rightly_says_so_and_answers_by_itself(monkeypatch, caplog, address, secret):
    monkeypatch.setenv("GAZE_CLUSTER", address)
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", secret)
    warm_up.join()
    assert joining.joined() is None and "this server asks no cluster" in caplog.text
