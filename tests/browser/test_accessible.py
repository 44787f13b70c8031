"""Nothing serious that axe-core knows on any page, in light and in dark: names, roles, contrast, the keyboard."""

import pytest

from benchmarks.shots import settle
from tests.chromium import LAPTOP, ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ["", *sorted(file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "start")]
VIEWS = (
    "attention?show=Compare",
    "attention?show=Cards",
    "attention?show=Effects&model=mini-bert-wordpiece",
    "attention?show=Lens&model=mini-gpt",
    "alignment?view=By+hand",
    "alignment?view=Set",
    "vision?screen=Alike",
)
GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
#: A page that is asked again is dimmed meanwhile: what it reads like then is not how it is read.
BRIGHT = """() => !document.querySelector('[data-stale=true]')
    && document.getAnimations().every((one) => one.playState !== 'running')"""
SERIOUS = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})
    .then((found) => found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
        .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)} ${node.failureSummary}`)))"""


def serious(page) -> list[str]:
    """What axe finds on a page that nothing changes meanwhile: what is there is found each time it looks."""
    for _ in range(3):
        page.wait_for_function(BRIGHT)
        found = page.evaluate(SERIOUS)
        if not found:
            break
        settle(page)
    return found


@pytest.mark.parametrize("path", [*NAMES, *VIEWS])
def test_axe_finds_nothing_serious(visit, path):
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci fetches it")
    page = visit(f"/{path}", size=LAPTOP, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    assert serious(page) == []
    light = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function(f"(light) => ({GROUND})() !== light", arg=light)
    settle(page)
    assert serious(page) == []


def test_axe_finds_nothing_serious_in_the_lab_sheet(visit):
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci fetches it")
    page = visit("/attention", size=LAPTOP, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    page.keyboard.press("k")
    page.locator(".toast").get_by_text("Pinned.").wait_for()
    page.locator("button.sheet").click()
    page.get_by_role("complementary", name="Lab sheet").locator("article").wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+?")
    page.get_by_role("dialog", name="Keys").wait_for()
    assert serious(page) == []
