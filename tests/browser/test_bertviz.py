"""BertViz's pages: whole without a network, bounded, and safe with any token."""

import pytest

from core.figures.bertviz import VIEWS
from tests.core.figures.test_bertviz import encoding, inner
from ui import state


@pytest.mark.browser
@pytest.mark.parametrize("view", VIEWS)
def test_it_draws_with_every_other_machine_blocked(page, view, tmp_path):
    from core.figures.bertviz import page as build

    some = encoding(["the", "cat", "<b>sat</b>"]) if view == "neuron view" else state.first()
    html = build(some, view, [0, 1], inner=inner(some, 2))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.set_content(html)
    word = "<b>sat</b>" if view == "neuron view" else "cat"
    page.wait_for_function(
        "word => [...document.querySelectorAll('svg text')].some(t => t.textContent.trim() === word)"
        " || document.querySelectorAll('svg line, svg path').length > 50",
        arg=word,
        timeout=20_000,
    )
    assert page.locator("svg").count() > 0
