"""A view in a frame of somebody's course page: without the list of pages, and only where that site was named."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import expect

from tests.chromium import free_port, serve

pytestmark = pytest.mark.browser
VIEW = "/attention?kind=cross&layer=3&head=2&embed=true"


@contextmanager
def course(port: int, view: str):
    """A page of another site, which holds the view in a frame."""
    page = f'<!doctype html><title>Course</title><iframe src="{view}" width="1000" height="640"></iframe>'.encode()

    class Course(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", port), Course)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_embedded_view_stands_alone(visit):
    page = visit(VIEW)
    expect(page.get_by_role("heading", name="Layer 4 · head 3")).to_be_visible()
    for hidden in (
        "[data-testid=stSidebar]",
        "[data-testid=stHeader]",
        "button.save",
        "button.projector",
        ".st-key-along",
    ):
        expect(page.locator(hidden).first).to_be_hidden()
    overview = page.locator(".left .layers canvas.top").first
    overview.focus()
    overview.press("ArrowLeft")
    page.wait_for_url("**head=1**")
    assert "embed=true" in page.url
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open in Gaze").click()
    assert "head=1" in opened.value.url and "embed" not in opened.value.url


def test_a_course_page_that_is_named_shows_the_view_and_another_does_not(new_page, app_server, tmp_path):
    port = free_port()
    environment = {"GAZE_EMBED_FROM": f"http://localhost:{port}"}
    with serve(tmp_path / "log", environment=environment) as named, course(port, named.url + VIEW) as address:
        page = new_page()
        page.goto(address)
        expect(page.frame_locator("iframe").get_by_role("heading", name="Layer 4 · head 3")).to_be_visible(
            timeout=30_000
        )
    with course(port, app_server.url + VIEW) as address:
        page = new_page()
        with page.expect_event("console", lambda said: "frame-ancestors" in said.text):
            page.goto(address)
        assert page.frames[1].locator("canvas").count() == 0
