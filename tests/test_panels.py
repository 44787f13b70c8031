"""Small maps travel as they are, those that are compared on one scale; and the browser draws them."""

import numpy as np
import pytest

from tests.browser import LAPTOP, PHONE
from tests.drawn import unpacked
from ui.components.panels.message import Panel, pack_panels, scales_of

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


def test_numbers_and_names_arrive_as_they_were():
    values = np.array([[0.5, -2], [1.25, 3], [0, 1]])
    picture = np.zeros((1, 3, 3))
    picture[0, 1] = [1, 0.5, 2]
    panels = [
        Panel("ein <b>", values, ("a", "ש", "c")),
        Panel("picture", picture, scale="picture", group="colour"),
        Panel("last", values.T),
    ]
    header, (first, second, third) = unpacked(pack_panels(panels, height=123))
    assert (header["height"], header["across"]) == (123, 3)
    assert header["panels"][0]["title"] == "ein <b>" and header["panels"][0]["rows"] == ["a", "ש", "c"]
    assert np.array_equal(np.frombuffer(first, "<f4").reshape(3, 2), values)
    assert list(second[:9]) == [0, 0, 0, 255, 128, 255, 0, 0, 0]
    assert np.array_equal(np.frombuffer(third, "<f4").reshape(2, 3), values.T)


def test_panels_of_a_group_share_a_scale_around_zero():
    def one(low, high, **more):
        return Panel("", np.array([[low, high]]), **more)

    scales = scales_of([one(-1, 4), one(-6, 2), one(0.2, 0.7, scale="weight", group="weight")])
    assert scales["score"] == {"kind": "difference", "low": -6, "high": 6}
    assert scales["weight"] == {"kind": "weight", "low": 0, "high": 0.7}
    assert scales_of([one(0, 0)])["score"] == {"kind": "difference", "low": -1, "high": 1}


def test_too_much_for_one_message_is_our_mistake():
    with pytest.raises(ValueError, match="at most"):
        pack_panels([Panel("", np.zeros((900, 900)))])


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
