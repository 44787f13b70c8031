"""BertViz's head view of the same attention, as its documentation calls it, in the same browser."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from playwright.sync_api import BrowserContext

from benchmarks.probe import PATIENCE, Answer
from core.engine import ask
from core.figures.bertviz import ONLINE, libraries
from core.requests import TextRequest
from core.types import Encoding

DRAWN = "(least) => document.querySelectorAll('svg line').length >= least"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now()))))"


def encoding(model: str, text: str) -> Encoding:
    return ask(TextRequest(model, text))


def draw(some: Encoding, context: BrowserContext, folder: Path) -> Answer:
    """Seconds from the call to the painted lines, the page written and opened in between, and the page's bytes.

    Beside d3 and jQuery, which come from here and not from a CDN, the page is as BertViz makes it.
    """
    from bertviz import head_view  # IPython comes with it

    (attention,) = some.attentions
    tensors = [torch.from_numpy(attention.weights[i].copy())[None] for i in range(attention.weights.shape[0])]
    tokens = [token.text for token in attention.keys]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    file = folder / "bertviz.html"
    try:
        start = time.time()
        body = head_view(tensors, tokens, html_action="return").data
        file.write_text(f"<!doctype html><meta charset='utf-8'>{libraries()}{ONLINE.sub('', body)}", "utf-8")
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_function(DRAWN, arg=len(tokens), polling=50)
        return Answer(page.evaluate(PAINTED) / 1000 - start, len(body.encode()))
    finally:
        page.close()
        file.unlink(missing_ok=True)
