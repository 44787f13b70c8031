"""The lab sheet: pins that stay, in the order one gives them, handed in in every form, and read by a lecturer."""

import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ONE, OTHER = "/attention?kind=cross&layer=3&head=2", "/positions"
TASKS = "# Attention in translation\n\n1. Find a head that follows the word order.\n2. Show what a shift changes.\n"
#: Puts the one pin that is there onto the sheet so often more.
AGAIN = """async (count) => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const base = await done(indexedDB.open("gaze lab sheet"));
    const [pin] = await done(base.transaction("pins").objectStore("pins").getAll());
    const body = await done(base.transaction("bodies").objectStore("bodies").get(pin.id));
    const work = base.transaction(["pins", "bodies"], "readwrite");
    for (let k = 1; k <= count; k += 1) {
        work.objectStore("pins").put({ ...pin, id: `copy ${k}`, order: k, sentence: `Sentence ${k}` }, `copy ${k}`);
        work.objectStore("bodies").put(body, `copy ${k}`);
    }
    await new Promise((resolve) => { work.oncomplete = resolve; });
}"""

#: Whether a pin with this sentence is kept.
WRITTEN = """async (sentence) => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const base = await done(indexedDB.open("gaze lab sheet"));
    const pins = await done(base.transaction("pins").objectStore("pins").getAll());
    base.close();
    return pins.some((pin) => pin.sentence === sentence);
}"""


def pin(page, count: int):
    """Pin the view by its key; the sheet then has so many."""
    page.keyboard.press("k")
    expect(page.locator(".toast")).to_have_text(f"Pinned. Pins on the lab sheet: {count}.")


def opened(page):
    """The drawer."""
    page.locator("button.sheet").click()
    drawer = page.get_by_role("complementary", name="Lab sheet")
    expect(drawer).to_be_visible()
    return drawer


def titles(drawer) -> list[str]:
    return drawer.locator("article b").all_text_contents()


def with_two_pins(visit):
    page = visit(ONE)
    pin(page, 1)
    page.goto(page.url.split("/attention")[0] + OTHER)
    pin(page, 2)
    return page, opened(page)


def handed_in(page, drawer, form: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        drawer.locator(".out").get_by_role("button", name=form).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def give_tasks(drawer, text: str = TASKS, name: str = "tasks.md") -> None:
    drawer.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
    )


def test_pins_stay_with_their_sentences_and_their_order(visit):
    page, drawer = with_two_pins(visit)
    assert titles(drawer) == ["Attention", "Positions"]
    drawer.get_by_label("Your sentence on Attention").fill("It follows the word order.")
    drawer.get_by_label("Your name").fill("Ada")
    drawer.get_by_label("Your name").press("Enter")
    handle = drawer.get_by_role("button", name="Move Positions", exact=True)
    handle.press("ArrowUp")
    expect(drawer.locator("article b").first).to_have_text("Positions")
    expect(handle).to_be_focused()
    page.reload()
    drawer = opened(page)
    expect(drawer.get_by_label("Your sentence on Attention")).to_have_value("It follows the word order.")
    expect(drawer.get_by_label("Your name")).to_have_value("Ada")
    assert titles(drawer) == ["Positions", "Attention"]
    drawer.locator("article").nth(1).drag_to(drawer.locator("article").nth(0), target_position={"x": 20, "y": 20})
    expect(drawer.locator("article b").first).to_have_text("Attention")
    drawer.get_by_role("link", name="Open").first.click()
    page.wait_for_url("**/attention?kind=cross&layer=3&head=2**")


def test_what_was_removed_comes_back(visit):
    _, drawer = with_two_pins(visit)
    drawer.get_by_role("button", name="Remove Attention").click()
    expect(drawer.locator("article")).to_have_count(1)
    drawer.get_by_role("button", name="Undo").click()
    expect(drawer.locator("article")).to_have_count(2)
    assert titles(drawer) == ["Attention", "Positions"]
    expect(drawer.locator("article img").first).to_have_attribute("src", re.compile("^blob:"))


