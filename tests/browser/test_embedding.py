"""The map of an embedding space in a browser: a loop round points, and the slider of layers."""

import pytest

from tests.chromium import PHONE

PICTURE = "[data-testid=stBidiComponentIsolated][data-ready]"


@pytest.mark.browser
def test_a_loop_lists_points_and_the_slider_changes_the_layer(new_page, app_server):
    page = new_page()
    page.set_default_timeout(40_000)
    page.goto(app_server.url + "/embedding?method=PCA&beside=no+second+model")
    page.wait_for_selector(PICTURE)
    box = page.locator(".gaze-points canvas.points").bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    for x, y in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.up()
    page.get_by_text("400 points").wait_for()
    page.locator("[data-testid=stDataFrame]").wait_for()
    page.get_by_label("layer", exact=True).fill("5")
    page.wait_for_url("**layer=5**")
    assert "layer 4" in page.locator(".gaze-points .title").inner_text()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")
