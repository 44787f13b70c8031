"""rnn-lengths: how well the recurrent models translate short and long sentences, with attention or not; into cards.

Without means the same weights with their context set to 0, not a model that was trained without attention. Timed is
the score function alone, on one sentence.
"""

from __future__ import annotations

import json
import statistics
import time

import torch

from core.requests import Edit
from core.store.opening import open_model
from core.store.recurrent import ONLY_HEAD, Recurrent
from training import loop, rnn
from training.card import MODELS, add_fields
from training.data import DEFAULT_DATA, LANGUAGES, Pair, read_pairs, split

EDGES = ((1, 4), (5, 6), (7, 8), (9, 11), (12, 40))  # English words of a group, both included
LEAST = 30  # sentences below which a group says nothing
OFF = Edit(heads_off=(ONLY_HEAD,))
SOURCE, TARGET = 10, 12  # tokens over which the score function is timed
CALLS = 300


def by_length(model: Recurrent, tokenizer, pairs: list[Pair]) -> list[list[float]]:
    """[least words, most words, sentences, BLEU with attention, BLEU without] of each group that has enough."""
    found: list[list[float]] = []
    for least, most in EDGES:
        some = [p for p in pairs if least <= len(p.english.split()) <= most]
        if len(some) >= LEAST:
            scores = [round(rnn.bleu(model, tokenizer, some, edit), 1) for edit in (None, OFF)]
            found.append([least, most, len(some), *scores])
    return found


def microseconds(model: Recurrent) -> float:
    """The median time of one call of the score function."""
    width, times = model.config.width, []
    queries, keys = torch.randn(1, TARGET, width), torch.randn(1, SOURCE, width)
    with torch.inference_mode():
        for _ in range(CALLS):
            began = time.perf_counter()
            model.score(queries, keys)
            times.append(time.perf_counter() - began)
    return round(1e6 * statistics.median(times), 1)


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.measuring(__doc__ or "", MODELS, DEFAULT_DATA, arguments)
    torch.set_num_threads(1)
    _, held_out = split({code: read_pairs(chosen.data, code) for code in LANGUAGES}, chosen.held_out)
    for score in rnn.NOTES:
        folder = chosen.models / f"rnn-{score}"
        if not folder.exists():
            continue
        opened = open_model(str(folder))
        fields = {
            "by_length": by_length(opened.model, opened.tokenizer, held_out[rnn.LANGUAGE]),
            "microseconds_a_call": microseconds(opened.model),
            "called_on": f"{TARGET} queries and {SOURCE} keys, {loop.machine()}",
        }
        add_fields(folder / "card.json", fields)
        print(json.dumps({score: fields}), flush=True)


if __name__ == "__main__":
    main()
