"""What an operator reads: numbers in Prometheus' form, a log without a visitor's words, readiness, headers."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core import engine
from core.cache import ANSWERS
from core.engine import ask
from core.requests import TextRequest
from core.types import Refused
from tests.chromium import ROOT, START_SECONDS, serve
from ui.server import ending, logs, metrics, warm_up
from ui.server.headers import embedders, headers

SECRET = "Nobody shall read this sentence in a log"


def samples() -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(metrics.written().decode()):
        for one in family.samples:
            found[(one.name, *(f"{name}={value}" for name, value in sorted(one.labels.items())))] = one.value
    return found


def count(*labels: str) -> float:
    return samples().get(("gaze_answer_seconds_count", *labels), 0)


def test_answers_are_counted_by_kind_model_and_outcome_and_hold_no_words():
    good = ("kind=TextRequest", "model=mini-gpt", "outcome=answered")
    bad = ("kind=TextRequest", "model=other", "outcome=refused")
    before = count(*good), count(*bad)
    ask(TextRequest("mini-gpt", SECRET + " of metrics"))
    ask(TextRequest("mini-gpt", SECRET + " of metrics"))  # kept: nothing is answered anew
    with pytest.raises(Refused):
        ask(TextRequest("/home/somebody/secret", SECRET))
    assert (count(*good), count(*bad)) == (before[0] + 1, before[1] + 1)
    text = metrics.written().decode()
    assert "secret" not in text.lower() and "Nobody shall" not in text


def test_the_state_of_the_server_is_told():
    now = samples()
    assert now[("gaze_requests_total",)] == ANSWERS.asked > 0
    assert now[("gaze_cache_bytes",)] == ANSWERS.bytes and now[("gaze_cache_entries",)] == ANSWERS.count > 0
    assert now[("gaze_models_open",)] >= 1 and now[("gaze_models_bytes",)] > 1_000_000
    assert {("gaze_queue_waiting",), ("gaze_queue_running",), ("gaze_ready",)} <= now.keys()


@pytest.fixture
def written():
    """A handler of each form on a logger, and what it wrote."""

    def make(form: type[logging.Formatter], pattern: str | None = None) -> tuple[logging.Logger, io.StringIO]:
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(form(pattern))
        logger = logging.Logger("core.models.calling")
        logger.addHandler(handler)
        return logger, out

    return make


def fail() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


@pytest.mark.parametrize("form", [logs.Plain, logs.AsJson])
def test_a_failure_is_logged_with_its_place_and_without_what_it_says(written, form):
    logger, out = written(form, "%(question)s %(message)s")
    try:
        fail()
    except RuntimeError:
        logger.warning("%s failed", "BertModel", exc_info=True)
    text = out.getvalue()
    assert SECRET not in text and "RuntimeError" in text and "ValueError" in text
    assert "test_serving.py" in text and "BertModel failed" in text


def test_lines_as_json_bear_the_number_of_the_question(written):
    logger, out = written(logs.AsJson)
    token = engine.QUESTION.set("abc")
    logger.info("a")
    engine.QUESTION.reset(token)
    logger.info("b")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("question") for line in lines] == ["abc", None]
    assert lines[0]["level"] == "info" and lines[0]["logger"] == "core.models.calling"


def test_a_question_is_told_as_one_line_with_its_seconds(written, monkeypatch):
    logger, out = written(logs.AsJson)
    monkeypatch.setattr(logs, "log", logger)
    logs.tell(engine.Answered("TextRequest", ("m",), "answered", 0.12345, "abc"))
    line = json.loads(out.getvalue())
    assert line | {"time": ""} == {
        "time": "", "level": "info", "logger": "core.models.calling", "message": "question", "question": "abc",
        "kind": "TextRequest", "outcome": "answered", "seconds": 0.1235,
    }  # fmt: skip


def test_a_server_is_ready_once_a_model_has_answered():
    warm_up.READY.clear()
    warm_up.note(engine.Answered("TextRequest", ("m",), "refused", 0.1, ""))
    assert not warm_up.READY.is_set()
    warm_up.note(engine.Answered("TextRequest", ("m",), "answered", 0.1, ""))
    assert warm_up.READY.is_set()


def get(url: str) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return reply.status, dict(reply.headers), reply.read().decode(errors="replace")
    except HTTPError as error:
        return error.code, dict(error.headers), ""


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/_stcore/health", "/nothing/here.js", "/gaze/head"])
def test_every_reply_carries_the_headers(app_server, path):
    _, sent, _ = get(app_server.url + path)
    found = {name.lower(): value for name, value in sent.items()}
    for name, value in headers().items():
        assert found.get(name.lower()) == value, name


def test_sites_that_are_named_may_frame_a_page_and_no_others():
    assert headers()["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'; " in headers()["Content-Security-Policy"]
    sites = embedders(" https://moodle.example.org, http://localhost:8080\nhttps://*.uni.example ")
    assert sites == ("https://moodle.example.org", "http://localhost:8080", "https://*.uni.example")
    named = headers(sites)
    assert "X-Frame-Options" not in named
    assert f"frame-ancestors 'self' {' '.join(sites)}; " in named["Content-Security-Policy"]
    assert embedders("  ") == ()


@pytest.mark.parametrize(
    "said", ["*", "moodle.example.org", "https://a.example/course", "https://a; script-src *", "https:"]
)
def test_what_is_no_origin_is_refused(said):
    with pytest.raises(Refused, match=r"GAZE_EMBED_FROM: .* is no origin"):
        embedders(said)


def test_health_comes_with_the_first_answer(app_server):
    end = time.monotonic() + START_SECONDS
    status, _, said = get(app_server.url + "/healthz")
    while status != 200 and time.monotonic() < end:
        status, _, said = get(app_server.url + "/healthz")
    assert (status, said) == (200, "ok")
    assert "gaze_ready 1.0" in get(app_server.url + "/metrics")[2]


def post(url: str, origin: str | None) -> int:
    request = urllib.request.Request(url, b"{}", {"Origin": origin} if origin else {}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 422),
        ("own", 422),
        ("http://127.0.0.1:1", 422),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1.evil.example", 403),
    ],
)
def test_another_sites_page_cannot_ask(app_server, origin, status):
    assert post(app_server.url + "/gaze/head", app_server.url if origin == "own" else origin) == status


def open_stream(url: str):
    """The stream of a new room, whose first message has come."""
    with urllib.request.urlopen(
        urllib.request.Request(url + "/gaze/room/open", b"{}", method="POST"), timeout=60
    ) as made:
        room = json.load(made)
    reply = urllib.request.urlopen(f"{url}/gaze/room/events?{urlencode({'link': room['link'], 'browser': 'b' * 20})}")
    assert reply.readline().startswith(b"data:")
    return reply


def weights_of(url: str, number: int, together: threading.Barrier | None = None) -> int:
    """The status of a reply that takes some work: each text is another one.

    together: asked when all others that wait there are connected too, and the server has answered each once; who has
    not been let in when a server ends is not one that it was asked by.
    """
    question = {"request": {"model": "mini-gpt", "text": f"Number {number} sleeps on the old chair"}, "kind": "decoder"}
    body = json.dumps(question | {"layer": 0, "head": 0}).encode()
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    with closing(connection):
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        if together is not None:
            together.wait(60)
        connection.request("POST", "/gaze/head", body)
        reply = connection.getresponse()
        assert reply.read()
        return reply.status


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="not on Windows: there are no such signals")
@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_is_told_to_end_answers_what_it_was_asked_and_ends_within_ten_seconds(tmp_path, stream):
    """Also while the stream of a room is open, which has no end of its own."""
    own = {"GAZE_FOLDER": str(tmp_path)}
    with serve(tmp_path / "log", environment=own) as server, ThreadPoolExecutor(30) as threads, ExitStack() as streams:
        assert weights_of(server.url, 0) == 200  # the model is open
        if stream:
            streams.enter_context(open_stream(server.url))
        together = threading.Barrier(30)
        coming = [threads.submit(weights_of, server.url, number, together) for number in range(1, 31)]
        wait(coming, return_when=FIRST_COMPLETED)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(10)
        assert [one.result(60) for one in coming] == [200] * 30
        assert "Traceback" not in server.said()


PAGE_FAILS = """
import app
from streamlit.error_util import handle_uncaught_app_exception
try:
    raise ValueError("{secret}")
