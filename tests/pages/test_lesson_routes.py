"""What the panel of a lesson asks the server: the lesson, answers, choices, whether a task is done; and nonsense."""

import json
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from core.data.lessons import lesson_files
from tests.apptest import alone
from ui.lessons import book
from ui.server.lesson_routes import DOES, lesson_order


def order(what, body, raw=None):
    async def receive():
        return {"type": "http.request", "body": json.dumps(body).encode() if raw is None else raw, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [], "path": "/", "path_params": {"what": what}}
    reply = alone(lesson_order(Request(scope, receive)))
    return reply.status_code, json.loads(reply.body)


def test_a_lesson_is_told_without_its_answers():
    status, said = order("read", {"lesson": "attention"})
    assert status == 200 and len(said["lesson"]["steps"]) == 8
    first = said["lesson"]["steps"][0]
    assert first["ask"]["choices"] == ["black", "cat", "sleeps", "chair"] and first["page"] == "attention"
    assert first["lights"] == [{"kind": "row", "which": "1"}] and first["do"] is None
    assert set(first["ask"]) == {"ask", "form", "choices", "scale", "unit", "hide"}


def test_answers_and_choices_are_computed():
    assert order("truth", {"lesson": "attention", "step": 1}) == (200, {"right": 1, "value": "cat"})
    status, said = order("choices", {"lesson": "attention", "step": 3})
    assert status == 200 and said["choices"][:3] == [">>fr<<", "The", "black"]
    assert order("truth", {"lesson": "attention", "step": 4}) == (422, {"advice": "This step asks nothing."})


def test_a_task_is_done_where_its_link_leads_and_not_before():
    step = book.step_of("attention", 4)
    here = {"lesson": "attention", "step": 4, "page": "attention"}
    assert order("done", here | {"query": step.open.query}) == (200, {"done": False})
    assert order("done", here | {"query": step.task.shown.query}) == (200, {"done": True})
    assert order("done", here | {"page": "clip", "query": step.task.shown.query}) == (200, {"done": False})
    assert order("done", here | {"query": urlencode({"model": "/etc", "text": "a", "kind": "cross"})})[1] == {
        "done": False
    }


def test_a_model_that_is_not_here_is_not_fetched(monkeypatch):
    def never(*_):
        raise AssertionError("a lesson downloads nothing")

    monkeypatch.setattr("core.engine.fetch_missing", never)
    place = {"lesson": "attention", "step": 4, "page": "attention"}
    query = urlencode({"model": "gpt2", "text": "a", "kind": "cross", "layer": 0, "head": 0})
    assert order("done", place | {"query": query}) == (200, {"done": False})


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"lesson": 3}', b'{"lesson": "attention", "step": true}', b'{"lesson": "attention"}',
     b'{"lesson": "attention", "step": 99}', b'{"lesson": "../etc/passwd", "step": 1}'],
)  # fmt: skip
@pytest.mark.parametrize("what", [name for name in DOES if name not in ("version", "read")])
def test_nonsense_gets_a_sentence(what, raw):
    status, said = order(what, {}, raw)
    assert status == 422 and said["advice"]


def test_an_unknown_question_and_too_long_an_address_get_a_sentence():
    assert order("nothing", {})[0] == 404
    body = {"lesson": "attention", "step": 4, "page": "attention", "query": "a" * 20_001}
    assert order("done", body) == (422, {"advice": "An address has up to 20,000 characters."})


def test_the_version_of_a_lecturers_file_changes_with_it(tmp_path, monkeypatch):
    assert order("version", {}) == (200, {"version": 0.0})
    path = tmp_path / "mine.md"
    path.write_text(lesson_files()["kinds"].read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv(book.OWN_FILE, str(path))
    first = order("read", {"lesson": "own"})[1]
    assert first["lesson"]["name"] == "own" and first["version"] == path.stat().st_mtime
    path.write_text("---\n", encoding="utf-8")
    status, said = order("read", {"lesson": "own"})
    assert status == 422 and said["advice"].startswith("Line 1:")
