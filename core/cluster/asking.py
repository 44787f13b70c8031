"""One question put to one address of a cluster: news as they come, then the value, all of it bounded in time."""

from __future__ import annotations

import http.client
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from core.cache import POLL, Cancelled, Progress, raise_if_cancelled
from core.cluster import messages
from core.cluster.messages import NONCE, SEALED, Frame, Torn
from core.cluster.secret import seal
from core.types import Refused

CONNECT = 3.0  # seconds until an address answers at all
LINE = 60.0  # seconds that a question may wait for a replica
SILENCE = 15.0  # seconds without a word of a replica, which speaks each second, after which it is lost
ROUTES, SUBJECT = "/-/routes", "serve_multiplexed_model_id"  # Ray Serve's
APP = "gaze"  # under this name the application runs
FULL = "backpressure"  # what Ray Serve says where too many wait
#: A machine that lost its current says nothing: seconds until the first probe, between probes, and how many.
ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3}


class Lost(Exception):
    """The replica, or the way to it, was lost: the question can be asked again."""


class Unreachable(Lost):
    """Nobody answers at this address."""


class Busy(Refused):
    """The cluster takes no more questions just now."""


class Foreign(Exception):
    """The replica has other weights under the name of a model."""


class Failed(RuntimeError):
    """The question failed in a replica by a fault of ours: its kind and its places, as the replica logs them."""


def connection(address: str, seconds: float) -> http.client.HTTPConnection:
    """A connection that is made with the first message; every wait on it is bounded."""
    place = urlsplit(address)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    return kind(place.hostname or "", place.port, timeout=seconds)


def serves(address: str) -> bool | None:
    """Whether our application is served at an address; None where somebody is there, and says nothing in time."""
    asked = connection(address, CONNECT)
    try:
        asked.request("GET", urlsplit(address).path.rstrip("/") + ROUTES)
        reply = asked.getresponse()
        return reply.status == 200 and f'"{APP}"' in reply.read(100_000).decode(errors="replace")
    except TimeoutError:
        return None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def asked_of(address: str, key: bytes, body: bytes, subject: str, progress: Progress, cancelled: Cancelled) -> Any:
    """The value of a question, messages.written's bytes, from one address. subject: see luggage.subject_of.

    Lost, Unreachable: it can be asked again. Busy: too many wait. Foreign: other weights. Refused, Failed: as answered.
    """
    nonce = secrets.token_bytes(16)
    here, heard = connection(address, CONNECT), queue.SimpleQueue[Frame | Exception]()
    try:
        here.connect()
    except OSError as error:
        raise Unreachable(type(error).__name__) from error
    line = here.sock
    _keep_alive(line)
    threading.Thread(target=_listen, args=(here, address, key, nonce, body, subject, heard.put), daemon=True).start()
    try:
        while True:
            try:
                found = heard.get(timeout=POLL)
            except queue.Empty:
                raise_if_cancelled(cancelled)
                continue
            if isinstance(found, Exception):
                raise found
            if found.kind == messages.NEWS:
                if found.content:
                    progress(*found.content)
                raise_if_cancelled(cancelled)
                continue
            return answer_of(found)
    finally:
        _hang_up(line)


def answer_of(frame: Frame) -> Any:
    """The value of a last message, or the error that it tells."""
    if frame.kind == messages.VALUE:
        return frame.content
    if frame.kind == messages.REFUSED:
        name, sentence = frame.content
        raise messages.REFUSALS.get(name, Refused)(sentence)
    if frame.kind == messages.OTHER_WEIGHTS:
        raise Foreign
    raise Failed(frame.content)


def _listen(
    here: http.client.HTTPConnection, address: str, key: bytes, nonce: bytes, body: bytes, subject: str,
    tell: Callable[[Frame | Exception], None],
) -> None:  # fmt: skip
    """Ask, and tell each message that comes, the last one or an error at the end."""
    try:
        reply = _sent(here, address, key, nonce, body, subject)
        number = 0
        while True:
            frame = messages.next_frame(key, nonce, number, reply.read)
            tell(frame)
            if frame.kind != messages.NEWS:
                return
            number += 1
    except (Lost, Refused) as error:  # before the next ones: a refusal is a ValueError, too
        tell(error)
    except (Torn, OSError, http.client.HTTPException, ValueError) as error:  # the last: closed meanwhile
        tell(Lost(type(error).__name__))
    except Exception as error:
        tell(error)


def _sent(
    here: http.client.HTTPConnection, address: str, key: bytes, nonce: bytes, body: bytes, subject: str
) -> http.client.HTTPResponse:
    """The reply whose messages follow. Unreachable, Busy, Lost, Refused."""
    line = here.sock
    line.settimeout(LINE)
    headers = {NONCE: nonce.hex(), SEALED: seal(key, nonce, body).hex(), **({SUBJECT: subject} if subject else {})}
    began = time.monotonic()
    here.request("POST", urlsplit(address).path or "/", body, headers)
    try:
        reply = here.getresponse()
    except TimeoutError:
        raise Busy(
            f"The cluster found nobody for this question within {time.monotonic() - began:.0f} seconds. Ask again in a "
            "minute."
        ) from None
    if reply.status == 200:
        line.settimeout(SILENCE)
        return reply
    said = reply.read(2_000).decode(errors="replace").lower()
    if reply.status == 403:
        raise Unreachable("another secret")
    if reply.status == 404:
        raise Unreachable("nothing is served there yet")
    if FULL in said:
        raise Busy("As many questions wait for the cluster as may. Ask again in a minute.")
    raise Lost(f"status {reply.status}")


def _keep_alive(line: socket.socket) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in ALIVE.items():
        if hasattr(socket, name):  # not every system has all of them
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _hang_up(line: socket.socket) -> None:
    """End a connection under whoever reads from it: the replica is told, and stops."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
