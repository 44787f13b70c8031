"""What is measured, a function for each part of the table: a Place goes in, rows come out."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser

import run
from benchmarks import models, probe
from benchmarks.report import Row, failed
from launch.environment import installed
from tests.chromium import LAPTOP, ROOT, Server, Watch, free_port

MB = 1e6
TEXTS = 3
STEPS = 9


@dataclass(frozen=True)
class Place:
    """Where things are measured."""

    server: Server
    browser: Browser
    folder: Path  # of the checkpoints, and for what is written
    full: bool

    @contextmanager
    def page(self, model: str, text: str = "", path: str = "attention"):
        """A page that shows the picture of a text."""
        query = urlencode({"model": str(self.folder / model), "text": text}) if model else ""
        with guarded(self.browser) as context, probe.visit(context, f"{self.server.url}/{path}?{query}") as page:
            yield page

    def memory(self) -> probe.Memory:
        return probe.Memory(self.server.process.pid)


@contextmanager
def guarded(browser: Browser):
    """A window of a laptop's size that reaches no other host."""
    with browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]}) as context:
        Watch().guard(context)
        yield context


def warm(place: Place) -> list[Row]:
    """Let the app load and compile what it does once somebody has seen a page; no row if that goes well."""
    with place.page("", path=""):
        wait_until_warm(place.server.url)
    return []


def wait_until_warm(url: str) -> None:
    """RuntimeError: it takes too long."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as reply:
            if "gaze_warm 1.0\n" in reply.read().decode():
                return
        time.sleep(0.1)
    raise RuntimeError("the app was not warm within two minutes")


def asked(page, lengths: list[int], seed: int) -> list[probe.Answer]:
    return [probe.ask(page, models.text_of(words, seed + i)) for i, words in enumerate(lengths)]


def median(answers: list[probe.Answer]) -> probe.Answer:
    seconds = statistics.median(one.seconds for one in answers)
    return probe.Answer(seconds, max(one.bytes for one in answers), max(one.further for one in answers))


def sent(what: str, ours: probe.Answer, most: float | None, factor: float | None = None, **beside) -> Row:
    """The row about bytes; the one exact head that a page fetches of its own accord is told beside it."""
    note = f"then {ours.further / MB:.2f} MB of one exact head"
    note = "; ".join(part for part in (note, beside.pop("note", "")) if part)
    return Row(what, "B", ours.bytes, most, factor=factor, note=note, **beside)


def short(place: Place) -> list[Row]:
    """128 tokens."""
    with place.page("bert", models.text_of(10, 0)) as page:
        asked(page, [126], 100)
        ours = median(asked(page, [126] * TEXTS, 110))
    theirs, note = rival(place, 126, 110)
    return [
        Row("128 tokens: asking to pixels", "s", ours.seconds, 0.3, theirs and theirs.seconds, 20, note=note),
        sent("128 tokens: sent", ours, 2.5 * MB, 40, rival=theirs and theirs.bytes, note=note),
    ]


def rival(place: Place, words: int, seed: int) -> tuple[probe.Answer | None, str]:
    """BertViz on the same text, or why not."""
    from benchmarks import rival as bertviz

    try:
        some = bertviz.encoding(str(place.folder / "bert"), models.text_of(words, seed))
        with place.browser.new_context() as context:  # a file's page reaches no host: the browser was told so
            return bertviz.draw(some, context, place.folder), ""
    except Exception as error:
        return None, f"BertViz: {failed('', error).note}"


def long(place: Place) -> list[Row]:
    """512 tokens."""
    with place.page("bert", models.text_of(10, 0)) as page:
        asked(page, [126], 200)
        with place.memory() as memory:
            first = asked(page, [510], 210)
        ours = median(first + asked(page, [510] * (TEXTS - 1), 220))
    theirs, note = rival(place, 510, 210) if place.full else (None, "BertViz not run (--full)")
    return [
        Row("512 tokens: asking to pixels", "s", ours.seconds, 1.0, theirs and theirs.seconds, note=note),
        sent("512 tokens: sent", ours, 4 * MB, rival=theirs and theirs.bytes, note=note),
        Row("512 tokens: server's memory grows by", "B", memory.growth, 200 * MB),
    ]


def longest(place: Place) -> list[Row]:
    """2,048 tokens."""
    text = models.text_of(2_048, 300)
    with place.page("gpt2", models.text_of(10, 0)) as page:
        with place.memory() as memory:
            ours = probe.ask(page, text)
        step = probe.change(page)
    seconds, error = exact_head(place, text, 2, 7)
    return [
        Row("2,048 tokens: asking to pixels", "s", ours.seconds, 4.0),
        sent("2,048 tokens: sent", ours, None),
        Row("2,048 tokens: server's memory grows by", "B", memory.growth, 1_500 * MB),
        Row("2,048 tokens: change a head", "s", step.seconds, 0.05, note="pooled"),
        Row(
            "2,048 tokens: one exact head over /gaze/head",
            "s",
            seconds,
            right=error < 1e-5,
            note=f"at most {error:.1e} from eager attention",
        ),
    ]


def exact_head(place: Place, text: str, layer: int, head: int) -> tuple[float, float]:
    """Seconds that one head takes over POST, and how far it is from transformers' own eager attention."""
    import torch
    from transformers import AutoTokenizer, GPT2Model

    folder = place.folder / "gpt2"
    question = {"request": {"model": str(folder), "text": text}, "kind": "decoder", "layer": layer, "head": head}
    post = urllib.request.Request(f"{place.server.url}/gaze/head", json.dumps(question).encode(), method="POST")
    start = time.perf_counter()
    with urllib.request.urlopen(post, timeout=120) as reply:
        raw = reply.read()
    seconds = time.perf_counter() - start
    found = np.frombuffer(raw, "<f4").reshape(2_048, 2_048)
    # Only as many layers as lead to this one: all maps in float32 would be 2.4 GB.
    model = GPT2Model.from_pretrained(folder, attn_implementation="eager", n_layer=layer + 1).eval()
    ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        wanted = model(input_ids=ids, output_attentions=True, use_cache=False).attentions[layer][0, head]
    return seconds, float(np.abs(found - wanted.numpy()).max())


