"""What all tests share: one thread, no network, and a browser for those that ask for it."""

from __future__ import annotations

import gc
import itertools
import os
import socket
import tempfile
from contextlib import suppress

# Before anything imports these libraries: they read it once.
os.environ["HF_HUB_OFFLINE"] = "1"
# An empty folder, so that what was downloaded on this machine changes no test; gone when this process ends.
os.environ["HF_HOME"] = (HOME := tempfile.TemporaryDirectory(prefix="gaze-tests-")).name
os.environ["HF_HUB_CACHE"] = os.path.join(HOME.name, "hub")
os.environ["GAZE_FOLDER"] = os.path.join(HOME.name, "gaze")
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("OMP_NUM_THREADS", "1")
# References are computed on the CPU; tests/cuda holds a GPU against it.
os.environ.setdefault("GAZE_DEVICE", "cpu")

import pytest

from tests.skips import pytest_configure  # noqa: F401  pytest finds it by this name

LOOPBACK = ("127.", "::1", "localhost")
LOOKED_THROUGH = 40  # of so many new models one has all the garbage collected


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What hundreds of files of tests import is no garbage: it is looked through neither meanwhile nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Numbers that do not depend on how many cores there are, and tests that do not fight for them."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def short_collections():
    """Garbage is looked for in what tests made: in all there is it takes half a second for each model that is new."""
    from core import engine

    every, turns = engine.freeze_garbage, itertools.count(1)

    def freeze_garbage():
        if next(turns) % LOOKED_THROUGH:
            gc.collect()
            gc.freeze()
        else:
            every()  # so that models which were given up are freed here too

    patch = pytest.MonkeyPatch()
    patch.setattr(engine, "freeze_garbage", freeze_garbage)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """A test that reaches for another machine fails, by name."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(original):
        def call(self, address):
            inside = self.family not in (socket.AF_INET, socket.AF_INET6) or str(address[0]).startswith(LOOPBACK)
            # A datagram socket sends nothing when it connects: it is how a machine learns its own address.
            if inside or self.type == socket.SOCK_DGRAM:
                return original(self, address)
            pytest.fail(f"a test reached for the network: {address}")

        return call

    patch.setattr(socket.socket, "connect", guarded(connect))
    patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    yield
    patch.undo()


@pytest.fixture
def any_folder(monkeypatch):
    """Models may be opened from any folder, as on a loopback address."""
    monkeypatch.setenv("GAZE_ALLOW_ANY", "1")


@pytest.fixture(scope="session")
def chromium_path():
    """Where the browser is; the test is left out if there is none, but not where nobody would notice."""
    path = os.environ.get("GAZE_CHROMIUM") or find_chromium()
    if not path:
        if os.environ.get("CI"):
            pytest.fail("there is no browser: install Chromium or set GAZE_CHROMIUM")
        pytest.skip("no browser: python run.py test gets one, or set GAZE_CHROMIUM")
    return path


def find_chromium():
    from launch.browser import find_browser

    return find_browser()


@pytest.fixture(scope="session")
def browser(chromium_path):
    from playwright.sync_api import sync_playwright

    from tests.chromium import launch

    with sync_playwright() as playwright:
        chromium = launch(playwright, chromium_path)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory):
    """The app, started once for all browser tests."""
    from tests.chromium import serve

    with serve(tmp_path_factory.mktemp("app") / "log") as server:
        yield server


@pytest.fixture
def watch():
    """What the test's pages did that they should not; the test fails at its end if they did."""
    from tests.chromium import Watch

    seen = Watch()
    yield seen
    assert not seen.foreign, f"the page asked other machines: {seen.foreign}"
    assert not seen.errors, f"the page's scripts failed: {seen.errors}"


@pytest.fixture(scope="session")
def contexts(browser):
    """Contexts that are used again: a third of what a page takes to open is the compiling of scripts."""
    from tests.chromium import Contexts

    return Contexts(browser)


@pytest.fixture
def new_page(contexts, watch):
    """Makes pages, each in a context of its own: new_page(size=LAPTOP, dark=False, **context options)."""
    from tests.chromium import LAPTOP

    taken = []

    def make(size=LAPTOP, dark=False, **options):
        options = {"reduced_motion": "reduce", "color_scheme": "dark" if dark else "light", **options}
        options["viewport"] = {"width": size[0], "height": size[1]}
        context = contexts.take(options)
        taken.append((context, options, watch.guard(context)))
        return coming_to_rest(context.new_page())

    yield make
    for context, options, unguard in taken:
        unguard()
        contexts.give_back(context, options)


def coming_to_rest(page):
    """The page, whose goto waits until what it opened has run, is drawn and fits its screen; half a minute at most."""
    from playwright.sync_api import TimeoutError as Late

    from benchmarks.shots import settle

    go = page.goto

    def goto(url, **more):
        reply = go(url, **more)
        if page.locator("#root").count():  # a page of Streamlit, no frame round one and no bare text
            with suppress(Late):  # some pages are opened to be seen at work
                settle(page, 30)
        return reply

    page.goto = goto
    return page


@pytest.fixture
def page(new_page):
    """A page on a laptop's screen, in light colours."""
    return new_page()
