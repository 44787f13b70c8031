"""What runs on the machines of a cluster: a replica takes a question, and tells how far it is and the answer."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import traceback
from collections.abc import AsyncIterator
from typing import Any

from ray import serve
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.cluster import luggage, messages
from core.cluster.messages import NONCE, SEALED, Question
from core.cluster.secret import is_sealed, secret
from core.store.families import resolved
from core.store.revisions import revisions_of
from core.types import Refused

ENGINE = "core.engine:ask"  # what answers; tests put another in its place
HERE_STILL = 1.0  # seconds after which a replica that has no news says that it is here
AT_ONCE = 16  # questions that one replica takes at a time: those of one model and length are read in one pass
SUBJECTS = 16  # what one replica made last and is asked about first: see luggage.subject_of
LONGEST = 64_000_000  # bytes of a question
log = logging.getLogger("ray.serve")


class Work(threading.Thread):
    """One question being answered; tells a loop when there is news."""

    def __init__(self, ask: Any, question: Question, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="question", daemon=True)
        self._ask, self._question, self._loop = ask, question, loop
        self.changed = asyncio.Event()
        self.news: tuple[Any, ...] = ()
        self.last: tuple[bytes, Any] | None = None
        self.left = False

    def run(self) -> None:
        request = self._question.request
        try:
            if revisions_of(request) != self._question.revisions:
                self.last = (messages.OTHER_WEIGHTS, None)
            else:
                luggage.take_in(self._question.pictures)
                self.last = (messages.VALUE, self._ask(request, self._tell, lambda: self.left))
        except Refused as refusal:
            kind = type(refusal).__name__
            self.last = (messages.REFUSED, (kind if kind in messages.REFUSALS else "Refused", str(refusal)))
        except BaseException as error:
            self.last = (messages.FAILED, places_of(error))
            log.error("a question failed: %s", self.last[1])
        self._wake()

    def _tell(self, *news: Any) -> None:
        self.news = news
        self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.changed.set)


def places_of(error: BaseException) -> str:
    """The kind of an error and where it arose, without what it says: that may hold a visitor's words."""
    frames = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)]
    return "\n  ".join([type(error).__name__, *frames])


async def told(work: Work, key: bytes, nonce: bytes) -> AsyncIterator[bytes]:
    """The messages of an answer, from the first news to the value; whoever stops listening ends the work."""
    number = 0
    work.start()
    try:
        while work.last is None:
            try:
                await asyncio.wait_for(work.changed.wait(), HERE_STILL)
            except TimeoutError:
                work.news = ()
            work.changed.clear()
            if work.last is None:
                for part in messages.frame(key, nonce, number, messages.NEWS, work.news):
                    yield part
                number += 1
        # Large answers are written beside the loop, which has others to tell.
        for part in await asyncio.to_thread(messages.frame, key, nonce, number, *work.last):
            yield part
    finally:
        work.left = True


class Replica:
    """Answers sealed questions; one process of a cluster."""

    def __init__(self, answers: str = ENGINE, *, first: bool = True) -> None:
        self._key, self._ask = secret(), resolved(answers)
        if first:
            from core.data.examples import FIRST

            self._ask(FIRST)  # ready once a model has answered

    @serve.multiplexed(max_num_models_per_replica=SUBJECTS)
    async def made(self, subject: str) -> str:
        """Have further questions about what is made here come here first; the engine keeps it."""
        return subject

    async def __call__(self, asked: Request) -> Response:
        body = bytearray()
        async for part in asked.stream():
            body += part
            if len(body) > LONGEST:
                return Response("too long", status_code=413)
        try:
            nonce, given = (bytes.fromhex(asked.headers.get(name, "")) for name in (NONCE, SEALED))
        except ValueError:
            nonce, given = b"", b""
        if not nonce or not is_sealed(given, self._key, nonce, bytes(body)):
            return Response("another secret", status_code=403)
        if subject := serve.get_multiplexed_model_id():
            await self.made(subject)
        try:
            question = await asyncio.to_thread(messages.read, bytes(body))
        except Refused as refusal:
            return self._refused(nonce, refusal)
        work = Work(self._ask, question, asyncio.get_running_loop())
        return StreamingResponse(told(work, self._key, nonce), headers={"x-gaze-replica": str(os.getpid())})

    def _refused(self, nonce: bytes, refusal: Refused) -> Response:
        parts = messages.frame(self._key, nonce, 0, messages.REFUSED, ("Refused", str(refusal)))
        return Response(b"".join(parts), media_type="application/octet-stream")


def application(
    replicas: tuple[int, int], gpus: float, waiting: int, answers: str = ENGINE, *, first: bool = True
) -> Any:
    """Serve's application: so many replicas at least and at most, each with a share of a GPU; so many may wait."""
    fewest, most = replicas
    options: dict[str, Any] = {"num_replicas": most}
    if fewest != most:
        scaling = {"min_replicas": fewest, "max_replicas": most, "target_ongoing_requests": 2, "upscale_delay_s": 5}
        options = {"autoscaling_config": scaling}
    made = serve.deployment(
        Replica,
        name="Replica",
        max_ongoing_requests=AT_ONCE,
        max_queued_requests=waiting,
        ray_actor_options={"num_cpus": 1, "num_gpus": gpus},
        health_check_period_s=5,
        health_check_timeout_s=10,
        graceful_shutdown_timeout_s=8,
        **options,
    )
    return made.bind(answers, first=first)
