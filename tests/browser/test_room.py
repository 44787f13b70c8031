"""A lecture in browsers: a lecturer and three students through a room; moves, votes, a question, and the end."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.shots import settle

pytestmark = pytest.mark.browser


@pytest.fixture
def lecture(visit):
    """(lecturer's page, what opens a student's page on the same room)."""
    lecturer = visit("/attention?model=mini-gpt")
    lecturer.get_by_role("button", name="Room: give a lecture").click()
    lecturer.get_by_role("button", name="Open a room").click()
    code = lecturer.locator(".gaze-frame .bigcode")
    expect(code).to_have_text(re.compile(r"^[A-Z2-9]{3} [A-Z2-9]{3}$"))
    room = lecturer.evaluate("() => JSON.parse(sessionStorage.getItem('gaze:room'))")

    def student(path="/", **options):
        page = visit(f"{path}?room={room['link']}", **options)
        expect(page.locator(".gaze-frame .bar .state")).to_have_text("Following")
        return page

    return lecturer, student, code.inner_text()


def test_students_follow_from_page_to_page_and_within_one(lecture):
    lecturer, student, _ = lecture
    one = student()
    expect(one.get_by_role("heading", level=1)).to_have_text("Attention")
    expect(one.get_by_role("textbox", name="Text", exact=True)).to_have_value(re.compile("^The cat sat"))
    assert "room=" not in one.url
    lecturer.keyboard.press("Escape")
    lecturer.get_by_role("radio", name="Lens").click()
    one.wait_for_url("**show=Lens**")
    expect(one.locator(".gaze-lens")).to_be_visible()
    lecturer.get_by_role("link", name="Contrast").click()
    one.wait_for_url("**/contrast**")
    expect(one.locator(".gaze-forces .total b")).to_be_visible()
    expect(lecturer.locator(".gaze-frame .here")).to_have_text("1 follows")


def test_students_see_all_words_that_the_lecturer_holds(lecture):
    lecturer, student, _ = lecture
    one = student()
    lecturer.keyboard.press("Escape")
    settle(one)
    runs = one.evaluate("gazeFrame.runs")
    lecturer.get_by_role("radio", name="Text").click()
    for place in (1, 3):
        lecturer.locator(".gaze-heads .piece").nth(place).click()
    one.wait_for_url("**row=1_3**")
    expect(one.locator(".piece.pointed")).to_have_count(2)
    lecturer.get_by_role("button", name="let all go").click()
    expect(one.locator(".piece.pointed")).to_have_count(0)
    assert one.evaluate("gazeFrame.runs") == runs  # what a picture chooses by itself asks no page of three hundred
    lecturer.get_by_role("radio", name="Lens").click()
    one.wait_for_url("**show=Lens**")
    expect(one.locator(".gaze-lens")).to_be_visible()


def test_a_student_lets_go_and_comes_back(lecture):
    lecturer, student, _ = lecture
    one = student()
    expect(one.get_by_role("heading", level=1)).to_have_text("Attention")
    one.get_by_role("button", name="Let go").click()
    lecturer.keyboard.press("Escape")
    lecturer.get_by_role("link", name="Contrast").click()
    lecturer.wait_for_url("**/contrast**")
    expect(one.locator(".bar .state")).to_have_text("On your own")
    expect(one.get_by_role("heading", level=1)).to_have_text("Attention")
    one.get_by_role("button", name="Come back").click()
    one.wait_for_url("**/contrast**")


def test_a_question_is_answered_by_three_and_revealed(lecture):
    lecturer, student, _ = lecture
    some = [student("/contrast") for _ in range(3)]
    lecturer.get_by_label("Question", exact=True).fill("Which word will “it” look at?")
    lecturer.get_by_label("Answers, one a line").fill("cat\nmat")
    lecturer.get_by_role("button", name="Ask all").click()
    for place, page in enumerate(some):
        page.locator(".bar .answer").nth(min(1, place)).click()
        expect(page.locator(".bar .answer.mine")).to_have_count(1)
        expect(page.locator(".bar .answer b").first).to_have_text("")  # not before it is revealed
    bars = lecturer.locator(".bars .answer b")
    expect(bars.nth(0)).to_have_text("1")
    expect(bars.nth(1)).to_have_text("2")
    lecturer.locator(".bars .answer").nth(0).click()
    lecturer.get_by_role("button", name="Reveal").click()
    for page in some:
        expect(page.locator(".bar .answer.right")).to_have_text("cat1")
        expect(page.locator(".bar .answer b")).to_have_text(["1", "2"])


def test_a_sentence_of_a_student_comes_on_the_screen_when_the_lecturer_says_so(lecture):
    lecturer, student, _ = lecture
    one, two = student("/contrast"), student("/contrast")
    one.get_by_label("Send the lecturer a sentence").fill("Why <b>two</b> banks?")
    one.get_by_role("button", name="Send").click()
    expect(lecturer.locator(".sent span")).to_have_text("Why <b>two</b> banks?")
    assert two.locator(".bar .shown").count() == 0
    lecturer.get_by_role("button", name="Show", exact=True).click()
    expect(two.locator(".bar .shown")).to_have_text("Why <b>two</b> banks?")


def test_a_code_is_typed_and_the_end_is_told(lecture, visit):
    lecturer, _, code = lecture
    page = visit("/models")
    page.get_by_role("button", name="Room: give a lecture").click()
    page.get_by_label("Code of a room").fill("AAAAAA")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.locator(".panel .advice")).to_have_text(re.compile("No open room"))
    page.get_by_label("Code of a room").fill(code.lower())
    page.get_by_role("button", name="Follow", exact=True).click()
    page.wait_for_url("**/attention**")
    page.reload()
    expect(page.locator(".bar .state")).to_have_text("Following")
    lecturer.get_by_role("button", name="Close the room").click()
    expect(page.locator(".gaze-frame .bar")).to_have_text(re.compile("room is closed"))
    expect(lecturer.get_by_role("button", name="Open a room")).to_be_visible()


def test_the_lecturer_points_and_students_see_it(lecture):
    lecturer, student, _ = lecture
    one = student()
    expect(one.get_by_role("heading", level=1)).to_have_text("Attention")
    lecturer.get_by_role("button", name="Point at something").click()
    expect(lecturer.locator(".gaze-frame .bar")).to_have_text(re.compile("Press what all shall see"))
    lecturer.locator(".gaze-heads .layers .top").first.click(position={"x": 70, "y": 60})
    expect(lecturer.locator(".gaze-spot")).to_have_count(1)
    expect(one.locator(".gaze-spot")).to_have_count(1)
    place = "() => { const b = document.querySelector('.gaze-spot').getBoundingClientRect(); return [b.x, b.y]; }"
    assert lecturer.evaluate(place) == pytest.approx(one.evaluate(place), abs=4)
    one.get_by_role("button", name="Let go").click()
    expect(one.locator(".gaze-spot")).to_have_count(0)
    lecturer.get_by_role("button", name="Room: give a lecture").click()
    lecturer.get_by_role("button", name="Light off").click()
    expect(lecturer.locator(".gaze-spot")).to_have_count(0)


def test_two_lecturers_are_told_when_they_move_at_once(lecture, visit):
    lecturer, _, _ = lecture
    room = lecturer.evaluate("() => JSON.parse(sessionStorage.getItem('gaze:room'))")
    other = visit(f"/contrast?room={room['link']}&lead={room['secret']}")
    bar = lecturer.locator(".gaze-frame .bar")
    expect(bar).to_have_text(re.compile("Another lecturer leads"))
    lecturer.keyboard.press("Escape")
    lecturer.get_by_role("radio", name="Lens").click()
    expect(other.locator(".gaze-frame .bar")).to_have_text(re.compile("Another lecturer leads: the room is elsewhere"))
    other.get_by_role("button", name="Go there").click()
    other.wait_for_url("**/attention?**show=Lens**")
    expect(other.locator(".gaze-frame .bar")).to_be_hidden()


NEVER = "() => { Math.random = () => 1e6; }"  # the page of who follows has hours to run
RUNS = "gazeFrame.runs"
LOOKED_AT = "() => gazeFrame.base.search === location.search"  # what is seen is a step of the history


def words(page):
    """The words of the text that the picture shows."""
    return page.locator(".gaze-heads .piece")


def say(page, text):
    page.get_by_role("textbox", name="Text", exact=True).fill(text)
    page.get_by_role("textbox", name="Text", exact=True).press("Enter")


@pytest.fixture
def apart(lecture):
    """(lecturer, a student) at one text of another's choice, the student's page with hours to follow."""
    lecturer, student, _ = lecture
    one = student()
    lecturer.keyboard.press("Escape")
    lecturer.get_by_role("radio", name="Text").click()
    one.wait_for_url("**view=text**")
    say(lecturer, "The dog ran home.")  # the room is open by now: from here on pictures are told
    one.wait_for_url("**text=The+dog+ran+home.**")
    expect(words(one).filter(has_text="dog")).to_have_count(1)
    settle(one)
    lecturer.wait_for_function(LOOKED_AT)
    one.evaluate(NEVER)
    return lecturer, one


def test_another_text_is_seen_before_the_page_of_a_student_has_run(apart):
    lecturer, one = apart
    box = one.get_by_role("textbox", name="Text", exact=True)
    expect(box).to_have_value("The dog ran home.")
    runs = one.evaluate(RUNS)
    say(lecturer, "A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    expect(box).to_have_value("The dog ran home.")
    assert one.evaluate(RUNS) == runs and "text=A+bird+sang+there." in one.url
    words(lecturer).nth(2).click()
    one.wait_for_url("**row=2**")
    expect(one.locator(".piece.pointed")).to_have_count(1)
    assert one.evaluate(RUNS) == runs
    one.get_by_role("button", name="Let go").click()
    expect(box).to_have_value("A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    expect(one.locator(".piece.pointed")).to_have_count(1)


def test_a_step_back_of_the_lecturer_brings_its_own_picture(apart):
    lecturer, one = apart
    say(lecturer, "A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    runs = one.evaluate(RUNS)
    lecturer.wait_for_function(LOOKED_AT)
    lecturer.get_by_role("button", name="Undo: what you looked at before").click()
    expect(words(lecturer).filter(has_text="dog")).to_have_count(1)
    expect(words(one).filter(has_text="dog")).to_have_count(1)
    assert one.evaluate(RUNS) == runs and "text=The+dog+ran+home." in one.url


def test_a_page_without_the_lecturers_pictures_runs_at_once(apart):
    lecturer, one = apart
    one.route("**/gaze/room/shown/**", lambda route: route.fulfill(status=404, body="{}"))
    say(lecturer, "A bird sang there.")
    expect(one.get_by_role("textbox", name="Text", exact=True)).to_have_value("A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    one.unroute_all()
    lecturer.get_by_role("radio", name="Lens").click()  # no picture of this kind stands there
    expect(one.locator(".gaze-lens")).to_be_visible()


PINNED = """async () => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const base = await done(indexedDB.open("gaze lab sheet"));
    const [pin] = await done(base.transaction("pins").objectStore("pins").getAll());
    base.close();
    return [pin.query, pin.caption.join(" ")];
}"""


def test_what_a_student_pins_is_of_one_text(apart):
    lecturer, one = apart
    say(lecturer, "A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    one.keyboard.press("k")
    expect(one.locator(".toast")).to_have_text("Pinned. Pins on the lab sheet: 1.")
    expect(one.get_by_role("textbox", name="Text", exact=True)).to_have_value("A bird sang there.")
    query, caption = one.evaluate(PINNED)
    assert "text=A+bird+sang+there." in query and "A bird sang there." in caption and "dog" not in caption


def test_what_a_student_presses_is_told_once_the_page_has_come(apart):
    lecturer, one = apart
    say(lecturer, "A bird sang there.")
    expect(words(one).filter(has_text="bird")).to_have_count(1)
    one.evaluate("[...gazeShown.values()].find(({ name }) => name === 'heads').view.act.toggle()")
    box = one.get_by_role("textbox", name="Text", exact=True)
    expect(box).to_have_value("The dog ran home.")
    one.get_by_role("button", name="Let go").click()
    one.wait_for_url("**off=**")
    expect(box).to_have_value("A bird sang there.")
