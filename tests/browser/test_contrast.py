"""Contrast in a browser: a point is dragged and moved by keys, steps lower the loss, the address keeps the places."""

import pytest

pytestmark = pytest.mark.browser


def loss_of(page) -> float:
    return float(page.locator(".gaze-forces .total b").inner_text())


def test_steps_lower_the_loss_and_back_undoes_them(visit):
    page = visit("/contrast?loss=CLIP")
    before = loss_of(page)
    page.get_by_role("button", name="Step").click()
    assert loss_of(page) < before
    page.get_by_role("button", name="Back").click()
    assert loss_of(page) == before


def test_a_point_is_dragged_and_a_reload_finds_it_there(visit):
    page = visit("/contrast?loss=Skip-gram")
    before = loss_of(page)
    plane = page.locator(".gaze-forces .plane")
    wide = plane.evaluate("one => one.clientWidth")
    # The context begins at (-.6, 1.2), the centre at (.9, .55); the plane shows 2.2 to each side.
    plane.drag_to(plane, source_position=at(-0.6, 1.2, wide), target_position=at(1.3, 1.0, wide))
    after = loss_of(page)
    assert after < before
    page.wait_for_url("**at=90*")
    page.reload()
    page.locator(".gaze-forces .total b").wait_for()
    assert loss_of(page) == pytest.approx(after, abs=0.02)


def at(x: float, y: float, wide: float) -> dict[str, float]:
    return {"x": wide / 2 + x * wide / 4.4, "y": wide / 2 - y * wide / 4.4}


def test_keys_choose_and_move_a_point(visit):
    page = visit("/contrast?loss=NT-Xent")
    before = loss_of(page)
    plane = page.locator(".gaze-forces .plane")
    plane.press("n")
    assert "“cup”" in page.locator(".gaze-forces .said").inner_text()
    plane.press("ArrowUp")
    assert loss_of(page) != before
