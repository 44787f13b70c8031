"""Fifteen things that a lecturer, a student and a researcher come for: clicks and seconds from the idea to the picture.

python -m benchmarks.stopwatch [BROWSER]. Each begins where the one before left off; the student's and the researcher's
begin on Start. A click is one of the mouse or a tap; what is typed, a key and a file chosen in the system's own window
are told in the note and count as none. Seconds are the app's: typing takes none, and looking for a cell is not counted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from benchmarks.report import Row, described, machine, table
from benchmarks.shots import settle
from launch.browser import find_browser
from tests.chromium import LAPTOP, PHONE, launch, serve

MOST_CLICKS, MOST_SECONDS = 3, 5.0
RESTS = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE = 60_000  # milliseconds
SENTENCE = "The animal didn't cross the street because it was too tired."
WIDE = SENTENCE.replace("tired", "wide")
ROOM = "My freind has a verry nice 🐶 dog"
PAIRS = "\n".join(f"The man buys {n} red books.\tDer Mann kauft {n} rote Bücher." for n in range(2, 32)).encode()
ROWS = "text,label\n" + "\n".join(
    f"The {animal} number {n} {does} by the river.,{animal}"
    for n in range(100)
    for animal, does in (("cat", "sleeps"), ("horse", "runs"), ("bird", "sings"))
)


@dataclass
class Person:
    """Somebody at a browser, whose clicks are counted."""

    page: Page
    start: str
    rows: list[Row] = field(default_factory=list)
    clicks: int = 0
    waited: float = 0.0  # seconds that are not the app's

    def click(self, where: Locator, **more: Any) -> None:
        self.clicks += 1
        where.click(**more)

    def at(self, x: float, y: float) -> None:
        self.clicks += 1
        self.page.mouse.click(x, y)

    def write(self, box: Locator, text: str) -> None:
        """Replace what stands in a box that is clicked."""
        self.click(box)
        box.fill(text)
        box.press("Enter")

    @contextmanager
    def task(self, what: str, note: str = "") -> Iterator[None]:
        """What is done within becomes two rows, or one that says how it broke."""
        self.clicks, self.waited = 0, 0.0
        begun = time.perf_counter()
        try:
            yield
            seconds = time.perf_counter() - begun - self.waited
            self.rows += [
                Row(f"{what}: clicks", "n", self.clicks, MOST_CLICKS, note=note),
                Row(f"{what}: seconds", "s", seconds, MOST_SECONDS),
            ]
        except Exception as error:
            said = str(error).strip().splitlines()[0]
            self.rows.append(Row(what, "n", note=f"{type(error).__name__}: {said}"))

    def looked(self, act: Callable[[], Any]) -> Any:
        """What somebody does with their eyes; its time is not the app's."""
        begun = time.perf_counter()
        found = act()
        self.waited += time.perf_counter() - begun
        return found

    def go_to_start(self) -> None:
        self.page.goto(self.start)
        settle(self.page)

    def list_of_pages(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True))
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()
        self.drawn()

    def view(self, name: str) -> None:
        self.click(self.page.get_by_role("radio", name=name, exact=True))

    def drawn(self) -> None:
        """Wait until no run goes on, and a picture is there."""
        self.page.wait_for_selector(RESTS)
        self.page.wait_for_selector("[data-ready], .js-plotly-plot")


def cell(page: Page, query: str, key: str) -> tuple[float, float]:
    """Where the map of the chosen head has the look of one word at another, in px of the window."""
    box = page.locator(".figure canvas.top").bounding_box() or {}
    for y in range(int(box["y"]) + 90, int(box["y"] + box["height"]), 12):
        for x in range(int(box["x"]) + 70, int(box["x"] + box["width"]), 18):
            page.mouse.move(x, y)
            tip = page.locator(".tip")
            said = tip.inner_text() if tip.is_visible() else ""
            if query not in said.partition("(")[0]:
                break  # another row
            if key in said.partition("→")[2].partition("(")[0]:
                return x, y
    raise LookupError(f"no cell of {query} and {key}")


