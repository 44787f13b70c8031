"""What browser tests of the app share."""

import pytest

from benchmarks.shots import settle


@pytest.fixture
def visit(new_page, app_server):
    """visit(path, **page options): a page of the app once it has come to rest."""

    def go(path: str, **options):
        page = new_page(**options)
        page.set_default_timeout(30_000)
        page.goto(app_server.url + path)
        settle(page)
        return page

    return go


@pytest.fixture
def from_disk(browser):
    """from_disk(address): (page, frame of its view), with no network; the test fails if it asks or complains."""
    asked, said, contexts = [], [], []

    def go(address: str, **options):
        context = browser.new_context(offline=True, viewport={"width": 1366, "height": 768}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        return page, page.frame_locator("iframe")

    yield go
    for context in contexts:
        context.close()
    assert not [url for url in asked if not url.startswith(("file:", "blob:", "data:", "about:"))]
    assert not said
