"""The CLIP page: every screen from a tiny checkpoint, bad input answered where it is, and the matrix in a browser."""

import numpy as np
import pytest

from core.measures.contrastive import clip_losses, siglip_loss, sigmoid
from core.store.shelf import SHELF, ModelCard
from tests.apptest import SHELL
from tests.core.analyses.test_clip import folder  # noqa: F401 - fixtures
from ui.components.mounting import HERE, module

pytestmark = pytest.mark.usefixtures("any_folder")


@pytest.fixture
def page(folder, monkeypatch):  # noqa: F811
    """The app, with a tiny model in the place of the built-in one."""
    from streamlit.testing.v1 import AppTest

    card = ModelCard("emoji-clip", str(folder / "clip"), "clip", "Tiny", provenance="random", folder=True)
    monkeypatch.setitem(SHELF, "emoji-clip", card)
    return AppTest.from_file(SHELL, default_timeout=90)


@pytest.mark.browser
@pytest.mark.parametrize("scale", [1.0, 117.0])
def test_the_browser_counts_siglips_loss(new_page, scale):
    cosines = np.random.default_rng(0).uniform(-0.2, 0.4, (5, 5)).astype(np.float32)
    data = {"kind": "siglip", "bias": -12.9, "rows": [{}] * 5, "cosines": cosines.ravel().tolist()}
    script = module(HERE / "contrast" / "sums.js")
    told = new_page().evaluate(
        "([script, data, scale]) => { const [judged, guess] = new Function(script + 'return [judged, guess]')();"
        "const one = judged(data, scale, true); return { ...one, shares: [...one.shares], guess: guess(data) }; }",
        [script, data, scale],
    )
    assert told["loss"] == pytest.approx(siglip_loss(cosines, scale, -12.9), rel=1e-6)
    assert told["shares"] == pytest.approx(sigmoid(scale * cosines - 12.9).ravel(), rel=1e-6)
    assert told["guess"] == pytest.approx(siglip_loss(np.zeros((5, 5)), 1.0, -np.log(4)))
    assert told["right"] == (cosines.argmax(1) == range(5)).sum()


@pytest.mark.browser
def test_the_scale_moves_the_losses_in_the_browser_alone(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(app_server.url + "/clip?set=By+hand%3A+.3+against+0")
    losses = page.locator(".losses")
    four = 0.3 * np.eye(4)
    for button, scale in (("CLIP begins: 14.3", 1 / 0.07), ("bug: 1.07", float(np.exp(0.07)))):
        page.get_by_role("button", name=button).wait_for()
        page.wait_for_timeout(300)
        sent.clear()
        page.get_by_role("button", name=button).click()
        rows, _ = clip_losses(four, scale)
        page.wait_for_function(
            "want => document.querySelector('[data-testid=stBidiComponentIsolated][data-ready]').shadowRoot"
            ".querySelector('.loss b').textContent === want",
            arg=f"{rows:.3f}" if rows < 0.1 else f"{rows:.2f}",
        )
        assert not sent
    assert "ln 4 = 1.39" in losses.inner_text()
    page.wait_for_url("**scale=1.07*")
