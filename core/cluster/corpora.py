"""What takes a cluster for minutes: vectors of a file of sentences, cards of all heads of a model; by Ray Data.

Every part that is done is a file on the machine where it was begun, so that a machine that is lost costs the parts it
was at, and a beginning anew none that is done.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cluster.starting import RAY_PORT, for_ray, surroundings
from core.cluster.values import packed, unpacked
from core.data.kept_cards import folder
from core.requests import EmbeddingRequest, HeadCardsRequest, to_json
from core.store.revisions import revisions_of
from core.types import Refused

SENTENCES, CARDED = 256, 64  # of a part: to be embedded, to be measured
DONE = "part-{:06}.bin"
NONE_RUNS = "No cluster answers at {}. Start it on this machine first: python run.py cluster"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the work: texts, the first of which stands at a place among all."""

    start: int
    texts: tuple[str, ...]


class Worker:
    """A process of the cluster that does one part after another, with the models that it opened."""

    def __init__(self, work: str) -> None:
        self._work = work

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        from core.store.families import resolved

        request, piece = unpacked(row["asked"])
        return {"number": row["number"], "made": packed(resolved(self._work)(request, piece))}


def embedded(request: EmbeddingRequest, piece: Piece) -> tuple[np.ndarray, np.ndarray]:
    """(places of the texts that have a vector, their vectors [text, width] of one layer, by default the last)."""
    from dataclasses import replace

    from core.analyses.vectors import vectors

    made = vectors(replace(request, texts=piece.texts))
    return made.owners + piece.start, made.values[-1]


def carded(request: HeadCardsRequest, piece: Piece) -> Any:
    """What some sentences tell of the heads."""
    from core.analyses.head_cards import gathered

    return gathered(request, piece.texts, piece.start)


def pieces_of(texts: Sequence[str], size: int) -> list[Piece]:
    """All texts, so many in a part."""
    return [Piece(start, tuple(texts[start : start + size])) for start in range(0, len(texts), size)]


def parts(request: Any, pieces: list[Piece], work: str, place: Path, workers: int) -> Iterator[Any]:
    """The results of all parts, in order: those that lie in `place`, and those that the cluster makes now.

    work: module:function of a request and a Piece.
    """
    import ray

    place.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(len(pieces)) if not (place / DONE.format(number)).exists()]
    if missing:
        rows = [{"number": number, "asked": packed((request, pieces[number]))} for number in missing]
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # our own lines tell how far it is
        ray.data.DataContext.get_current().enable_progress_bars = False
        data = ray.data.from_items(rows, override_num_blocks=len(rows))
        pool = ray.data.ActorPoolStrategy(min_size=1, max_size=workers)
        made = data.map(Worker, fn_constructor_args=(work,), compute=pool, num_cpus=0)  # the replicas hold all of them
        for done, row in enumerate(made.iter_rows(), len(pieces) - len(missing) + 1):
            whole = place / DONE.format(row["number"])
            half = whole.with_suffix(".half")
            half.write_bytes(row["made"])
            os.replace(half, whole)
            sys.stdout.write(f"  {done} of {len(pieces)} parts\n")
            sys.stdout.flush()
    for number in range(len(pieces)):
        yield unpacked((place / DONE.format(number)).read_bytes())


def place_of(request: Any, texts: Sequence[str]) -> Path:
    """Where the parts of this very work lie: another text, or a model trained anew, is other work."""
    said = repr((type(request).__name__, to_json(request), revisions_of(request))).encode()
    mark = hashlib.sha256(said + b"\0".join(text.encode() for text in texts)).hexdigest()[:24]
    return folder() / "parts" / mark


def embed(model: str, source: Path, target: Path, workers: int) -> str:
    """Write a table of sentences and vectors, as Embedding space reads it; what was done, in a sentence."""
    import pyarrow
    import pyarrow.parquet

    texts = [line.strip() for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not texts:
        raise Refused(f"{source} holds no sentence. Write one a line.")
    request = EmbeddingRequest(model, ())
    place = place_of(request, texts)
    found = list(parts(request, pieces_of(texts, SENTENCES), f"{__name__}:embedded", place, workers))
    owners, values = np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])
    vectors = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(values.ravel()), values.shape[1])
    table = pyarrow.table({"text": [texts[at] for at in owners], "vector": vectors})
    half = target.with_name(target.name + ".half")
    pyarrow.parquet.write_table(table, half)
    os.replace(half, target)
    shutil.rmtree(place, ignore_errors=True)
    return f"{len(owners):,} of {len(texts):,} sentences have a vector of {values.shape[1]} numbers in {target}."


def head_cards(model: str, language: str, workers: int) -> str:
    """Keep the cards of a model's heads, where a server on this machine finds them; what was done, in a sentence."""
    from core.analyses.head_cards import carded as cards_from
    from core.data.kept_cards import keep_cards
    from core.data.sentences import sentences

    request, texts = HeadCardsRequest(model, language), sentences(language)
    place = place_of(request, texts)
    cards = cards_from(request, list(parts(request, pieces_of(texts, CARDED), f"{__name__}:carded", place, workers)))
    keep_cards(cards)
    shutil.rmtree(place, ignore_errors=True)
    return f"The cards of {model} over {cards.sentences:,} sentences are kept on this machine."


def options() -> argparse.ArgumentParser:
    """What can be said."""
    made = argparse.ArgumentParser(prog="run.py cluster")
    ways = made.add_subparsers(dest="way", required=True)
    embedding = ways.add_parser("embed", help="vectors of the sentences of a file")
    embedding.add_argument("model")
    embedding.add_argument("source", type=Path, help="a text with a sentence a line")
    embedding.add_argument("target", type=Path, help="the table to be written, .parquet")
    cards = ways.add_parser("head-cards", help="what every head does over the built-in sentences")
    cards.add_argument("model")
    cards.add_argument("language", nargs="?", default="en")
    for way in (embedding, cards):
        way.add_argument("--host", default="127.0.0.1", help="as the cluster was started with")
        way.add_argument("--ray-port", type=int, default=RAY_PORT)
        way.add_argument("--workers", type=int, help="processes at work (default: as many as there are processors)")
    return made


def main(given: list[str]) -> int:
    """Does it; 1 where it cannot be done."""
    chosen = options().parse_args(given)
    address = f"{for_ray(chosen.host)}:{chosen.ray_port}"
    try:
        os.environ.update(surroundings(chosen.host))
        import ray

        try:
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise Refused(NONE_RUNS.format(address)) from error
        workers = chosen.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        if chosen.way == "embed":
            said = embed(chosen.model, chosen.source, chosen.target, workers)
        else:
            said = head_cards(chosen.model, chosen.language, workers)
        sys.stdout.write(said + "\n")
        return 0
    except (Refused, OSError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    finally:
        with suppress(Exception):
            ray.shutdown()
