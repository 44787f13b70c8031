"""Firefox draws every page, and no script of it fails."""

import pytest

from tests.chromium import LAPTOP, ROOT
from tests.firefox import find_firefox, firefox

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = ["", *sorted(file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "start")]
DRAWN = """document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].some((one) => one.dataset.ready)"""
AT_REST = """document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && document.title.startsWith('Gaze: ') && document.querySelectorAll('.stMain *').length > 20"""
WRONG = "[...document.querySelectorAll('[data-testid=stException], .gaze-advice')].map((one) => one.innerText).join()"


@pytest.fixture(scope="module")
def fox(tmp_path_factory):
    command = find_firefox()
    if command is None:
        pytest.skip("no Firefox")
    with firefox(command, tmp_path_factory.mktemp("firefox"), LAPTOP) as found:
        yield found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_drawn_without_an_error(fox, app_server, name):
    fox.open_tab()
    fox.goto(f"{app_server.url}/{name}")
    fox.wait_for(AT_REST)
    # A font that is on its way when the next page is opened is no error of either.
    errors = [one for one in fox.errors if not one.startswith("downloadable font: download failed")]
    assert fox.evaluate(WRONG) == "" and errors == []


def test_every_head_of_the_translator_is_drawn(fox, app_server):
    fox.goto(f"{app_server.url}/attention")
    fox.wait_for(DRAWN)
    assert fox.evaluate("document.title") == "Gaze: Attention"
