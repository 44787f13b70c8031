"""A page of the app run without a browser, as an address opens it."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import tokenizers  # noqa: F401  a page run alone has pages/ first on its path, where tokenizers.py would hide this package
from streamlit.testing.v1 import AppTest

from core.learning.worker import Training
from tests.drawn import unpacked

Result = TypeVar("Result")
ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "pages"
SHELL = ROOT / "ui" / "shell.py"  # the frame of all pages


#: Components that stand behind every page.
UNSEEN = ("gaze_address", "gaze_frame", "gaze_lesson", "gaze_offers")


def components(at: AppTest) -> list:
    """The browser components of a page that are seen."""
    return [one for one in at.get("bidi_component") if one.proto.component_name not in UNSEEN]


def address(at: AppTest, name: str) -> dict[str, list[str]]:
    """What a page has written into the address."""
    return {key: some for key, some in at.session_state[f"{name}/session address"].items() if some}


def page(name: str, **query: str) -> AppTest:
    """The page of a file's name, run once; query: what stands in its address."""
    at = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def taken(at: AppTest, name: str, title: str, form: str, query: str = "") -> bytes:
    """The file that the Save menu above a page hands out; query: what the browser's address says by then."""
    at.session_state[f"{name}/session wanted"] = {"turn": 1, "title": title, "form": form, "query": query}
    at.run()
    offers = next(one for one in at.get("bidi_component") if one.proto.component_name == "gaze_offers")
    header, arrays = unpacked(offers.proto.bytes)
    assert not header["made"]["refused"], header["made"]
    return arrays["file"].tobytes()


def run_out(training: Training) -> None:
    """Look on, for the page that is not there, until a training has ended by itself; a minute at most."""
    moment = threading.Event()
    for _ in range(600):
        if training.ended:
            break
        training.renew()
        moment.wait(0.1)
    assert training.state == "done", training.said


def alone(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives, run in a thread of its own: the browser tests keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result(60)
