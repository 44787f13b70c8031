"""A browser that may talk to this machine only, and the app as a process of its own: what browser tests stand on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Playwright, Route, WebError

ROOT = Path(__file__).resolve().parent.parent
LAPTOP, PHONE = (1366, 768), (390, 844)
HERE = ("127.0.0.1", "localhost")
START_SECONDS = 90
#: What Playwright itself switches off, as one list only is heeded, and the bar for addresses, which no test sees: each
#: page would bring two processes for what drops down from it, half of what an empty page costs.
OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "msForceBrowserSignIn,msEdgeUpdateLaunchServicesPreferredVersion,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
    f"--disable-features={OFF}",
    # Whatever a page asks for, no name but this machine's is looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def launch(playwright: Playwright, chromium: str) -> Browser:
    return playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)


@dataclass
class Watch:
    """What a page did that it should not."""

    foreign: list[str] = field(default_factory=list)  # addresses outside this machine that it asked for
    errors: list[str] = field(default_factory=list)  # exceptions of its scripts

    def guard(self, context: BrowserContext) -> Callable[[], None]:
        """Block and note every request to another host, and note errors; until what it gives is called."""

        def decide(route: Route) -> None:
            if is_here(route.request.url):
                route.continue_()
            else:
                self.foreign.append(route.request.url)
                route.abort()

        def note(error: WebError) -> None:
            self.errors.append(str(error.error))

        def end() -> None:
            context.unroute_all(behavior="ignoreErrors")
            context.remove_listener("weberror", note)

        # A pattern that leaves this machine's own requests alone: each one routed costs a trip through Python.
        context.route(lambda url: not is_here(url), decide)
        context.on("weberror", note)
        return end


class Contexts:
    """Contexts of a browser, lent one test after the other: empty again, but with scripts in the cache, compiled."""

    KEPT = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.free: defaultdict[str, list[BrowserContext]] = defaultdict(list)

    def take(self, options: dict[str, Any]) -> BrowserContext:
        """One that nobody else has, with these options."""
        free = self.free[json.dumps(options, sort_keys=True)]
        return free.pop() if free else self.browser.new_context(**options)

    def give_back(self, context: BrowserContext, options: dict[str, Any]) -> None:
        """Close its pages and forget what they kept."""
        origins = {f"{parts.scheme}://{parts.netloc}" for page in context.pages if (parts := urlsplit(page.url)).netloc}
        for page in context.pages:
            page.close()
        page = context.new_page()
        storage = context.new_cdp_session(page)
        for origin in origins:
            storage.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": self.KEPT})
        context.clear_cookies()
        context.clear_permissions()
        page.close()
        self.free[json.dumps(options, sort_keys=True)].append(context)


def is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about") or parts.hostname in HERE


@dataclass(frozen=True)
class Server:
    """The app as it runs."""

    url: str  # without a slash at the end
    log: Path
    process: subprocess.Popen

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve(
    log: Path, script: Path = ROOT / "app.py", environment: dict[str, str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """Start a Streamlit app on a port, a free one where none is said, wait until it answers, and stop it at the end.

    RuntimeError carries what it said when it does not come up.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true"]
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1", **(environment or {})}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=out, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", log, process)
    try:
        wait_until_healthy(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_until_healthy(server: Server) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise RuntimeError(f"The app stopped with code {server.process.returncode}:\n{server.said()}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The app did not answer within {START_SECONDS} s:\n{server.said()}")
