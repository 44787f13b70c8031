"""Pictures of every page, light and dark, on laptop, projector and phone: python run.py shots [FOLDER]."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from launch.browser import find_browser
from tests.chromium import LAPTOP, PHONE, ROOT, Watch, launch, serve

SCREENS = ((1024, 600), LAPTOP, (1920, 1080), (2560, 1440), PHONE)
COLOURS = ("light", "dark")
#: Views of a page that its address alone does not show: page -> name -> what stands behind the question mark.
VIEWS = {
    "alignment": {
        "layers": {"view": "Layers"},
        "set": {"view": "Set"},
        "file": {"view": "File"},
        "japanese": {"language": "Japanese", "units": "words", "method": "itermax"},
        "arabic": {"language": "Arabic"},
        "attention": {"language": "German", "a": "translator", "of": "attention"},
        "hidden": {"hide": "true", "language": "Dutch"},
    },
    "attention": {
        "lines": {"view": "lines"},
        "text": {"view": "text"},
        "compare": {"show": "Compare"},
        "two models": {"show": "Compare", "model": "mini-bert-wordpiece", "second_model": "mini-xlmr-sentencepiece"},
        "table": {"show": "Table"},
        "bertviz": {"show": "BertViz"},
        "edit": {"off": "cross 3.4"},
        "words": {"units": "words"},
        "japanese": {"units": "words", "into": "Japanese"},
    },
    "embedding": {
        "bank": {"texts": "One word: bank", "units": "words", "method": "PCA"},
        "words": {"units": "words", "beside": "no second model"},
        "centred": {"centre": "true", "layer": "5"},
    },
    "positions": {
        "numbers": {"show": "Numbers"},
        "distance": {"show": "Distance", "right": "ViT grid"},
        "curves": {"show": "Curves", "right": "ALiBi"},
        "pair": {"show": "Pair"},
        "model": {"show": "Model"},
    },
    "tokenizers": {
        "shared": {"show": "Shared", "phrases": "international\ninternationale\ninternacional\n国际"},
        "languages": {"show": "Languages"},
        "right-to-left": {"phrases": "مرحبا بالعالم\nשלום עולם\nHello world"},
    },
    "contrast": {"simclr": {"loss": "NT-Xent"}, "clip": {"loss": "CLIP"}},
    "journey": {
        "attention": {"stop": "Attention", "head": "3"},
        "encoder": {"model": "mini-bert-wordpiece", "stop": "Stream"},
        "decoder": {"model": "mini-gpt", "stop": "Guess"},
    },
    "next_token": {
        "tried": {"chosen": "275.1324.14.276.443"},
        "sample": {"choosing": "sample", "temperature": "0.8", "top_p": "0.9"},
        "lens": {"show": "Lens", "chosen": "275.1324"},
        "beam": {"show": "Beam"},
        "kept": {"show": "Kept", "chosen": "275.1324"},
    },
    "translation": {
        "table": {"show": "Table"},
        "inside": {"show": "Inside"},
        "bottleneck": {"show": "Bottleneck"},
        "beams": {"show": "Beams"},
        "efficiency": {"show": "Efficiency"},
        "spans": {"show": "Spans"},
    },
    "blank": {"dice": {"show": "Dice"}, "pair": {"show": "Pair"}, "leak": {"show": "Leak"}},
    "transfer": {"factors": {"show": "Factors"}, "sentiment": {"task": "Sentiment"}},
    "bugs": {"decoder": {"panel": "2"}, "patches": {"panel": "8"}},
    "clip": {
        "many": {"n": "32"},
        "hand": {"set": "By hand: .3 against 0", "scale": "1.073"},
        "zero-shot": {"screen": "Zero-shot", "zero_language": "hi"},
        "retrieval": {"screen": "Retrieval", "question": "musical instrument"},
        "texts": {"screen": "Retrieval", "way": "Picture finds texts", "name_language": "ar"},
        "map": {"screen": "Map"},
        "centred": {"screen": "Map", "centre": "true", "method": "UMAP"},
        "region": {"screen": "Word to region"},
        "simclr": {"screen": "SimCLR"},
    },
    "efficient": {
        "low-rank": {"method": "Low rank"},
        "lost": {"view": "Lost and saved"},
        "growth": {"view": "Growth"},
        "hand": {"of": "By hand"},
    },
    "surgery": {
        "off": {"off": "cross 4.1 4.2 4.3 4.4 4.5 4.6"},
        "weights": {"view": "Weights"},
        "distillation": {"view": "Distillation"},
        "hand": {"view": "By hand"},
    },
    "vision": {
        "rollout": {"of": "rollout", "picture": "beach-panorama", "whole": "true"},
        "patch": {"token": "20", "layer": "1", "head": "3"},
        "faithful": {"screen": "Faithful?"},
        "words": {"screen": "Words"},
        "object": {"screen": "On the object"},
        "patches": {"screen": "Patches", "unpermuted": "true"},
        "vit-base": {"screen": "Patches", "side": "224", "patch": "16"},
        "positions": {"screen": "Positions"},
        "shifts": {"screen": "Shift and shuffle"},
        "shuffle": {"screen": "Shift and shuffle", "move": "Shuffle", "places": "false"},
        "swin": {"screen": "Swin"},
        "swin-cost": {"screen": "Swin", "windows": "Cost"},
        "detr": {"screen": "DETR"},
    },
    "inside": {
        "model": {"where": "In a model", "step": "2"},
        "scale": {"screen": "Scale"},
        "masks": {"screen": "Masks"},
        "kinds": {"screen": "Kinds"},
        "heads": {"screen": "Heads", "where": "In a model"},
        "order": {"screen": "Order"},
        "stream": {"screen": "Stream", "where": "In a model"},
        "break": {"screen": "Break it"},
    },
}
START_SECONDS = 60  # the first question loads the first model
DRAW_SECONDS = 10
RAN = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]');
}"""
#: A component without height, as the one that minds the address, draws nothing; the frame is no picture.
DRAWN = """() => [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')]
    .every((one) => one.dataset.ready || !one.offsetHeight || one.closest('.st-key-gaze-frame'))"""


