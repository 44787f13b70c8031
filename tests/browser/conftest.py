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
