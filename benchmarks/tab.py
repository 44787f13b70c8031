"""A browser's tab without a browser: a websocket that speaks as Streamlit's own page does, and draws nothing."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

PATIENCE = 120.0  # seconds
OURS = "on our side"  # what a page or a route says when something broke
ADDRESS = "gaze_address"  # the component that writes a page's address
LONGEST_NOTE = 200  # characters of what went wrong


@dataclass
class Seen:
    """What came of one run of a page."""

    seconds: float = 0.0
    failed: str = ""  # what broke, or that there was no end
    advice: str = ""  # the first sentence of advice on it
    buttons: dict[str, str] = field(default_factory=dict)  # label -> id
    boxes: dict[str, str] = field(default_factory=dict)  # label of a box for files -> id
    pictures: list[list[str]] = field(default_factory=list)  # those that a room may be told of

    def note(self, delta: Delta) -> None:
        """Read what a message puts on the page."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.failed = self.failed or f"exception: {element.exception.type}"
        elif kind == "html" and 'role="alert"' in element.html.body:
            said = element.html.body.partition(">")[2].partition("<")[0][:LONGEST_NOTE]
            self.advice = self.advice or said
            self.failed = self.failed or (said if OURS in said else "")
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id
        elif kind == "file_uploader":
            self.boxes[element.file_uploader.label] = element.file_uploader.id
        elif kind == "bidi_component" and element.bidi_component.component_name == ADDRESS:
            self.pictures = json.loads(element.bidi_component.json)["pictures"]


def connected(url: str) -> websockets.connect:
    """A connection to a server's pages, as its browsers make it."""
    address = url.replace("http://", "ws://") + "/_stcore/stream"
    return websockets.connect(address, subprotocols=["streamlit"], max_size=None, origin=url)  # type: ignore[arg-type]


def question(page: str, query: str, *states: WidgetState) -> bytes:
    """The message by which a browser asks for a page; states: of widgets that were touched."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    message.rerun_script.widget_states.widgets.extend(states)
    return message.SerializeToString()


def read(raw: bytes | str) -> ForwardMsg:
    return ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())


async def drawn(socket: websockets.ClientConnection, message: bytes) -> Seen:
    """Send a question, and wait until the server has drawn the page, also where it begins anew by itself.

    ConnectionClosed and TimeoutError: it did not come.
    """
    start, seen = time.perf_counter(), Seen()
    await socket.send(message)
    async with asyncio.timeout(PATIENCE):
        while True:
            told = read(await socket.recv())
            kind = told.WhichOneof("type")
            if kind == "delta":
                seen.note(told.delta)
            if kind == "script_finished":
                if told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                if told.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    seen.failed = "the page did not compile"
                seen.seconds = time.perf_counter() - start
                return seen


class Tab:
    """A tab that stays open from page to page: one session of the server."""

    def __init__(self, url: str) -> None:
        self.url, self.page, self.query = url, "", ""
        self._socket: websockets.ClientConnection | None = None
        self._session = ""

    async def open(self) -> websockets.ClientConnection:
        """Its connection, made where there is none."""
        if self._socket is None or self._socket.close_code is not None:
            self._socket = await connected(self.url)
        return self._socket

    async def go(self, page: str, query: str, *states: WidgetState) -> Seen:
        """Another page, or the same with other choices."""
        self.page, self.query = page, query
        return await drawn(await self.open(), question("" if page == "start" else page, query, *states))

    async def press(self, button: str) -> Seen:
        """Press a button, by its id."""
        return await self.go(self.page, self.query, WidgetState(id=button, trigger_value=True))

    async def bring(self, box: str, name: str, content: bytes) -> tuple[int, Seen]:
        """Put a file into a box, by its id: (the status of the upload, what the page shows then)."""
        socket = await self.open()
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.file_names.append(name)
        await socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while (told := read(await socket.recv())).WhichOneof("type") != "file_urls_response":
                pass
        urls = told.file_urls_response.file_urls[0]
        status, _ = await sent(self.url, "PUT", urls.upload_url, *multipart(name, content))
        state = WidgetState(id=box)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(content), urls.file_id
        info.file_urls.CopyFrom(urls)
        return status, await self.go(self.page, self.query, state)

    async def ask_and_vanish(self, page: str, query: str, seconds: float) -> None:
        """Ask for a page, and be gone so much later without a word, as a laptop that is shut."""
        socket = await self.open()
        await socket.send(question("" if page == "start" else page, query))
        await asyncio.sleep(seconds)
        socket.transport.abort()
        self._socket = None

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None


def multipart(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    """(body, headers) of an upload; the token that guards against other sites stands in cookie and header."""
    mark, token = uuid.uuid4().hex, generate_xsrf_token_string()
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "X-Xsrftoken": token}
    return head.encode() + content + f"\r\n--{mark}--\r\n".encode(), headers | {"Cookie": f"_streamlit_xsrf={token}"}


async def sent(
    url: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """(status, body) of a reply. OSError, TimeoutError: there is none; ConnectionError: it broke off."""
    host = urlsplit(url)
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        try:
            lines = {"Host": host.netloc, "Content-Length": str(len(body)), **(headers or {})}
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            # Of this old version: the reply then comes in one piece, and its end is the connection's.
            writer.write(f"{method} {path} HTTP/1.0\r\n{head}\r\n".encode() + body)
            await writer.drain()
            raw = await reader.read()
        finally:
            writer.close()
    first, _, rest = raw.partition(b"\r\n\r\n")
    if not first.startswith(b"HTTP/"):
        raise ConnectionResetError("the connection was closed before a reply came")
    return int(first.split(None, 2)[1]), rest