def stepping(place: Place) -> list[Row]:
    """Change layer or head."""
    rows = []
    for tokens, bar in ((32, 0), (128, 0), (512, None)):
        with place.page("bert", models.text_of(tokens - 2, 400 + tokens)) as page:
            page.wait_for_timeout(probe.REST)
            probe.change(page)
            steps = [probe.change(page) for _ in range(STEPS)]
        seconds = statistics.median(step.seconds for step in steps)
        messages = [max(step.frames for step in steps), max(step.requests for step in steps)]
        said = f"{messages[0]} websocket messages, {messages[1]} requests a step"
        quiet = bar is None or sum(messages) == bar
        rows.append(Row(f"{tokens} tokens: change a head", "s", seconds, 0.05, right=quiet, note=said))
        fetched = [step.exact for step in steps if step.exact is not None]
        if fetched:
            rows.append(Row(f"{tokens} tokens: its exact weights", "s", statistics.median(fetched), 0.3))
    return rows


def rerunning(place: Place) -> list[Row]:
    """A rerun that changes nothing, with torch and models loaded."""
    with place.page("", path="") as page:
        start = probe.reruns(page)
    with place.page("bert", models.text_of(126, 110)) as page:
        attention = probe.reruns(page)
    return [
        Row("rerun of the shell, Start page", "s", start, 0.04),
        Row("rerun of the Attention page, 128 tokens", "s", attention, note="for comparison"),
    ]


