"""A publisher of files on this machine, for tests of what is downloaded."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from training.corpora.download import Source

CONTENT = bytes(range(256)) * 3_000  # 768 kB


class Publisher:
    """A server with one file: what it sends, when it breaks off, what it was asked for."""

    def __init__(self):
        self.content, self.version, self.status = CONTENT, '"one"', 200
        self.breaks = []  # after how many bytes each next answer ends; whole when there is none
        self.ranges = []  # what was asked for, in order
        self.says_length = True
        asked = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # whoever asked may have gone
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/file"

    def answer(self, request):
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        if self.status != 200:
            return request.send_error(self.status)
        start = 0
        if wanted and request.headers.get("If-Range") == self.version:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.content):
                return request.send_error(416)
        request.send_response(206 if start else 200)
        if self.version:
            request.send_header("ETag", self.version)
        if self.says_length:
            request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        most = self.breaks.pop(0) if self.breaks else len(self.content)
        request.wfile.write(self.content[start : start + most])

    def source(self, **given):
        return Source("file", self.url, **({"most": 10_000_000} | given))


@pytest.fixture
def publisher():
    one = Publisher()
    yield one
    one.server.shutdown()
    one.server.server_close()