def lecturer(who: Person, browser: Browser) -> None:
    """Tasks 1 to 9: one after the other, as in a lecture."""
    page = who.page
    text = page.get_by_label("Text", exact=True)
    who.go_to_start()
    with who.task("1 which head links it and animal", "the sentence typed"):
        who.click(page.get_by_role("button", name="Explore"))
        expect(text).to_be_focused()
        page.keyboard.type(SENTENCE)
        page.keyboard.press("Enter")
        page.wait_for_url("**text=The+animal**")
        who.drawn()
        who.at(*who.looked(lambda: cell(page, "it", "animal")))
        expect(page.locator("p.see")).to_contain_text("most in head")
    with who.task("2 the same with wide, side by side", "one word typed"):
        who.view("Compare")
        page.wait_for_url("**show=Compare**")
        who.drawn()
        who.write(page.get_by_label("Compared with the text"), WIDE)
        page.wait_for_url("**wide**")
        who.drawn()
    with who.task("3 that head off, and what changed"):
        who.view("Heads")
        off = page.get_by_role("button", name="switch this head off")
        off.wait_for()
        who.click(off)
        page.wait_for_url("**off=**")
        who.drawn()
    with who.task("4 a sentence of the room, a typo and an emoji in it", "/ and the sentence typed"):
        page.keyboard.press("/")
        page.keyboard.insert_text(ROOM)
        page.keyboard.press("Enter")
        page.wait_for_url("**freind**")
        who.drawn()
    with who.task("5 the same sentence into Japanese", "the names of the model and of the language typed"):
        for label, name, said in (("Model", "translator", "Into"), ("Into", "Japanese", "Japanese")):
            who.click(page.get_by_role("combobox", name=label).first)
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            page.wait_for_function("(said) => document.querySelector('.stMain').innerHTML.includes(said)", arg=said)
            who.drawn()
    page.wait_for_url("**into=Japanese**")
    before = page.url
    with who.task("6 undo", "Ctrl Z"):
        page.locator("body").press("Escape")
        page.evaluate("() => document.activeElement.blur()")
        page.keyboard.press("Control+z")
        page.wait_for_function("(before) => location.href !== before", arg=before)
        who.drawn()
    with who.task("7 full screen for the back row", "P"):
        page.keyboard.press("p")
        expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
    page.keyboard.press("p")
    with who.task("8 a vector picture for the slides"):
        who.click(page.get_by_role("button", name="Save"))
        with page.expect_download() as download:
            who.click(page.get_by_role("menuitem", name="SVG").or_(page.get_by_role("button", name="SVG")).first)
        assert Path(download.value.path()).read_bytes().lstrip().startswith(b"<")
    with who.task("9 the link into a second browser", "the address copied"):
        other = browser.new_context(viewport={"width": LAPTOP[0], "height": LAPTOP[1]}).new_page()
        other.goto(page.url)
        other.wait_for_selector("[data-ready]", timeout=PATIENCE)
        other.context.close()


def student(who: Person) -> None:
    """Tasks 10 to 12: each from Start."""
    page = who.page
    for what, name, view in (
        ("10 why scores are divided by the root of d", "Inside a head", "Scale"),
        ("11 what a causal mask does", "Inside a head", "Masks"),
        ("12 sinusoidal against RoPE under a shift", "Positions", ""),
    ):
        who.go_to_start()
        with who.task(what):
            who.list_of_pages(name)
            if view:
                who.view(view)
                page.wait_for_url(f"**={view}**")
                who.drawn()


def with_a_phone(who: Person, photograph: Path) -> None:
    """Task 13, on the page of pictures."""
    page = who.page
    page.goto(f"{who.start}/vision")
    settle(page)
    with who.task("13 where a patch of an own photograph looks", "on the page; the file chosen in the system's window"):
        who.click(page.get_by_role("button", name="Picture", exact=True))
        with page.expect_file_chooser() as chooser:
            who.click(page.locator("[data-testid=stFileUploaderDropzone] button").first)
        chooser.value.set_files(photograph)
        expect(page.get_by_text("Yours has")).to_be_visible()
        page.keyboard.press("Escape")
        who.drawn()
        picture = page.locator(".middle canvas").first
        box = picture.bounding_box() or {}
        who.click(picture, position={"x": 0.3 * box["width"], "y": 0.3 * box["height"]})
        page.wait_for_url("**token=**")