def starting(place: Place) -> list[Row]:
    """python run.py to the first picture."""
    if not installed(dev=False):
        raise RuntimeError("the requirements have changed since they were installed: python run.py once, then again")
    port = free_port()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    with guarded(place.browser) as context, (place.folder / "start.log").open("wb") as log:
        page = context.new_page()
        page.add_init_script(probe.SCRIPT)
        began = time.time()
        command = [sys.executable, "run.py", "--port", str(port), "--no-browser"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            while not run.healthy("127.0.0.1", port):
                if process.poll() is not None or time.time() - began > run.START_SECONDS:
                    raise RuntimeError("run.py did not bring the app up")
                time.sleep(0.02)
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_function("() => gazeProbe.shown.some((one) => one.ready)", polling=50)
            drawn = next(one["time"] for one in page.evaluate(probe.NOTED)["shown"] if one.get("ready"))
        finally:
            process.terminate()
            process.wait(20)
    return [Row("python run.py to the first picture", "s", drawn / 1000 - began, 2.5)]


def capture(_: Place) -> list[Row]:
    """What recording costs beside eager attention."""
    from benchmarks.capture_cost import MEMORY_BAR, TIME_BAR, measure

    found = measure()
    rows = [
        Row(f"{tokens} tokens: recording, times eager's time", "x", one["ratio"], TIME_BAR)
        for tokens, one in found["seconds"].items()
    ]
    extra = found["megabytes"]["512"]["ratio"]["extra"]
    return [*rows, Row("512 tokens: recording, times eager's extra memory", "x", extra, MEMORY_BAR)]


def maps(_: Place) -> list[Row]:
    """UMAP of an embedding space, without a browser."""
    from benchmarks.mapping import measure

    return measure()


def alignment(place: Place) -> list[Row]:
    """Word alignment of 100 pairs beside simalign's."""
    from benchmarks import aligning
    from core.store.cards import ASSETS

    built_in = str(ASSETS / aligning.STAND_IN)
    return [
        aligning.method(built_in),
        aligning.whole(built_in, 2, "built in"),
        aligning.whole(str(place.folder / "bert"), 8, "BERT-base's shape"),
    ]


def vision(place: Place) -> list[Row]:
    """Vision transformers."""
    from benchmarks.vision import measure

    with guarded(place.browser) as context:
        return measure(context, place.server, place.folder)


def crowd(place: Place) -> list[Row]:
    """A lecture at once."""
    from benchmarks.crowd import measure

    return measure(place.server.url, str(place.folder / "bert"))


def large(place: Place) -> list[Row]:
    """BERT-large, and what is drawn beside the pass."""
    from benchmarks.drawing import measure

    models.bert(place.folder / "large", models.LARGE)
    with place.page("large", models.text_of(10, 0)) as page:
        asked(page, [126], 600)
        ours = median(asked(page, [510] * TEXTS, 610))
    seconds = Row("BERT-large, 512 tokens: asking to pixels", "s", ours.seconds, 2.5)
    return [seconds, *measure(str(place.folder / "bert"))]


def rooms(place: Place) -> list[Row]:
    """A lecturer's moves."""
    from benchmarks.rooms import measure

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps an event loop running in this one
        return thread.submit(measure, place.server.url, place.server.process.pid).result()


def arbitrary(_: Place) -> list[Row]:
    """Requests, messages and files that somebody made up, 10,000 of each kind: values or advice, nothing else."""
    tests = ["tests/core/requests/test_arbitrary.py", "tests/core/data/test_arbitrary_files.py"]
    command = [sys.executable, "-m", "pytest", "-q", *tests, "tests/pages/test_routes_arbitrary.py"]
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "GAZE_EXAMPLES": "10000"}, capture_output=True, text=True
    )
    last = (done.stdout.strip().splitlines() or ["no output"])[-1]
    seconds = time.perf_counter() - began
    return [Row("10,000 arbitrary inputs of each kind", "s", seconds, right=done.returncode == 0, note=last)]


def alone(module: str) -> Callable[[Place], list[Row]]:
    """A part that needs no browser: what a module measures."""
    return lambda _: list(import_module(f"benchmarks.{module}").measure())


PARTS: dict[str, Callable[[Place], list[Row]]] = {
    "128": short,
    "512": long,
    "2048": longest,
    "change": stepping,
    "rerun": rerunning,
    "start": starting,
    "capture": capture,
    "heads": alone("heads"),
    "alignment": alignment,
    "transfer": alone("transferring"),
    "vision": vision,
    "maps": maps,
    "retrieval": alone("retrieving"),
    "writing": alone("writing"),
    "learning": alone("learning"),
    "large": large,
    "crowd": crowd,
    "rooms": rooms,
    "cluster": alone("cluster"),
    "arbitrary": arbitrary,
}
