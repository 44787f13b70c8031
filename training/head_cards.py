"""head-cards: cards of all heads of the built-in models over the built-in sentences, written beside each model.

python -m training head-cards [MODEL ...]: of these models, else of all. The sentences are the same at each call, so
the files are too.
"""

from __future__ import annotations

import sys
import time

from core.analyses.head_cards import made
from core.data.head_cards import as_file
from core.data.kept_cards import shipped_file
from core.data.sentences import sentences
from core.requests import HeadCardsRequest
from core.store.shelf import SHELF

ENCODERS = ("en", "fr", "de", "es", "nl", "ja", "zh", "vi")  # languages that the built-in encoders were trained on
LANGUAGES = {"encoder": ENCODERS, "decoder": ("en",), "encoder-decoder": ("en",), "recurrent": ("en",)}


def main(names: list[str]) -> None:
    for name in names or [name for name, card in SHELF.items() if card.sha256 and card.family in LANGUAGES]:
        for language in LANGUAGES[SHELF[name].family]:
            begun = time.perf_counter()
            path = shipped_file(name, language)
            path.write_bytes(as_file(made(HeadCardsRequest(name, language), sentences(language), workers=1)))
            print(f"{path}: {path.stat().st_size:,} bytes, {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
