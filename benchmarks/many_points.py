"""How smoothly 100,000 points move under the mouse wheel: python -m benchmarks.many_points [BROWSER].

Frames are counted while the map is zoomed by one turn of the wheel a frame; the note says what drew them. A machine
without a graphics card has its processor draw them, which is what the bar is not meant for.
"""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.report import Row, table
from tests.chromium import LAPTOP, ROOT, launch, serve

COUNT, SECONDS, BAR = 100_000, 4, 1 / 30
APP = """
import sys
sys.path.insert(0, {root!r})
import numpy as np
import streamlit as st
from ui.components.points.message import Frame, PointsSide, pack_points
from ui.components.points.view import points_view
st.set_page_config(layout="wide")
count = {count}
places = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
none = np.zeros((count, 0), np.float32)
texts = tuple(f"text {{k}}" for k in range(count))
kinds = tuple("abcdefghij"[k % 10] for k in range(count))
frame = Frame(0, "PCA", places, (), none, none)
side = PointsSide("many", ("one",), texts, texts, np.arange(count), (("kind", kinds),), (frame,))
points_view(pack_points([side], 0, 600), key="many")
"""
ZOOMED = """(seconds) => new Promise((done) => {
  const root = document.querySelector("[data-ready]").shadowRoot;
  const canvas = root.querySelector("canvas.points");
  const box = canvas.getBoundingClientRect();
  const at = { clientX: box.left + box.width / 3, clientY: box.top + box.height / 3 };
  const card = root.querySelector("canvas.many").getContext("webgl2");
  const about = card.getExtension("WEBGL_debug_renderer_info");
  const draw = card.drawArrays.bind(card);
  const pixel = new Uint8Array(4);
  const times = [];
  let [turns, drawn] = [0, 0];
  card.drawArrays = (...given) => {
    draw(...given);
    card.readPixels(0, 0, 1, 1, card.RGBA, card.UNSIGNED_BYTE, pixel); // waits until it is drawn
    drawn += 1;
  };
  const turn = () => {
    const deltaY = Math.floor(turns / 20) % 2 ? 40 : -40;
    canvas.dispatchEvent(new WheelEvent("wheel", { ...at, deltaY, bubbles: true, cancelable: true }));
    turns += 1;
    requestAnimationFrame((now) => {
      times.push(now);
      if (now - times[0] < 1000 * seconds) setTimeout(turn, 0);
      else done([times, drawn, card.getParameter(about ? about.UNMASKED_RENDERER_WEBGL : card.RENDERER)]);
    });
  };
  turn();
})"""


def measure(browser: str) -> list[Row]:
    """Seconds a frame, and the longest wait for one."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = Path(folder) / "app.py"
        script.write_text(APP.format(root=str(ROOT), count=COUNT), encoding="utf-8")
        with serve(Path(folder) / "log", script) as server:
            page = launch(playwright, browser).new_page(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
            page.goto(server.url)
            page.wait_for_selector("[data-ready]")
            page.locator("canvas.many").wait_for(state="attached")
            times, drawn, drawn_by = page.evaluate(ZOOMED, SECONDS)
    waits = [after - before for before, after in pairwise(times)]
    return [
        Row(f"{COUNT:,} points zoomed: a frame", "s", sum(waits) / drawn / 1000, BAR, note=drawn_by),
        Row(f"{COUNT:,} points zoomed: the longest wait for one", "s", max(waits) / 1000),
    ]


if __name__ == "__main__":
    print(table(measure(sys.argv[1] if sys.argv[1:] else os.environ["GAZE_CHROMIUM"])))