def researcher(who: Person, folder: Path) -> None:
    """Tasks 14 and 15, each from Start, its parts told apart."""
    page = who.page
    (folder / "pairs.tsv").write_bytes(PAIRS)
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    who.go_to_start()
    with who.task("14 an own pair in two models", "both sentences typed"):
        who.click(page.get_by_role("button", name="Compare mBERT and XLM-R"))
        page.wait_for_url("**/alignment**")
        who.drawn()
        page.keyboard.press("/")
        page.keyboard.insert_text("The red book is on the table.")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        who.write(page.locator("[data-testid=stTextInput] input").nth(1), "Das rote Buch liegt auf dem Tisch.")
        page.wait_for_url("**rote**")
        who.drawn()
    with who.task("14 an own file of pairs: which model, by how much", "the file chosen in the system's window"):
        who.view("File")
        with page.expect_file_chooser() as chooser:
            who.click(page.locator("[data-testid=stFileUploaderDropzone] button").first)
        chooser.value.set_files(folder / "pairs.tsv")
        expect(page.get_by_text("30 pairs").first).to_be_visible()
        page.wait_for_selector(RESTS)
    with who.task("14 the links as a file"):
        who.click(page.get_by_role("button", name="Save"))
        with page.expect_download():
            who.click(page.get_by_role("dialog", name="Save").get_by_role("button", name="Pharaoh").first)
    who.go_to_start()
    with who.task("15 300 own sentences on the map", "the file chosen in the system's window"):
        who.list_of_pages("Embedding space")
        who.click(page.get_by_role("button", name="More"))
        with page.expect_file_chooser() as chooser:
            who.click(page.locator("[data-testid=stFileUploaderDropzone] button").first)
        chooser.value.set_files(folder / "rows.csv")
        expect(page.get_by_text("300 rows").first).to_be_visible()
        page.keyboard.press("Escape")
        who.drawn()
    with who.task("15 found, zoomed, selected", "a word typed, the wheel, Enter"):
        find = page.get_by_placeholder("a word")
        who.click(find)
        find.fill("horse")
        expect(page.locator(".found")).to_have_text("100 found")
        page.locator("canvas.points").first.hover()
        page.mouse.wheel(0, -300)
        find.press("Enter")
        expect(page.get_by_text("100 points")).to_be_visible()
    with who.task("15 what is selected as a file"):
        who.click(page.get_by_role("button", name="Save"))
        with page.expect_download():
            who.click(page.get_by_role("dialog", name="Save").get_by_role("button", name="CSV").first)


def measured(browser: Browser, start: str, folder: Path) -> list[Row]:
    """All tasks; one that breaks says so in its row."""
    import numpy as np
    from PIL import Image

    photograph = folder / "photograph.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 800, 3), np.uint8)).save(photograph)
    rows: list[Row] = []
    for play, size in (
        (lambda who: lecturer(who, browser), LAPTOP),
        (student, LAPTOP),
        (lambda who: with_a_phone(who, photograph), PHONE),
        (lambda who: researcher(who, folder), LAPTOP),
    ):
        page = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True).new_page()
        page.set_default_timeout(PATIENCE)
        play(Person(page, start, rows))
        page.context.close()
    return rows


def main() -> int:
    chromium = sys.argv[1] if len(sys.argv) > 1 else find_browser()
    if not chromium:
        print("Measuring needs a browser. Install Chromium or Chrome.", file=sys.stderr)
        return 1
    about = machine()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        with serve(folder / "log.txt") as server:
            browser = launch(playwright, chromium)
            measured(browser, server.url, folder)  # warm
            rows = measured(browser, server.url, folder)
    print(described(about) + "\n\n" + table(rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
