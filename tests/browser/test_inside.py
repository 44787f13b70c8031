"""Inside one head: what is read from models equals what they computed; the board; the page and nonsense."""

import pytest
from playwright.sync_api import expect

from tests.drawn import unpacked
from ui.views.inside.boards import hand_board
from ui.views.inside.steps import Hand, words_of


@pytest.mark.browser
def test_a_cell_is_typed_and_its_sum_written_out(new_page, app_server):
    """X[cat, 2] becomes 2, and Q[cat, 3] moves by (2 - before) times W_Q[2, 3]."""
    screen = new_page()
    screen.set_default_timeout(30_000)
    screen.goto(app_server.url + "/inside?step=1")
    board = screen.locator("[data-testid=stBidiComponentIsolated][data-ready]")
    board.wait_for()
    canvas = screen.locator(".paper canvas").first
    canvas.focus()
    for key in ("ArrowLeft", "2", "x", "Enter"):
        screen.keyboard.press(key)
    assert "no number" in screen.get_by_role("alert").first.inner_text()
    before = board.get_attribute("data-ready")
    screen.keyboard.type("2")
    screen.keyboard.press("Enter")
    expect(board).not_to_have_attribute("data-ready", before)
    assert screen.locator(".sum").inner_text().startswith("X[cat, 2] = 2.000")
    screen.keyboard.press("PageDown")
    screen.keyboard.press("ArrowRight")
    words = words_of("The cat sat on the mat.")
    _, grids = unpacked(hand_board(Hand(words, edits=(("X", 1, 1, 2.0),)), 0, 0))
    total = f"{abs(grids['Q'][1, 2]):.3f}"
    said = screen.locator(".sum").inner_text()
    assert said.startswith("Q[cat, 3] = ") and said.endswith(total) and said.count("·") == 8
    assert "edits=X.1.1" in screen.url
