"""The page on vision transformers with a model of ViT-B/16's shape: first overlay, changes, relevance."""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page

from benchmarks import models, probe
from benchmarks.report import Row
from tests.chromium import Server

PICTURES = ("photo-cat", "photo-rocket", "photo-china", "farm")
STEPS = 7
#: Answer of a gallery button: what was painted when, and how many bytes came for it.
PAINTED = """(before) => gazeProbe.shown.some((one) => Number(one.painted) > before)"""


def choose(page: Page, title: str) -> tuple[float, int]:
    """(seconds from the key that chose a thumbnail to its painted overlay, bytes that came for it)."""
    before = int(page.locator(f"{probe.PICTURE}[data-painted]").get_attribute("data-painted"))
    thumbnail = page.locator(".gaze-thumbnails button").and_(page.get_by_role("button", name=title, exact=True))
    thumbnail.focus()
    page.evaluate(probe.FORGET)
    page.keyboard.press("Enter")
    page.wait_for_function(PAINTED, arg=before, polling=50)
    page.wait_for_timeout(probe.REST)
    noted = page.evaluate(probe.NOTED)
    pressed = next(one["time"] for one in noted["keys"] if one["key"] == "Enter")
    painted = next(one["time"] for one in noted["shown"] if int(one.get("painted", 0)) > before)
    return (painted - pressed) / 1000, sum(one["bytes"] for one in noted["frames"] if one["way"] == "in")


def step(page: Page, canvas: str, key: str) -> probe.Change:
    """An arrow key on a canvas, and what it caused."""
    page.locator(canvas).first.focus()
    page.evaluate(probe.FORGET)
    page.keyboard.press(key)
    page.wait_for_timeout(probe.REST)
    return probe.changed(page.evaluate(probe.NOTED), key)


def stepped(page: Page, what: str, canvas: str) -> Row:
    step(page, canvas, "ArrowLeft")
    steps = [step(page, canvas, key) for key in ("ArrowLeft", "ArrowUp") * (STEPS // 2 + 1)][:STEPS]
    messages = max(one.frames + one.requests for one in steps)
    seconds = statistics.median(one.seconds for one in steps)
    note = f"at most {messages} messages to the server"
    return Row(f"ViT-B/16: {what}", "s", seconds, 0.05, right=messages == 0, note=note)


def relevance(server: Server, folder: Path) -> Row:
    """Over the route that the browser asks, with its lines of progress."""
    seconds, told = [], 0
    for label in (3, 4):
        body = {"request": {"model": str(folder), "image": PICTURES[0]}, "label": label}
        post = urllib.request.Request(f"{server.url}/gaze/relevance", json.dumps(body).encode(), method="POST")
        start = time.perf_counter()
        with urllib.request.urlopen(post, timeout=120) as reply:
            lines = [json.loads(line) for line in reply]
        seconds.append(time.perf_counter() - start)
        told = max(told, len(lines) - 1)
    right = "row" in lines[-1] and told > 0
    return Row("ViT-B/16: relevance of a class", "s", max(seconds), 6.0, right=right, note=f"{told} lines of progress")


def measure(context, server: Server, scratch: Path) -> list[Row]:
    """A row for each bar of the page."""
    from core.data.gallery import gallery

    folder = models.vit(scratch / "vit")
    with probe.visit(context, f"{server.url}/vision?model={folder}&picture={PICTURES[0]}") as page:
        page.wait_for_selector(f"{probe.PICTURE}[data-painted]")
        page.wait_for_selector(f"{probe.PICTURE}[data-complete='1']")  # all maps have come meanwhile
        rows = [
            stepped(page, "change a layer or head", ".left canvas"),
            stepped(page, "change the patch that asks", ".middle canvas"),
        ]
        page.get_by_role("button", name="Picture").first.click()
        page.locator(".gaze-thumbnails button").first.wait_for()
        found = [choose(page, gallery()[name].title) for name in PICTURES[1:]]
    seconds = statistics.median(one for one, _ in found)
    return [
        Row("ViT-B/16: picture chosen to first overlay", "s", seconds, 0.8),
        Row("ViT-B/16: sent for a picture", "B", max(size for _, size in found), 3e6),
        *rows,
        relevance(server, folder),
    ]
