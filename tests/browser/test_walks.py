"""Every page after every other by clicks on the list of pages, in one session: each is as on a first visit."""

import itertools
from collections.abc import Iterator

import pytest

from benchmarks.shots import DRAWN, RAN, settle
from tests.chromium import LAPTOP

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEEP = "/attention?text=My+dog+is+hungry.&into=German&units=words"
PATIENCE = 30_000  # milliseconds
#: What a visitor sees of a page's choices: address, boxes, switches, and of each group what is chosen.
CHOICES = """() => {
    const main = document.querySelector('.stMain');
    const seen = (one) => one.getClientRects().length > 0;
    const all = (what) => [...main.querySelectorAll(what)].filter(seen);
    return {
        address: [location.pathname, ...[...new URLSearchParams(location.search)].map(String).sort()],
        boxes: all('input:not([type=range], [type=file], [role=combobox]), textarea')
            .map((one) => [one.type, one.value, one.checked]),
        groups: all('[data-testid=stButtonGroup] [role=radiogroup]')
            .map((group) => [...group.querySelectorAll('[aria-checked=true]')].map((one) => one.innerText.trim())),
        selected: all('[data-testid=stSelectbox]').map((one) => one.innerText.trim()),
        sliders: all('[role=slider]').map((one) => one.ariaValueText ?? one.ariaValueNow),
    };
}"""
WRONG = (
    """() => [...document.querySelectorAll('[role=alert], [data-testid=stException]')].map((one) => one.innerText)"""
)


def circuit(count: int) -> Iterator[int]:
    """Places 0..count-1 in an order in which each follows each other one exactly once, back to 0 (Hierholzer)."""
    left = {place: [other for other in range(count) if other != place] for place in range(count)}
    stack, found = [0], []
    while stack:
        here = stack[-1]
        if left[here]:
            stack.append(left[here].pop())
        else:
            found.append(stack.pop())
    return reversed(found)


@pytest.mark.parametrize("count", [2, 3, 5, 15])
def test_a_circuit_holds_every_ordered_pair_once(count):
    places = list(circuit(count))
    pairs = list(itertools.pairwise(places))
    assert len(pairs) == len(set(pairs)) == count * (count - 1) and all(a != b for a, b in pairs)


@pytest.fixture
def walker(new_page, app_server):
    """walker(path): a Walker on its own visit."""

    def go(path: str) -> "Walker":
        page = new_page(size=LAPTOP)
        page.set_default_timeout(PATIENCE)
        page.goto(app_server.url + path)
        settle(page)
        return Walker(page, app_server)

    return go


class Walker:
    """One visitor who goes from page to page by the list."""

    def __init__(self, page, server) -> None:
        self.page, self.server = page, server
        self.links = [link.inner_text().strip() for link in page.locator("[data-testid=stSidebarNavLink]").all()]

    def click(self, place: int) -> dict:
        """Go to a page of the list; what is chosen there once it is drawn."""
        self.page.locator("[data-testid=stSidebarNavLink]").nth(place).click()
        name = self.links[place].split("\n")[-1]
        self.page.wait_for_function("(name) => document.title === `Gaze: ${name}`", arg=name)
        self.page.wait_for_function(RAN)
        self.page.wait_for_function(DRAWN)
        self.page.wait_for_function(RAN)
        return self.choices()

    def choices(self) -> dict:
        assert not self.page.evaluate(WRONG), (self.page.url, self.page.evaluate(WRONG))
        said = self.server.said()
        assert "a page failed" not in said and "Traceback" not in said, said[-2000:]
        found = self.page.evaluate(CHOICES)
        assert all(len(chosen) == 1 for chosen in found["groups"]), found
        return found


def test_every_page_after_every_other_is_as_on_a_first_visit(walker):
    visitor = walker("/")
    first: dict[int, dict] = {}
    for place in circuit(len(visitor.links)):
        found = visitor.click(place)
        assert found == first.setdefault(place, found), visitor.links[place]
        assert all(value for kind, value, _ in found["boxes"] if kind in ("text", "textarea")), found


def test_what_a_link_brought_stays_on_its_page(walker):
    visitor = walker(DEEP)
    own = visitor.page.locator("[data-testid=stSidebarNavLink]").evaluate_all(
        "(all) => all.findIndex((one) => one.getAttribute('aria-current') === 'page')"
    )
    brought, fresh = visitor.choices(), walker("/")
    assert ["text", "My dog is hungry.", False] in brought["boxes"]
    for place in range(len(visitor.links)):
        if place != own:
            assert visitor.click(place) == fresh.click(place), visitor.links[place]
            assert visitor.click(own) == brought
