"""What is noted about a measured page and about the server's memory."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as TookTooLong
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SCRIPT = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
PICTURE = "[data-testid=stBidiComponentIsolated][data-ready]"
FORGET = """() => {
    for (const list of ['keys', 'frames', 'shown', 'asked']) gazeProbe[list].length = 0;
    performance.clearResourceTimings();
}"""
NOTED = """() => ({
    keys: gazeProbe.keys, frames: gazeProbe.frames, shown: gazeProbe.shown,
    asked: gazeProbe.asked,
    fetched: performance.getEntriesByType('resource')
        .filter((one) => ['fetch', 'xmlhttprequest', 'beacon'].includes(one.initiatorType))
        .reduce((sum, one) => sum + one.transferSize, 0),
})"""
SEND_AGAIN = "(bytes) => gazeProbe.socket.send(new Uint8Array(bytes))"
REST = 600  # ms after a picture, in which what follows it arrives
PATIENCE = 60_000  # ms


@dataclass(frozen=True)
class Answer:
    """What one question cost."""

    seconds: float  # from the key that asked to the painted picture
    bytes: int  # that the server sent for it
    further: int = 0  # bytes that the page fetched after it: one exact head


@dataclass(frozen=True)
class Change:
    """What one step to another head cost."""

    seconds: float  # from the key to the painted picture
    exact: float | None  # to the picture of the exact weights; None: none were fetched
    frames: int  # messages either way over the websocket
    requests: int


@contextmanager
def visit(context: BrowserContext, url: str) -> Iterator[Page]:
    """A page of the app that shows a picture and notes what happens."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(SCRIPT)
    try:
        page.goto(url)
        try:
            page.wait_for_selector(PICTURE)
        except TookTooLong as error:
            said = " ".join(page.locator("[data-testid=stMain]").inner_text().split())
            raise RuntimeError(f"no picture after {PATIENCE // 1000} s; the page says: {said[:200]}") from error
        page.wait_for_timeout(REST)
        wait_for_exact(page)
        yield page
    finally:
        page.close()


def ask(page: Page, text: str) -> Answer:
    """Type a text, press Enter, wait for its picture."""
    before = page.locator(PICTURE).first.get_attribute("data-ready")
    box = page.get_by_label("Text", exact=True)
    page.evaluate(FORGET)
    box.fill(text)
    box.press("Enter")
    page.wait_for_function(
        "(before) => gazeProbe.shown.some((one) => one.ready && one.ready !== before)", arg=before, polling=50
    )
    page.wait_for_timeout(REST)
    wait_for_exact(page)
    noted = page.evaluate(NOTED)
    return answer(noted, before)


def answer(noted: dict, before: str) -> Answer:
    """What a question cost, from what the page noted."""
    asked = next(one["time"] for one in noted["keys"] if one["key"] == "Enter")
    if any(one["way"] == "out" and one["time"] < asked for one in noted["frames"]):
        raise RuntimeError("the page asked before Enter was pressed: this machine is too slow to type in time")
    drawn = next(one["time"] for one in noted["shown"] if one.get("ready", before) != before)
    sent = sum(one["bytes"] for one in noted["frames"] if one["way"] == "in")
    return Answer((drawn - asked) / 1000, sent, noted["fetched"])


def change(page: Page, key: str = "ArrowRight") -> Change:
    """Step to the next head by keyboard; what follows within REST counts as caused by it."""
    page.locator(".left .layers canvas.top").first.focus()
    page.evaluate(FORGET)
    page.keyboard.press(key)
    page.wait_for_timeout(REST)
    wait_for_exact(page)
    return changed(page.evaluate(NOTED), key)


def wait_for_exact(page: Page) -> None:
    """Wait until the exact weights that were asked for are shown, or could not be had."""
    asked = page.evaluate("gazeProbe.asked.some((one) => one.url.endsWith('/gaze/head'))")
    if asked:
        page.wait_for_function("(picture) => document.querySelector(picture).dataset.exact === '1'", arg=PICTURE)
        page.wait_for_timeout(100)  # until it is painted


def changed(noted: dict, key: str) -> Change:
    """What a step to another head cost, from what the page noted."""
    pressed = next(one["time"] for one in noted["keys"] if one["key"] == key)
    shown = noted["shown"]
    exact = next((one["time"] for one in shown if one.get("exact") == "1"), None)
    rough = next(one["time"] for one in shown)
    requests = len(noted["asked"])
    return Change(
        seconds=(rough - pressed) / 1000,
        exact=(exact - pressed) / 1000 if exact is not None and requests else None,
        frames=len(noted["frames"]),
        requests=requests,
    )


def last_rerun(page: Page) -> list[int]:
    """The latest message by which the page had its script run."""
    sent = [one["content"] for one in page.evaluate(NOTED)["frames"] if one["way"] == "out" and one["content"]]
    return next(one for one in reversed(sent) if BackMsg.FromString(bytes(one)).WhichOneof("type") == "rerun_script")


def rerun(page: Page, message: list[int]) -> float:
    """Seconds from sending such a message again to the server's word that the script has finished."""
    page.evaluate(FORGET)
    page.evaluate(SEND_AGAIN, message)
    page.wait_for_timeout(REST)
    frames = page.evaluate(NOTED)["frames"]
    started = next(one["time"] for one in frames if one["way"] == "out")
    return (next(one["time"] for one in frames if finishes(one)) - started) / 1000


def finishes(frame: dict) -> bool:
    if frame["way"] != "in" or not frame["content"]:
        return False
    return ForwardMsg.FromString(bytes(frame["content"])).WhichOneof("type") == "script_finished"


def reruns(page: Page, times: int = 15) -> float:
    """Median seconds."""
    message = last_rerun(page)
    return statistics.median(rerun(page, message) for _ in range(times))


class Memory:
    """How many bytes a process grows at most while something happens: with Memory(id) as seen: ...; seen.growth."""

    def __init__(self, process: int) -> None:
        self._process, self._done = psutil.Process(process), threading.Event()
        self.growth = 0

    def __enter__(self) -> Memory:
        self._before = self._peak = self._now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _now(self) -> int:
        return self._process.memory_info().rss

    def _watch(self) -> None:
        while not self._done.wait(0.005):
            self._peak = max(self._peak, self._now())

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()
        self.growth = max(self._peak, self._now()) - self._before
