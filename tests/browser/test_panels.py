"""Small maps travel as they are, those that are compared on one scale; and the browser draws them."""

import pytest

from tests.chromium import LAPTOP, PHONE

PANELS = "[data-testid=stBidiComponentIsolated][data-ready]"


#: How many colours the inside of each canvas shows, edges and labels aside.
COLOURS = """(at) => [...document.querySelector(at).shadowRoot.querySelectorAll("canvas")].map((canvas) => {
  const pen = canvas.getContext("2d");
  const [w, h] = [canvas.width, canvas.height];
  const data = pen.getImageData(w * 0.5, h * 0.5, w * 0.45, h * 0.45).data;
  const seen = new Set();
  for (let k = 0; k < data.length; k += 4) seen.add(`${data[k]} ${data[k + 1]} ${data[k + 2]}`);
  return seen.size;
})"""


@pytest.mark.browser
def test_a_change_that_is_none_is_blank(new_page, app_server):
    for size in (LAPTOP, PHONE):
        page = new_page(size=size)
        page.goto(f"{app_server.url}/positions?left=Sinusoidal&right=RoPE&k=8")
        page.locator(PANELS).wait_for()
        scores, change, turned, blank = page.evaluate(COLOURS, PANELS)
        assert min(scores, change, turned) > 5
        assert blank == 1
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