except ValueError as error:
    handle_uncaught_app_exception(error)
    app.logs.our_fault(error)
"""


def test_a_page_that_fails_is_logged_once_and_without_what_the_error_says():
    command = [sys.executable, "-c", PAGE_FAILS.replace("{secret}", SECRET)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and SECRET not in said, said
    assert said.count("ValueError") == 1 and "a page failed" in said


def test_no_word_of_a_visitor_comes_into_the_servers_log(app_server):
    body = json.dumps({"request": {"model": "mini-gpt", "text": SECRET}, "kind": "decoder", "layer": 0, "head": 0})
    for path in ("/gaze/head", "/gaze/pdf", "/gaze/nothing?text=Nobody"):
        request = urllib.request.Request(app_server.url + path, body.encode(), method="POST")
        with suppress(HTTPError), urllib.request.urlopen(request, timeout=60) as reply:
            reply.read()
    assert get(app_server.url + "/attention?text=Nobody+shall+read")[0] == 200
    assert "Nobody" not in app_server.said()


def test_an_end_is_bounded_and_does_what_was_done_before(monkeypatch):
    ended, asked = threading.Event(), []
    monkeypatch.setattr(ending, "PATIENCE", 0.01)
    ending.bounded(lambda *given: asked.append(given), ended.set)(15, None)
    assert asked == [(15, None)] and ended.wait(30)
    ended.clear()
    ending.bounded(signal.SIG_DFL, ended.set)(15, None)
    assert ended.wait(30)