def test_pins_lie_under_the_tasks_of_a_file_and_a_link_brings_them(visit):
    page, drawer = with_two_pins(visit)
    for text, says in (("1. No title", "Line 1: a file of tasks begins with a title"), ("# T\n\nx", "Line 3: below")):
        give_tasks(drawer, text)
        expect(drawer.get_by_role("status")).to_contain_text(says)
    give_tasks(drawer)
    expect(drawer.get_by_role("heading", name="Attention in translation")).to_be_visible()
    drawer.get_by_label("Task of Positions").select_option("1")
    expect(drawer.locator(".pins > *").nth(2)).to_have_attribute("data-id", re.compile("."))
    expect(drawer.locator("article b")).to_have_text(["Positions", "Attention"])  # what lies under no task is last
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    drawer.get_by_role("button", name="Link with the tasks").click()
    expect(drawer.get_by_role("status")).to_contain_text("The link is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(link[link.index("/positions") :])  # another visitor, with a browser of their own
    drawer = other.get_by_role("complementary", name="Lab sheet")
    expect(drawer.get_by_role("button", name="2. Show what a shift changes.")).to_be_visible()
    assert "tasks=" not in other.url


def test_a_sheet_is_handed_in_in_every_form(visit, from_disk, tmp_path):
    page, drawer = with_two_pins(visit)
    give_tasks(drawer)
    drawer.get_by_label("Task of Attention").select_option("0")
    drawer.get_by_label("Your sentence on Attention").fill("It follows <b>the</b> word order.")
    name, pdf = handed_in(page, drawer, "PDF")
    assert (
        name == "attention-in-translation.pdf"
        and pdf.startswith(b"%PDF")
        and len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 2
    )
    _, folder = handed_in(page, drawer, "Markdown")
    with zipfile.ZipFile(io.BytesIO(folder)) as files:
        assert files.testzip() is None
        text = files.read("lab-sheet.md").decode()
        assert ElementTree.fromstring(files.read("pictures/001-attention.svg")).tag.endswith("svg")
    assert (
        text.startswith("# Attention in translation\n\n## 1. Find a head")
        and "![Positions](pictures/002-positions.svg)" in text
    )
    _, data = handed_in(page, drawer, "JSON")
    assert [one["title"] for one in json.loads(data)["pins"]] == ["Attention", "Positions"]
    _, html = handed_in(page, drawer, "HTML")
    file = tmp_path / "sheet.html"
    file.write_bytes(html)
    alone, view = from_disk(file.as_uri())
    expect(alone.get_by_role("heading", name="1. Find a head that follows the word order.")).to_be_visible()
    expect(alone.get_by_text("It follows <b>the</b> word order.")).to_be_visible()
    expect(alone.locator("img.picture")).to_have_count(2)
    alone.get_by_role("button", name="Explore this view").first.click()
    expect(view.get_by_role("heading", name="Layer 4 · head 3")).to_be_visible()


def test_two_hundred_pins_hold_and_scroll_and_no_more(visit):
    page = visit(OTHER)
    pin(page, 1)
    page.evaluate(AGAIN, 199)
    page.reload()
    drawer = opened(page)
    expect(drawer.locator("article")).to_have_count(200)
    last = drawer.locator("article").last
    last.scroll_into_view_if_needed()
    expect(last.locator("textarea")).to_have_value("Sentence 199")
    expect(last.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    assert drawer.locator("article img[src]").count() < 20  # only those in sight are drawn
    drawer.get_by_role("button", name="Pin this view").click()
    expect(drawer.get_by_role("status")).to_contain_text("The lab sheet holds 200 pins: remove one first")


def test_a_lecturer_sees_the_same_task_of_all_sheets(visit):
    page, drawer = with_two_pins(visit)
    give_tasks(drawer)
    drawer.get_by_label("Task of Attention").select_option("0")
    drawer.get_by_label("Your name").fill("Ada")
    drawer.get_by_label("Your name").press("Enter")
    _, html = handed_in(page, drawer, "HTML")
    other = json.loads(handed_in(page, drawer, "JSON")[1])
    other["who"] = "Bob <script>alert(1)</script>"
    other["pins"][0]["scene"]["items"][0] = {
        "kind": "image",
        "href": "https://evil.example/x.png",
        "width": 9,
        "height": 9,
    }
    lecturer = visit("/lab_sheets")
    lecturer.get_by_label("Files of lab sheets").set_input_files(
        [
            {"name": "ada.html", "mimeType": "text/html", "buffer": html},
            {"name": "bob.json", "mimeType": "application/json", "buffer": json.dumps(other).encode()},
            {"name": "photo.html", "mimeType": "text/html", "buffer": b"\x89PNG"},
        ]
    )
    expect(lecturer.get_by_role("status").last).to_have_text("2 of 2 sheets have an answer")
    expect(lecturer.get_by_text("“photo.html” is no lab sheet")).to_be_visible()
    cards = lecturer.locator("section.card")
    expect(cards.nth(1)).to_contain_text("Bob <script>alert(1)</script>")
    expect(cards.nth(1)).to_contain_text("Its picture is left out")
    expect(cards.nth(0).get_by_role("img", name="Picture of Attention")).to_be_visible()
    assert "/attention?kind=cross&layer=3&head=2" in cards.nth(0).get_by_role("link", name="Open here").get_attribute(
        "href"
    )
    lecturer.get_by_role("button", name="Next task").click()
    expect(cards.nth(0)).to_contain_text("No pin under this task.")


def test_a_sentence_that_is_typed_while_a_task_is_chosen_takes_nothing_back(visit):
    page = visit(OTHER)
    pin(page, 1)
    drawer = opened(page)
    give_tasks(drawer)
    article = drawer.locator("article")
    expect(article.get_by_role("combobox")).to_have_value("-1")
    # Both in one turn of the browser, as from an element that is about to be drawn anew.
    article.evaluate(
        """(one) => {
            const [words, task] = [one.querySelector("textarea"), one.querySelector("select")];
            task.value = "1";
            task.dispatchEvent(new Event("change"));
            words.value = "Typed.";
            words.dispatchEvent(new Event("change"));
        }"""
    )
    page.wait_for_function(WRITTEN, arg="Typed.")
    page.reload()
    drawer = opened(page)
    expect(drawer.get_by_label("Task of Positions")).to_have_value("1")
    expect(drawer.get_by_label("Your sentence on Positions")).to_have_value("Typed.")
