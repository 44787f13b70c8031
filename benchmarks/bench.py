"""Measure Gaze side by side with BertViz, browser included: python run.py bench [--full] [--json FILE] [--soak].

All with random weights of BERT-base's and GPT-2's shape (12 layers of 12 heads), in headless Chromium on this machine.
Asking to pixels: from the time stamp of the Enter key in the text box of a page that already shows a picture, to the
second animation frame after the new picture of all heads was published, so that it has been painted. Median of three
texts after a warm-up. Bytes: frames of the websocket; the exact head that the page then fetches is told beside it.
BertViz: from the call of head_view on the same attention, the model's own time not counted, to its painted lines.
Memory: most of the server's resident set during the first question of that length, less what it was before.
Change of head: from the time stamp of the arrow key to the painted picture; messages counted for 0.6 s.
Rerun: the page's own last message that reran the script, sent again 15 times without a change, to the arrival of the
server's "script finished"; median. Start: from starting run.py to the painted picture of the first page, in a browser
that already runs. --full measures BertViz at 512 tokens too: over a minute and 10 GB of memory.
--soak does something else: see benchmarks/soak/run.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks import models
from benchmarks.cases import PARTS, Place, warm
from benchmarks.report import Row, as_json, described, failed, machine, table
from benchmarks.soak.run import MINUTES, soak
from launch.browser import find_browser
from tests.chromium import launch, serve


def measured(place: Place, names: list[str]) -> list[Row]:
    """The rows of all parts; one that breaks says so in its row, and the others go on."""
    rows: list[Row] = []
    for name, part in [("warm-up", warm), *((name, PARTS[name]) for name in names)]:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        try:
            rows += part(place)
        except Exception as error:
            rows.append(failed(name, error))
    return rows


def main() -> int:
    options = argparse.ArgumentParser(prog="run.py bench", description="Measure Gaze beside BertViz.")
    options.add_argument("--full", action="store_true", help="BertViz at 512 tokens too: a minute, 10 GB of memory")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    options.add_argument("--only", action="append", choices=PARTS, help="this part; may be given more than once")
    options.add_argument(
        "--soak", nargs="?", type=float, const=MINUTES, metavar="MINUTES", help="a server under faults"
    )
    chosen = options.parse_args()
    if chosen.soak is not None:
        return soak(chosen.soak)
    chromium = find_browser()
    if not chromium:
        print("Measuring needs a browser. Install Chromium or Chrome.", file=sys.stderr)
        return 1
    where = machine()
    print(described(where), flush=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        models.bert(folder / "bert")
        models.gpt2(folder / "gpt2")
        with (
            launch(playwright, chromium) as browser,
            serve(folder / "log", environment={"GAZE_ALLOW_ANY": "1"}) as server,
        ):
            rows = measured(Place(server, browser, folder, chosen.full), chosen.only or list(PARTS))
    where["load after"] = machine()["load"]
    print(table(rows))
    print(f"Load average: {where['load']} before, {where['load after']} after.")
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(rows, where), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