def pages(folder: Path = ROOT / "pages") -> list[str]:
    """Names of the pages, as they stand in addresses."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def addresses(names: list[str]) -> dict[str, str]:
    """Name of a picture -> its address behind the app's own."""
    found = {}
    for name in names:
        path = "/" if name == "start" else f"/{name}"
        found[name] = path
        found |= {f"{name}-{view}": f"{path}?{urlencode(query)}" for view, query in VIEWS.get(name, {}).items()}
    return found


def settle(page: Page, seconds: float = START_SECONDS) -> None:
    """Wait until the page has run, has drawn its pictures and asks for nothing more; so long for its first answer."""
    page.wait_for_function(RAN, timeout=1000 * seconds)
    page.wait_for_function(DRAWN, timeout=1000 * DRAW_SECONDS)
    page.wait_for_load_state("networkidle", timeout=1000 * DRAW_SECONDS)
    page.wait_for_function(RAN, timeout=1000 * DRAW_SECONDS)


def take(browser: Browser, url: str, folder: Path, wanted: dict[str, str]) -> list[str]:
    """Take the pictures; gives a line about each page that did not come out well."""
    complaints = []
    for size, colours in itertools.product(SCREENS, COLOURS):
        watch = Watch()
        options = {"color_scheme": colours, "reduced_motion": "reduce"}
        with browser.new_context(viewport={"width": size[0], "height": size[1]}, **options) as context:
            watch.guard(context)
            for name, path in wanted.items():
                file = folder / f"{name}-{size[0]}-{colours}.png"
                page = context.new_page()
                try:
                    page.goto(url + path)
                    settle(page)
                except TookTooLong as error:
                    complaints.append(f"{file.name}: {str(error).splitlines()[0]}")
                page.screenshot(path=file)
                page.close()
                complaints += [f"{file.name}: {what}" for what in (*watch.foreign, *watch.errors)]
                watch.foreign.clear()
                watch.errors.clear()
    return complaints


def main() -> int:
    arguments = argparse.ArgumentParser(prog="run.py shots", description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path, default=Path("shots"))
    arguments.add_argument("--page", action="append", help="this page only; may be given more than once")
    chosen = arguments.parse_args()
    names = chosen.page or pages()
    unknown = set(names) - set(pages())
    if unknown:
        print(f"No page is called {', '.join(sorted(unknown))}. There are: {', '.join(pages())}.", file=sys.stderr)
        return 2
    chromium = os.environ.get("GAZE_CHROMIUM") or find_browser()
    if not chromium:
        print("Pictures need a browser. Install Chromium or Chrome.", file=sys.stderr)
        return 1
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch) / "log") as server,
        sync_playwright() as playwright,
        launch(playwright, chromium) as browser,
    ):
        complaints = take(browser, server.url, chosen.folder, addresses(names))
    print(f"The pictures are in {chosen.folder}.")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
