"""Downloads models for later: python -m core.store.fetch NAME..."""

from __future__ import annotations

import sys
import time

from core.store.hub import Unreachable, cached_folder, fetch
from core.store.shelf import SHELF, card_by_alias
from core.types import Refused


def show(name: str, done: int, total: int, rate: float) -> str:
    """One line: a bar, how far, how fast."""
    filled = 30 * done // max(total, 1)
    far = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB, {rate / 1e6:.1f} MB/s"
    return f"{name}  [{'#' * filled}{'.' * (30 - filled)}] {far}"


def fetch_with_bar(name: str, revision: str) -> str:
    """Download one model, with a bar where somebody watches; gives a sentence about it."""
    terminal = sys.stdout.isatty()
    last = 0.0

    def tell(done: int, total: int, rate: float) -> None:
        nonlocal last
        if terminal and (done >= total or time.monotonic() - last > 0.2):
            last = time.monotonic()
            sys.stdout.write("\r" + show(name, done, total, rate) + "  ")
            sys.stdout.flush()

    try:
        fetch(name, revision, progress=tell)
    finally:
        if terminal and last:
            sys.stdout.write("\n")
    return f"{name} is here."


def main(names: list[str]) -> int:
    """Download each model; one sentence each, exit code 1 if one failed."""
    if not names:
        print("Which models? For example: gpt2 xlm-roberta-base. On the shelf are:")
        fetched = [card for card in SHELF.values() if not card.folder]
        print(
            "\n".join(
                f"  {card.name:46} {f'{card.megabytes:6,.0f}' if card.megabytes else '     ?'} MB" for card in fetched
            )
        )
        return 2
    failed = False
    for name in names:
        card = SHELF.get(name) or card_by_alias(name)
        try:
            if card is not None and card.folder:
                sentence = f"{name} is built in: there is nothing to fetch."
            elif cached_folder(card.id if card else name, card.revision if card else "") is not None:
                sentence = f"{name} is here already."
            else:
                sentence = fetch_with_bar(card.id if card else name, card.revision if card else "")
        except Unreachable as error:
            failed, sentence = True, f"{name}: the hub {error}. Connect to the network and try again."
        except Refused as advice:
            failed, sentence = True, f"{name}: {advice}"
        print(sentence, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
