"""A server and its cluster: who is asked, how often, what is said when nobody answers. The replica stands here."""

import http.server
import socket
import threading
from collections import deque
from contextlib import suppress

import pytest

from core.cache import ANSWERS, never, silent
from core.cluster import asking, joining, messages
from core.cluster.asking import Busy, Failed
from core.cluster.luggage import pictures_of, stays, subject_of
from core.cluster.secret import is_sealed, secret
from core.data.pictures import STORE, take_in_scene, view_name
from core.data.scenes import Scene
from core.engine import ask, made_here
from core.requests import (
    EmbeddingRequest,
    ImageRequest,
    OwnVectorsRequest,
    PlacesRequest,
    ProjectionRequest,
    TextRequest,
)
from core.store import kept_models
from core.types import Refused, Stopped

QUESTION = TextRequest("mini-gpt", "Once upon a time")
FOREIGN = TextRequest("bert-base-multilingual-cased", "A cat")


class Replica(http.server.BaseHTTPRequestHandler):
    """Answers with "here", or as the server's list of faults says, the first fault first."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(200, b'{"/": "gaze"}' if self.server.serving else b"{}")

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        nonce, given = (bytes.fromhex(self.headers[name]) for name in (messages.NONCE, messages.SEALED))
        if not is_sealed(given, secret(), nonce, body):
            return self.reply(403, b"another secret")
        self.server.asked.append(messages.read(body))
        fault = self.server.faults.popleft() if self.server.faults else None
        if isinstance(fault, int):
            return self.reply(fault, b"Request dropped due to backpressure" if fault == 503 else b"")
        if fault == "silence":
            self.server.released.wait(20)
        kind, content = (messages.VALUE, "here") if fault in (None, "news", "silence", "torn", "forged") else fault
        frames = [(messages.NEWS, (at, 3)) for at in range(3)] if fault == "news" else []
        parts = []
        for number, (what, held) in enumerate([*frames, (kind, content)]):
            key = b"of somebody else" if fault == "forged" else secret()
            parts += messages.frame(key, nonce, number, what, held)
        whole = b"".join(parts)
        self.send_response(200)
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(whole[:-5] if fault == "torn" else whole)
        self.close_connection = fault == "torn"


class Machine:
    """A server that stands for a replica and the way to it."""

    def __init__(self, port=0):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Replica)
        self.server.daemon_threads = True
        self.server.asked, self.server.faults, self.server.serving = [], deque(), True
        self.server.released = threading.Event()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def faults(self, *some):
        self.server.faults.extend(some)

    @property
    def asked(self):
        return len(self.server.asked)

    def stop(self):
        self.server.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def shared(monkeypatch):
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", "a secret that is long enough")
    monkeypatch.setattr(joining, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(joining, "LOOK", 0.02)
    ANSWERS.clear()
    yield
    joining.leave()
    ANSWERS.clear()


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.stop()


@pytest.fixture
def cluster(machine):
    return joining.join(f"127.0.0.1:{machine.port}")


def until(true):
    for _ in range(1_000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("not within ten seconds")


def test_a_question_is_put_with_the_state_of_its_models_and_its_answer_is_kept(cluster, machine):
    assert ask(QUESTION) == "here" and ask(QUESTION) == "here"
    (asked,) = machine.server.asked
    assert asked.request == QUESTION and asked.revisions == joining.revisions_of(QUESTION) and asked.revisions[0][0]
    assert cluster.told == {"answered": 1}


def test_what_is_lost_is_asked_again_three_times_and_no_more(cluster, machine):
    machine.faults(500, "torn", "forged")
    assert ask(QUESTION) == "here" and machine.asked == 4
    machine.faults(500, 500, "torn", "torn")
    with pytest.raises(Refused, match="lost this question 4 times"):
        ask(TextRequest("mini-gpt", "again"))
    assert machine.asked == 8 and cluster.told == {"answered": 1, "again": 6, "lost": 1}


def test_a_replica_that_says_nothing_is_lost(cluster, machine, monkeypatch):
    monkeypatch.setattr(asking, "LINE", 0.2)
    machine.faults(*4 * ["silence"])
    with pytest.raises(Busy, match="found nobody for this question"):
        ask(QUESTION)
    assert machine.asked == 4


def test_who_comes_when_too_many_wait_is_told_so(cluster, machine):
    machine.faults(503)
    assert ask(QUESTION) == "here"
    machine.faults(*4 * [503])
    with pytest.raises(Busy, match="Ask again in a minute"):
        ask(TextRequest("mini-gpt", "again"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ((messages.REFUSED, ("Refused", "Shorten it.")), Refused),
        ((messages.REFUSED, ("Stopped", "Shorten it.")), Stopped),
        ((messages.FAILED, "KeyError\n  Shorten it."), Failed),
    ],
)
def test_errors_come_back_as_what_they_are_and_are_not_asked_again(cluster, machine, fault, error):
    machine.faults(fault)
    with pytest.raises(error, match=r"Shorten it\.") as found:
        ask(QUESTION)
    assert type(found.value) is error and machine.asked == 1


def test_other_weights_there_are_answered_here(cluster, machine):
    machine.faults((messages.OTHER_WEIGHTS, None))
    assert ask(QUESTION).model == "mini-gpt" and machine.asked == 1 and cluster.told == {"here": 1}


def test_news_come_in_the_callers_thread(cluster, machine):
    told = []
    machine.faults("news")
    assert ask(QUESTION, lambda *news: told.append((news, threading.current_thread()))) == "here"
    assert all(thread is threading.current_thread() for _, thread in told)


def test_who_stops_a_question_that_nobody_answers_waits_no_longer(cluster, machine):
    machine.faults("silence")
    stopped = threading.Event()
    threading.Timer(0.1, stopped.set).start()
    with pytest.raises(Stopped):
        ask(QUESTION, silent, stopped.is_set)
    until(lambda: cluster.told["stopped"] == 1)


def test_without_a_cluster_the_built_ins_answer_and_with_it_back_it_is_asked(machine, caplog):
    caplog.set_level("INFO", "gaze")
    cluster = joining.join(f"127.0.0.1:{machine.port}")
    machine.stop()
    assert ask(QUESTION).model == "mini-gpt" and not cluster.up
    with pytest.raises(Refused, match="The cluster does not answer, and bert-base-multilingual-cased is asked there"):
        ask(FOREIGN)
    again = Machine(machine.port)
    try:
        until(lambda: cluster.up)
        ANSWERS.clear()
        assert ask(QUESTION) == "here"
        said = [one.getMessage() for one in caplog.records]
    finally:
        again.stop()
    assert sum("the cluster does not answer" in one for one in said) == 1
    assert sum("the cluster answers again" in one for one in said) == 1


def test_a_look_that_began_before_a_question_was_lost_tells_nothing(machine, monkeypatch, caplog):
    looking, looked = threading.Event(), threading.Event()
    cluster = joining.join(f"127.0.0.1:{machine.port}")
    until(lambda: cluster.up)

    def slow(one):  # it saw the door before it was shut, and says so afterwards
        looking.set()
        looked.wait(10)
        return not looked.is_set() or machine.server.serving

    monkeypatch.setattr(joining, "serves", slow)
    assert looking.wait(10)
    machine.stop()
    assert ask(QUESTION).model == "mini-gpt" and not cluster.up
    looked.set()
    monkeypatch.setattr(joining, "serves", lambda one: False)
    until(lambda: not cluster.up)
    assert "answers again" not in caplog.text


def test_an_address_that_is_lost_is_passed_over(machine):
    other = Machine()
    cluster = joining.join(f"127.0.0.1:{machine.port}, 127.0.0.1:{other.port}")
    other.stop()
    for at in range(4):
        assert ask(TextRequest("mini-gpt", f"text {at}")) == "here"
    assert machine.asked == 4 and cluster.up and cluster.told == {"answered": 4}


def test_a_door_behind_which_nothing_is_served_is_no_cluster(machine):
    machine.server.serving = False
    cluster = joining.join(f"127.0.0.1:{machine.port}")
    assert not cluster.up and not cluster.takes(QUESTION)


def test_another_secret_is_no_way_in(cluster, machine, monkeypatch):
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", "a secret of somebody else")
    assert ask(QUESTION).model == "mini-gpt" and machine.asked == 0


def test_what_visitors_may_not_open_is_refused_before_it_leaves(cluster, machine, monkeypatch):
    monkeypatch.setenv("GAZE_ALLOW_ANY", "0")
    with pytest.raises(Refused):
        ask(TextRequest("/etc", "A cat"))
    assert machine.asked == 0


def test_without_a_cluster_nothing_leaves(machine):
    assert joining.join("") is None and joining.joined() is None
    assert ask(QUESTION).model == "mini-gpt" and machine.asked == 0


# --- what goes along, and what stays ----------------------------------------------------------------------------------


def test_what_only_this_process_holds_stays():
    table = OwnVectorsRequest("own-1", ("x",))
    card = kept_models.keep("gpt", "Mine", "decoder", {"config.json": b"{}"})
    assert stays(table) and stays(PlacesRequest(ProjectionRequest(table), 0)) and stays(TextRequest(card.name, "x"))
    assert not stays(QUESTION) and not stays(PlacesRequest(ProjectionRequest(EmbeddingRequest("m", ("a",))), 0))


def test_pictures_that_visitors_brought_go_along_and_others_do_not():
    scene = take_in_scene(Scene(()))
    changed = view_name(view_name(scene, ("flip",), 1), ("colour",), 2)
    assert set(pictures_of(ImageRequest("emoji-vit", changed))) == {scene}
    assert pictures_of(ImageRequest("emoji-vit", scene))[scene] is STORE.find(scene)
    assert not pictures_of(ImageRequest("emoji-vit", "cat-face")) and not pictures_of(ImageRequest("m", "own-gone"))


def test_questions_about_the_same_vectors_have_the_same_subject():
    vectors = EmbeddingRequest("m", ("a", "b"))
    places = PlacesRequest(ProjectionRequest(vectors, "UMAP"), 1)
    assert subject_of(vectors) == subject_of(places) != subject_of(EmbeddingRequest("m", ("a",)))
    assert subject_of(QUESTION) == ""


# --- addresses and secrets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", ()),
        ("10.0.0.5", ("http://10.0.0.5:8700",)),
        (" gaze-1:9000 , http://gaze-2 ,gaze-1:9000/", ("http://gaze-1:9000", "http://gaze-2:8700")),
        ("https://gaze.example:443/cluster/", ("https://gaze.example:443/cluster",)),
        ("[::1]:8700", ("http://[::1]:8700",)),
    ],
)
def test_addresses(said, found):
    assert joining.addresses_in(said) == found


@pytest.mark.parametrize("said", ["ray://10.0.0.5:10001", "10.0.0.5:99999", "http://", "10.0.0.5:no", "a@b", "x?y=1"])
def test_what_is_no_address_is_said(said):
    with pytest.raises(Refused, match="Write it as"):
        joining.addresses_in(said)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(monkeypatch, tmp_path):
    monkeypatch.delenv("GAZE_CLUSTER_SECRET")
    monkeypatch.setenv("GAZE_FOLDER", str(tmp_path / "new"))
    with pytest.raises(Refused, match="Set GAZE_CLUSTER_SECRET"):
        secret()
    made = secret(make=True)
    assert secret() == secret(make=True) == made and len(made) > 30
    assert (tmp_path / "new" / "cluster-secret").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("GAZE_CLUSTER_SECRET", "short")
    with pytest.raises(Refused, match="16 characters"):
        secret()


def test_a_frame_is_of_its_place_in_its_exchange():
    parts = b"".join(messages.frame(b"key", b"nonce", 1, messages.VALUE, "x"))

    def taken(key, nonce, number):
        left = memoryview(parts)

        def take(count):
            nonlocal left
            found, left = bytes(left[:count]), left[count:]
            return found

        return messages.next_frame(key, nonce, number, take).content

    assert taken(b"key", b"nonce", 1) == "x"
    for wrong in ((b"yek", b"nonce", 1), (b"key", b"other", 1), (b"key", b"nonce", 0)):
        with pytest.raises(messages.Torn):
            taken(*wrong)


def test_a_port_on_which_somebody_else_listens_is_no_cluster(monkeypatch):
    monkeypatch.setattr(asking, "CONNECT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert asking.serves(f"http://127.0.0.1:{port}") is None
        cluster = joining.join(f"127.0.0.1:{port}")
        until(lambda: not cluster.up)
    assert asking.serves(f"http://127.0.0.1:{port}") is False


def test_a_door_that_is_slow_for_a_while_is_not_away(machine, monkeypatch, caplog):
    looks = []
    cluster = joining.join(f"127.0.0.1:{machine.port}")
    until(lambda: cluster.up)
    monkeypatch.setattr(joining, "serves", lambda one: looks.append(one) or (None if len(looks) % 5 else True))
    until(lambda: len(looks) > 12)
    assert cluster.up and ask(QUESTION) == "here" and "does not answer" not in caplog.text


def test_room_is_asked_for_again_when_this_process_answers_after_all(cluster, machine):
    machine.faults((messages.OTHER_WEIGHTS, None))
    ask(QUESTION)
    assert ANSWERS.admission.running_now == 0 and ANSWERS.admission.waiting_now == 0
    assert made_here(QUESTION, silent, never).model == "mini-gpt"
