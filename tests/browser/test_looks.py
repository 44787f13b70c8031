"""What is on the screen is whole: rows of views on one line, letters of charts apart, tables and tokens not cut."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from benchmarks.shots import VIEWS
from tests.browser.test_languages import PAGES
from tests.chromium import PHONE
from tests.said import phrases

pytestmark = pytest.mark.browser
SMALL, HALL = (1024, 600), (1920, 1080)
#: Rows of choices whose buttons stand on more than one line, by what they say.
BROKEN_ROWS = """() => [...document.querySelectorAll('.stMain [role="radiogroup"]')].filter((row) => {
    const tops = [...row.querySelectorAll("button")].filter((one) => one.offsetWidth).map((one) => one.offsetTop);
    return Math.max(...tops) - Math.min(...tops) > 8;
}).map((row) => row.textContent)"""
#: What reaches beyond the window and cannot be scrolled to, by what it says.
CUT = """() => {
    const scrolls = (one) => {
        for (; one; one = one.parentElement || one.getRootNode().host) {
            if (["auto", "scroll"].includes(getComputedStyle(one).overflowX) && !one.matches(".stMain")) return true;
        }
        return false;
    };
    const cut = [];
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.shadowRoot) look(one.shadowRoot);
        const box = one.getBoundingClientRect();
        const said = one.matches("button, td, th") ? one.textContent.trim() : "";
        if (said && box.width && (box.right > innerWidth + 2 || box.left < -2) && !scrolls(one)) cut.push(said);
    });
    look(document.querySelector(".stMain"));
    return cut;
}"""
#: Pairs of a chart's legend and titles that lie on one another.
OVERLAID = """() => [...document.querySelectorAll(".stMain .js-plotly-plot")].flatMap((chart) => {
    const box = (one) => one.getBoundingClientRect();
    const meet = (one, other) => one.left < other.right && other.left < one.right
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    const names = [...chart.querySelectorAll(".legend .legendtext")];
    const drawn = [...chart.querySelectorAll(".annotation-text, .bars path, .gtitle")];
    return names.filter((name) => drawn.some((one) => meet(box(name), box(one)))).map((name) => name.textContent);
})"""


def address(page: str, view: str = "") -> str:
    """The address of a view, as it is listed for pictures."""
    return f"/{page}?{urlencode(VIEWS[page][view])}" if view else f"/{page}"


def is_whole(page) -> None:
    page.wait_for_function(f"() => !({BROKEN_ROWS})().length")
    assert page.evaluate(CUT) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_rows_of_views_stand_on_one_line_in_german(visit, name):
    is_whole(visit(address(name), locale="de-DE"))


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["fr-FR", "es-ES", "ar-EG", "zh-CN"])
@pytest.mark.parametrize("name", ["attention", "alignment", "vision", "surgery"])
def test_rows_of_the_fullest_pages_stand_on_one_line_in_every_language(visit, name, locale):
    is_whole(visit(address(name), locale=locale))


@pytest.mark.parametrize("size", [SMALL, PHONE])
@pytest.mark.parametrize(
    ("page", "view"),
    [
        ("inside", "scale"),
        ("inside", "stream"),
        ("vision", "faithful"),
        ("transfer", "factors"),
        ("surgery", "distillation"),
    ],
)
def test_the_legend_of_a_chart_lies_on_nothing(visit, page, view, size):
    shown = visit(address(page, view), size=size)
    expect(shown.locator(".js-plotly-plot .legendtext").first).to_be_visible()
    shown.wait_for_function(f"() => !({OVERLAID})().length")


@pytest.mark.parametrize(
    ("page", "view"), [("clip", "map"), ("vision", "faithful"), ("transfer", ""), ("attention", "edit")]
)
def test_in_a_small_window_nothing_is_cut(visit, page, view):
    assert visit(address(page, view), size=SMALL).evaluate(CUT) == []


def test_two_views_side_by_side_keep_their_buttons(visit):
    assert visit(address("attention", "edit")).evaluate(CUT) == []


def test_the_direction_of_attention_is_read_whole(visit):
    direction = visit("/attention").locator(".gaze-heads .direction")
    expect(direction).to_have_text("query (row) attends to key (column)")
    assert direction.evaluate("one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight + 1")


@pytest.mark.parametrize("view", ["texts", "zero-shot"])
def test_a_picture_does_not_lie_on_words(visit, view):
    page = visit(address("clip", view), size=SMALL)
    image = page.locator("[data-testid=stImage] img").first
    column = page.locator("[data-testid=stColumn]").filter(has=image).last
    picture, room = image.bounding_box(), column.bounding_box()
    assert picture["x"] + picture["width"] <= room["x"] + room["width"] + 1


@pytest.mark.parametrize("size", [(1366, 768), HALL])
@pytest.mark.parametrize(("page", "view"), [("next_token", "beam"), ("translation", "beams")])
def test_tokens_of_a_tree_are_whole(visit, page, view, size):
    nodes = visit(address(page, view), size=size).locator(".gaze-tree .node")
    expect(nodes.first).to_be_visible()
    cut = nodes.evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    )
    assert cut == []


def test_letters_grow_with_the_screen(visit):
    size_of = "one => parseFloat(getComputedStyle(one).fontSize)"
    small, large = (
        visit("/attention?view=text", size=size)
        .locator(".gaze-heads .running")
        .evaluate_all(f"all => ({size_of})(all[0])")
        for size in ((1366, 768), HALL)
    )
    assert large > 1.3 * small
    assert visit(address("next_token", "lens"), size=HALL).locator(".gaze-lens").evaluate(size_of) > 20


def test_in_arabic_an_english_sentence_and_a_formula_run_from_the_left(visit):
    page = visit(address("blank", "dice"), locale="ar-EG")
    first, second = (
        page.locator(".gaze-strip")
        .first.locator(":scope > span")
        .evaluate_all("all => all.slice(0, 2).map((one) => one.getBoundingClientRect().left)")
    )
    assert first < second
    expect(visit("/contrast", locale="ar-EG").locator(".gaze-output").first).to_have_css("direction", "ltr")


@pytest.mark.parametrize("screen", ["Lessons", "Recall+cards"])
def test_who_reads_another_language_is_told_that_lessons_are_in_english(visit, screen):
    english = "Lessons and recall cards are in English, or in the language of the lecturer who wrote them."
    german = visit(f"/lessons?screen={screen}", locale="de-DE")
    expect(german.get_by_text(phrases.catalogue("de")[english])).to_be_visible()
    expect(visit(f"/lessons?screen={screen}").get_by_text(english)).to_have_count(0)
