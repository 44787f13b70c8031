"""The Word alignment page: its message to the browser, its views, nonsense, and linked hovering in a browser."""

import pytest

from core.store.shelf import available_offline

MODELS = ("mini-bert-wordpiece", "mini-xlmr-sentencepiece", "translator")


BUILT_IN = pytest.mark.skipif(not set(MODELS) <= set(available_offline()), reason="the built-in models are not here")


@pytest.mark.browser
@BUILT_IN
def test_hovering_and_layers_are_linked_in_a_browser(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{app_server.url}/alignment?a={MODELS[0]}&b={MODELS[1]}")
    picture = page.locator("[data-testid=stBidiComponentIsolated][data-ready]")
    picture.wait_for()
    layers = page.locator(".gaze-pair")
    assert layers.get_attribute("data-layers") == "1,1"
    page.locator("canvas.matrix").first.hover()  # its middle, once it stands still
    said = page.locator(".readout").inner_text()
    assert "A " in said and "B " in said and "gold" in said
    page.get_by_label(f"Layer of {MODELS[0]}").press("ArrowRight")
    assert layers.get_attribute("data-layers") == "2,2"
    page.get_by_label("same layer").uncheck()
    page.get_by_label(f"Layer of {MODELS[1]}").press("ArrowRight")
    assert layers.get_attribute("data-layers") == "2,3"
    page.wait_for_url("**layer_b=3**")
    page.get_by_label("change").check()
    assert "since layer 1" in page.locator(".said").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
