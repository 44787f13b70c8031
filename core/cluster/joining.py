"""A cluster that this server asks: what is lost is asked again, and while it is away the built-ins answer here."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from core.cache import Cancelled, Progress, raise_if_cancelled
from core.cluster import messages
from core.cluster.asking import Busy, Failed, Foreign, Lost, Unreachable, asked_of, serves
from core.cluster.luggage import pictures_of, stays, subject_of
from core.cluster.secret import secret
from core.engine import HERE, answered_elsewhere
from core.requests import Request
from core.store.revisions import revisions_of
from core.store.shelf import card_for
from core.types import Refused, Stopped

LOOK = 2.0  # seconds between two looks at who answers
MOST_MUTE = 5  # looks in a row at which an address that says nothing is taken for lost
PAUSES = (0.3, 1.0, 3.0)  # seconds before a lost question is asked again; as many times
PORT = 8700
AWAY = "The cluster does not answer. Models that come with Gaze are answered by this server until it is back."
log = logging.getLogger("gaze")


class Cluster:
    """The addresses of one cluster, and which of them answer; safe for many threads."""

    def __init__(self, addresses: tuple[str, ...], key: bytes) -> None:
        self.addresses, self._key = addresses, key
        self.told: Counter[str] = Counter()  # outcome of a question -> how many; "again": asked once more
        self._answering: tuple[str, ...] = addresses  # until somebody has looked
        self._losses: Counter[str] = Counter()  # address -> questions that found nobody there
        self._looked, self._ended, self._lock = threading.Event(), threading.Event(), threading.Lock()

    # --- who answers --------------------------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether an address answers, as far as is known."""
        return bool(self._answering)

    def watch(self) -> None:
        """Look at all addresses now and then, in a thread of its own, until close()."""
        threading.Thread(target=self._watch, name="cluster", daemon=True).start()
        self._looked.wait(LOOK)

    def _watch(self) -> None:
        mute: Counter[str] = Counter()  # address -> looks in a row at which it said nothing in time
        while not self._ended.is_set():
            answering = []
            for one in self.addresses:
                losses = self._losses[one]
                found = serves(one)
                if losses != self._losses[one]:  # a question has just learned it: what was seen may be older
                    continue
                mute[one] = 0 if found is not None else mute[one] + 1
                # A machine that is busy with our own questions is not away.
                if found or (found is None and one in self._answering and mute[one] < MOST_MUTE):
                    answering.append(one)
            self._note(tuple(answering))
            self._looked.set()
            self._ended.wait(LOOK)

    def _note(self, answering: tuple[str, ...]) -> None:
        with self._lock:
            before, self._answering = self._answering, answering
        if bool(before) != bool(answering):
            if answering:
                log.warning("the cluster answers again")
            else:
                log.warning(
                    "the cluster does not answer: models that come with Gaze are answered here until it is back"
                )

    def close(self) -> None:
        """Look no more."""
        self._ended.set()

    # --- questions ----------------------------------------------------------------------------------------------------

    def _count(self, outcome: str) -> None:
        with self._lock:
            self.told[outcome] += 1

    def takes(self, request: Request) -> bool:
        """Whether a question would leave this machine now."""
        return self.up and not stays(request)

    def ask(self, request: Request, progress: Progress, cancelled: Cancelled) -> Any:
        """The value of a question, HERE where this process is to answer it.

        Refused: the model does not come with Gaze, and the cluster is away or loses the question each time.
        """
        if stays(request):
            return HERE
        for model in request.models:
            card_for(model)  # refused here as without a cluster: what visitors may open is decided where they are
        try:
            value = self._asked(request, progress, cancelled)
            self._count("answered")
            return value
        except Foreign:
            self._count("here")
            return HERE
        except Unreachable:
            self._count("away")
            if all(card_for(model).sha256 for model in request.models):
                return HERE
            names = ", ".join(model for model in request.models if not card_for(model).sha256)
            raise Refused(
                f"The cluster does not answer, and {names} is asked there alone. Ask again in a minute, or choose a "
                "model that comes with Gaze."
            ) from None
        except Lost:
            self._count("lost")
            raise Refused(
                f"The cluster lost this question {1 + len(PAUSES)} times: it may be too large for its machines. "
                "Shorten it, or choose a smaller model."
            ) from None
        except Refused as refusal:
            self._count("stopped" if isinstance(refusal, Stopped) else "refused")
            raise
        except Failed as failure:
            self._count("failed")
            log.error("a replica failed: %s", failure)
            raise

    def _asked(self, request: Request, progress: Progress, cancelled: Cancelled) -> Any:
        """The value; asked again where it is lost. Unreachable: no address answers. Lost, Busy: it was so each time."""
        body = messages.written(messages.Question(request, revisions_of(request), pictures_of(request)))
        for pause in (*PAUSES, None):
            try:
                return self._once(body, subject_of(request), progress, cancelled)
            except Unreachable:
                raise
            except (Lost, Busy) as loss:  # many who come in one moment are more than many who wait
                if pause is None:
                    raise
                self._count("again")
                log.info("a question was lost (%s): it is asked again", loss)
                self._pause(pause, cancelled)
        raise AssertionError("unreachable")

    def _once(self, body: bytes, subject: str, progress: Progress, cancelled: Cancelled) -> Any:
        """The same by one replica; addresses that do not answer are passed over."""
        answering = list(self._answering)
        random.shuffle(answering)
        for address in answering:
            try:
                return asked_of(address, self._key, body, subject, progress, cancelled)
            except Unreachable as error:
                log.info("%s does not answer: %s", address, error)
                self._losses[address] += 1
                self._note(tuple(one for one in self._answering if one != address))
        raise Unreachable

    def _pause(self, seconds: float, cancelled: Cancelled) -> None:
        while seconds > 0 and not self._ended.wait(min(seconds, 0.1)):
            raise_if_cancelled(cancelled)
            seconds -= 0.1


def addresses_in(said: str) -> tuple[str, ...]:
    """The addresses that GAZE_CLUSTER names, with commas between them, each with its scheme and port. Refused."""
    found = []
    for one in filter(None, (part.strip() for part in said.split(","))):
        place = urlsplit(one if "://" in one else f"http://{one}")
        try:
            port = place.port or PORT
        except ValueError:
            port = 0
        if place.scheme not in ("http", "https") or not place.hostname or not port or place.query or place.username:
            raise Refused(f"GAZE_CLUSTER holds {one!r}, which is no address. Write it as 10.0.0.5:{PORT}.")
        host = f"[{place.hostname}]" if ":" in place.hostname else place.hostname
        found.append(f"{place.scheme}://{host}:{port}{place.path.rstrip('/')}")
    return tuple(dict.fromkeys(found))


_JOINED: list[Cluster] = []


def joined() -> Cluster | None:
    """The cluster that this process asks."""
    return _JOINED[-1] if _JOINED else None


def join(said: str | None = None) -> Cluster | None:
    """Ask the cluster at these addresses from now on, by default GAZE_CLUSTER's; None where it names none. Refused."""
    addresses = addresses_in(os.environ.get("GAZE_CLUSTER", "") if said is None else said)
    if not addresses:
        return None
    leave()
    found = Cluster(addresses, secret())
    found.watch()
    _JOINED.append(found)
    answered_elsewhere(found)
    log.info("questions go to the cluster at %s%s", ", ".join(addresses), "" if found.up else ", which does not answer")
    return found


def leave() -> None:
    """Answer all questions here again."""
    answered_elsewhere(None)
    while _JOINED:
        _JOINED.pop().close()
