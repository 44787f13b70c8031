"""A lesson in browsers: predict, look, do, reload, go back; and a student who follows a lecturer through one."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.shots import settle

pytestmark = pytest.mark.browser


def panel(page):
    return page.locator(".gaze-lesson")


def title(page, text):
    expect(panel(page).locator("h3.title")).to_have_text(text)


def veiled(page, on):
    expect(page.locator("html.gaze-veiled")).to_have_count(int(on))


@pytest.fixture
def learner(visit):
    page = visit("/lessons")
    page.get_by_role("button", name="Begin: What is attention?").click()
    page.wait_for_url("**/attention?**lesson=attention&lesson_step=1**")
    title(page, "One word, one row")
    return page


def test_a_learner_predicts_and_then_looks(learner):
    page = learner
    veiled(page, True)
    for seen in (
        ".st-key-attention-heads [data-testid=stBidiComponentIsolated]",
        "[data-testid=stElementContainer]:has(> .stHtml .gaze-output)",
    ):
        expect(page.locator(seen)).to_have_css("filter", "blur(15px)")
    panel(page).get_by_role("button", name="black", exact=True).click()
    expect(panel(page).locator(".verdict td")).to_have_text(["black", "cat"])
    expect(panel(page).locator(".said")).to_have_text("→ Look again.")
    veiled(page, False)
    expect(page.locator(".gaze-spot")).to_have_count(1)
    expect(panel(page).get_by_label("Take home")).to_be_visible()
    page.reload()  # nothing that was answered is lost
    title(page, "One word, one row")
    expect(panel(page).locator(".verdict td")).to_have_text(["black", "cat"])


def test_a_learner_does_a_task_and_it_is_ticked_off(learner):
    page = learner
    page.keyboard.press("Space")
    title(page, "A row is shared out")
    panel(page).get_by_role("button", name="Next").click()
    title(page, "Words change places")
    panel(page).get_by_role("button", name="Next").click()
    title(page, "A sharp head")
    task = panel(page).get_by_label("Do")
    expect(task.get_by_role("heading")).to_have_text("Do")
    overview = page.locator(".gaze-heads .layers .top").first
    overview.focus()
    page.keyboard.press("ArrowDown")
    expect(task.get_by_role("heading")).to_have_text("Do")  # another head, and not a sharp one
    panel(page).get_by_role("button", name="Show me how it looks").click()
    expect(task.get_by_role("heading")).to_have_text("Done")
    page.reload()
    expect(task.get_by_role("heading")).to_have_text("Done")


def test_back_and_forward_walk_through_the_steps(learner):
    page = learner
    panel(page).get_by_role("button", name="Next").click()
    page.wait_for_url("**lesson_step=2**")
    title(page, "A row is shared out")
    page.go_back()
    title(page, "One word, one row")
    page.go_forward()
    title(page, "A row is shared out")
    page.go_back()
    title(page, "One word, one row")
    page.go_back()
    expect(panel(page)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    settle(page)
    assert page.url.endswith("/lessons")
    steps = page.evaluate("() => navigation.entries().map(({ url }) => new URL(url).pathname)")
    assert steps == ["/lessons", "/attention", "/attention"]  # nothing between that nobody looked at


def test_quick_steps_back_and_forward_leave_the_page_that_was_asked_for_last(learner):
    page = learner
    for _ in range(6):
        page.go_back()
        page.go_forward()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")
    settle(page)
    assert page.url.endswith("/lessons")
    expect(panel(page)).to_be_hidden()
    page.go_forward()
    title(page, "One word, one row")
    expect(page.get_by_role("heading", level=1)).to_have_text("Attention")
    settle(page)
    assert "/attention?" in page.url


def test_leaving_gives_the_list_of_pages_back_and_keeps_how_far_one_came(learner):
    page = learner
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    panel(page).get_by_role("button", name="Next").click()
    title(page, "A row is shared out")
    panel(page).get_by_role("button", name="Leave the lesson").click()
    expect(panel(page)).to_be_hidden()
    page.get_by_role("link", name="Lessons").click()
    expect(page.get_by_role("button", name="Go on: What is attention?")).to_be_visible()
    assert "lesson=" not in page.url


def test_a_link_opens_a_lesson_at_its_step(visit):
    page = visit("/?lesson=kinds&lesson_step=2")
    page.wait_for_url("**/attention?**")
    title(page, "An encoder looks both ways")
    page = visit("/?lesson=nothing")
    expect(panel(page).get_by_role("alert")).to_have_text(re.compile("There is no lesson 'nothing'"))


def test_a_student_follows_a_lecturer_through_a_lesson(visit):
    lecturer = visit("/?lesson=masking")
    lecturer.wait_for_url("**/attention?**lesson=masking**")
    lecturer.get_by_role("button", name="Room: give a lecture").click()
    lecturer.get_by_role("button", name="Open a room").click()
    expect(lecturer.locator(".gaze-frame .bigcode")).to_have_text(re.compile(r"^[A-Z2-9]{3} [A-Z2-9]{3}$"))
    room = lecturer.evaluate("() => JSON.parse(sessionStorage.getItem('gaze:room'))")
    student = visit(f"/contrast?room={room['link']}")
    student.wait_for_url("**lesson=masking**")
    title(student, "Nothing lies ahead")
    expect(panel(student).get_by_role("button", name="Next")).to_have_count(0)
    lecturer.keyboard.press("Escape")
    panel(lecturer).get_by_role("button", name="Next").click()
    title(lecturer, "The mask as a matrix")
    title(student, "The mask as a matrix")
    student.wait_for_url("**/inside?**")
    panel(student).locator("input").fill("50")
    panel(student).get_by_role("button", name="Predict").click()
    expect(panel(student).locator(".verdict td").nth(1)).to_have_text("55.0 %")
    expect(panel(lecturer).locator(".verdict")).to_have_count(0)  # everybody predicts alone


def test_cards_come_again_when_it_is_time(visit):
    page = visit("/lessons?screen=Recall+cards")
    cards = page.locator(".gaze-recall")
    status = cards.get_by_role("status")
    expect(status).to_have_text(re.compile(r"^0 due, \d+ new$"))
    fresh = int(status.inner_text().split()[2])
    first = cards.get_by_role("heading").inner_text()
    cards.get_by_role("button", name="Show the answer").click()
    cards.get_by_role("button", name="I knew it: again in 1 day").click()
    expect(status).to_have_text(f"0 due, {fresh - 1} new")
    expect(cards.get_by_role("heading")).not_to_have_text(first)
    cards.get_by_role("button", name="Show the answer").click()
    cards.get_by_role("button", name="Not yet").click()
    expect(status).to_have_text(f"1 due, {fresh - 2} new")
    page.reload()
    expect(status).to_have_text(f"1 due, {fresh - 2} new")
    with page.expect_download() as taken:
        cards.get_by_role("button", name="Export as CSV").click()
    rows = Path(taken.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "theme,question,answer,compartment,due in days" and len(rows) == fresh + 1
    assert rows[1].endswith('"1","1"')
    cards.get_by_role("button", name="Forget all").click()
    cards.get_by_role("button", name="Press again to forget all").click()
    expect(status).to_have_text(f"0 due, {fresh} new")
    cards.get_by_role("button", name="Show the answer").click()
    cards.get_by_role("button", name="See it in the lesson").click()
    title(page, "One word, one row")


def test_start_moves_and_its_doors_open(visit):
    page = visit("/", reduced_motion="no-preference")
    sentence = page.locator(".gaze-start .sentence")
    now = sentence.locator("button.now")
    first = now.inner_text()
    expect(now).not_to_have_text(first)  # by itself
    sentence.get_by_role("button", name="chaise").hover()
    expect(now).to_have_text("chaise")
    page.get_by_role("button", name="Explore").click()
    page.wait_for_url("**/attention?model=mini-bert-wordpiece**")
    text = page.locator(".stMain [data-testid=stTextInput] input").first
    expect(text).to_be_focused()  # one came to type
    page.keyboard.type("Two words")
    expect(text).to_have_value("Two words")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=Two+words**")
    page.get_by_role("radio", name="Lens").click()
    page.wait_for_url("**show=Lens**")
    page.wait_for_function("() => (localStorage.getItem('gaze:recent') || '').includes('Lens')")
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Attention: Two words", exact=True).click()
    page.wait_for_url("**/attention?**show=Lens**")


def test_start_stands_still_where_motion_is_not_wanted(visit):
    page = visit("/")
    assert page.evaluate("() => matchMedia('(prefers-reduced-motion: reduce)').matches")
    now = page.locator(".gaze-start .sentence button.now")
    expect(now).to_have_text("chat")


def test_a_question_of_a_lesson_is_asked_of_the_whole_room(visit):
    lecturer = visit("/?lesson=kinds&lesson_step=6")
    lecturer.wait_for_url("**/next_token?**")
    title(lecturer, "Which one would you take?")
    lecturer.get_by_role("button", name="Room: give a lecture").click()
    lecturer.get_by_role("button", name="Open a room").click()
    expect(lecturer.locator(".gaze-frame .bigcode")).to_have_text(re.compile(r"^[A-Z2-9]{3} [A-Z2-9]{3}$"))
    room = lecturer.evaluate("() => JSON.parse(sessionStorage.getItem('gaze:room'))")
    student = visit(f"/contrast?room={room['link']}")
    title(student, "Which one would you take?")
    lecturer.keyboard.press("Escape")
    panel(lecturer).get_by_role("button", name="Ask the room").click()
    expect(student.locator(".gaze-frame .bar .answer span")).to_have_text(["tired", "too", "cold", "sleeping"])
