"""python run.py data: fetches the corpora that training needs, and says where each comes from."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.data.scenes import NAMES, read_names
from core.types import Refused
from training.corpora import download, emoji, sentences
from training.corpora.download import Source
from training.data import DEFAULT_DATA, LANGUAGES

DOWNLOADS = "downloads"  # below the folder of the data: what came, as it came
PARTS = ("sentences", "emoji")


def fetched(source: Source, data: Path, *, again: bool) -> Path:
    """One file of a publisher, with a line about it."""
    print(f"{source.name} from {source.url}", flush=True)
    return download.get(source, data / DOWNLOADS, Bar(), again=again)


class Bar:
    """Tells how far a download is, about once a second."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds, self.last = seconds, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last >= self.seconds:
            self.last = time.monotonic()
            print(f"  {done / 1e6:.1f} MB" + (f" of {total / 1e6:.1f}" if total else ""), flush=True)


def get_sentences(data: Path, *, again: bool) -> None:
    for language in LANGUAGES:
        archive = fetched(sentences.source(language), data, again=again)
        count = sentences.convert(archive, data, language)
        print(f"  {count:,} pairs in {sentences.place(data, language)}", flush=True)


def get_emoji(data: Path, *, again: bool) -> None:
    listed, names, font = (fetched(source, data, again=again) for source in (emoji.GROUPS, emoji.NAMES, emoji.FONT))
    count = emoji.convert(listed, names, font, data)
    same = read_names(data / "emoji" / emoji.TABLE) == read_names(NAMES)
    print(f"  {count:,} emoji in {data / 'emoji'}: " + ("" if same else "not ") + "the same names as come with Gaze")


WAYS: dict[str, Callable[..., None]] = dict(zip(PARTS, (get_sentences, get_emoji), strict=True))


def main(given: Sequence[str] | None = None) -> int:
    """Fetch all parts; one that fails does not keep the others from coming. The exit code is 1 if one failed."""
    options = argparse.ArgumentParser(prog="python run.py data", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"{' or '.join(PARTS)}; both without one")
    options.add_argument("--data", type=Path, default=DEFAULT_DATA, help="where they go (default: %(default)s)")
    options.add_argument("--again", action="store_true", help="fetch anew what is renewed from time to time")
    chosen = options.parse_args(given)
    if strange := set(chosen.parts) - set(PARTS):
        options.error(f"there is no part {', '.join(sorted(strange))}; there are: {', '.join(PARTS)}")
    failed = False
    for part in chosen.parts or PARTS:
        try:
            WAYS[part](chosen.data, again=chosen.again)
        except Refused as refused:
            failed = True
            print(refused, file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
