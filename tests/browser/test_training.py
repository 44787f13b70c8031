"""The recording of a training in a browser: walked through by its slider and its curves, its heads enlarged."""

import pytest

from ui.views.training.common import recording


@pytest.mark.browser
def test_a_recording_is_walked_through(page, app_server):
    page.goto(f"{app_server.url}/training?task=copy")
    run = recording("copy")
    told = page.locator(".gaze-run .told")
    told.wait_for()
    assert told.inner_text().startswith("step 1,500") and "100 % right" in told.inner_text()
    page.locator(".gaze-run input[type=range]").fill("0")
    assert told.inner_text() == f"step 0: loss {run.frames[0].loss:.2f}, 0 % right"
    assert page.locator(".gaze-run .answer .right").count() < 8
    chart = page.locator(".gaze-run .chart").first
    box = chart.bounding_box()
    page.mouse.click(box["x"] + 40 + (box["width"] - 50) / 2, box["y"] + 40)
    half = next(f for f in reversed(run.frames) if f.step <= 750)
    assert told.inner_text().startswith(f"step {half.step}: loss {half.loss:.2f}")


@pytest.mark.browser
def test_a_click_enlarges_a_head(page, app_server):
    page.goto(f"{app_server.url}/training?task=copy")
    caption = page.locator(".gaze-run figcaption")
    caption.wait_for()
    assert "head 1.1" in caption.inner_text()
    box = page.locator(".gaze-run .overview").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + box["height"] - 20)
    assert "head 2.4" in caption.inner_text()
