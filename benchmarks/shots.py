"""Pictures of every page, light and dark, on a laptop and on a phone: python run.py shots [FOLDER]."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from tests.browser import LAPTOP, PHONE, ROOT, Watch, launch, serve

SCREENS = {"laptop": LAPTOP, "phone": PHONE}
SETTLE_SECONDS = 60  # the first question loads the first model
QUIET_SECONDS = 1.0  # without a change, after which a page counts as drawn
SETTLED = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]');
}"""


def pages(folder: Path = ROOT / "pages") -> list[str]:
    """Names of the pages, as they stand in addresses."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def settle(page: Page) -> None:
    """Wait until the page has run, and has stayed as it is for a while."""
    page.wait_for_function(SETTLED, timeout=1000 * SETTLE_SECONDS)
    end, before, since = time.monotonic() + SETTLE_SECONDS, "", time.monotonic()
    while time.monotonic() < end:
        now = page.evaluate("document.body.innerText.length + ':' + document.querySelectorAll('*').length")
        ready = page.evaluate(SETTLED)
        if now != before or not ready:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET_SECONDS:
            return
        page.wait_for_timeout(100)
    raise TookTooLong(f"still changing after {SETTLE_SECONDS} s")


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int], dark: bool) -> Iterator[tuple[Page, Watch]]:
    """A page of the app once it is drawn, and what it did that it should not."""
    watch = Watch()
    options = {"color_scheme": "dark" if dark else "light", "reduced_motion": "reduce"}
    with browser.new_context(viewport={"width": size[0], "height": size[1]}, **options) as context:
        watch.guard(context)
        page = context.new_page()
        page.goto(url)
        settle(page)
        yield page, watch


def take(browser: Browser, url: str, folder: Path, names: list[str]) -> list[str]:
    """Take the pictures; gives a line about each page that did not come out well."""
    complaints = []
    for name, (screen, size), colours in itertools.product(names, SCREENS.items(), ("light", "dark")):
        file = folder / f"{name}-{screen}-{colours}.png"
        address = f"{url}/{'' if name == 'start' else name}"
        try:
            with opened(browser, address, size, colours == "dark") as (page, watch):
                page.screenshot(path=file)
                complaints += [f"{file.name}: {what}" for what in (*watch.foreign, *watch.errors)]
        except TookTooLong as error:
            complaints.append(f"{file.name}: {str(error).splitlines()[0]}")
    return complaints


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path, default=Path("shots"))
    arguments.add_argument("--page", action="append", help="this page only; may be given more than once")
    chosen = arguments.parse_args()
    names = chosen.page or pages()
    unknown = set(names) - set(pages())
    if unknown:
        print(f"No page is called {', '.join(sorted(unknown))}. There are: {', '.join(pages())}.", file=sys.stderr)
        return 2
    chosen.folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("GAZE_CHROMIUM", "")
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch) / "log") as server,
        sync_playwright() as playwright,
        launch(playwright, chromium) as browser,
    ):
        complaints = take(browser, server.url, chosen.folder, names)
    print(f"The pictures are in {chosen.folder}.")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
