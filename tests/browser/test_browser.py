"""The browser's guard and the app's server, on apps of a few lines."""

from contextlib import suppress

import psutil
import pytest

from tests.chromium import Watch, is_here, serve


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8501/x", True),
        ("ws://localhost:8501/_stcore/stream", True),
        ("data:text/plain,x", True),
        ("blob:http://localhost/1", True),
        ("https://example.org/d3.js", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://localhost@example.org/", False),
    ],
)
def test_is_here(url, here):
    assert is_here(url) is here


def test_an_app_that_does_not_start_says_why(tmp_path):
    script = tmp_path / "app.py"
    script.write_text("import streamlit as st\nimport no_such_module\napp = st.App('page.py')\n")
    with pytest.raises(RuntimeError, match="no_such_module"), serve(tmp_path / "log", script):
        pass


@pytest.mark.browser
def test_what_playwright_switches_off_stays_off(browser):
    lists, begins = [], "--disable-features="
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            lists.append([word for word in one.cmdline() if word.startswith(begins)])
    theirs, ours = (set(word.removeprefix(begins).split(",")) for word in max(lists, key=len))
    assert theirs < ours


@pytest.mark.browser
def test_a_request_to_another_machine_is_blocked_and_noted(browser, tmp_path):
    script = tmp_path / "app.py"
    script.write_text("import streamlit as st\nst.title('Up')\nst.image('https://example.org/cat.png')\n")
    watch = Watch()
    with serve(tmp_path / "log", script) as server, browser.new_context() as context:
        watch.guard(context)
        page = context.new_page()
        with page.expect_event("requestfailed", lambda request: "cat.png" in request.url):
            page.goto(server.url)
            page.wait_for_selector("h1")
    assert watch.foreign == ["https://example.org/cat.png"]
    assert server.process.poll() is not None


@pytest.mark.browser
def test_an_error_of_a_script_is_noted(browser):
    watch = Watch()
    with browser.new_context() as context:
        watch.guard(context)
        page = context.new_page()
        with context.expect_event("weberror"):
            page.goto("data:text/html,<script>throw new Error('broken')</script>")
    assert "broken" in watch.errors[0]
    assert watch.foreign == []
