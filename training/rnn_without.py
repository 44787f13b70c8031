"""rnn-without: a twin of the recurrent models that never had attention, for the curve of the bottleneck; into cards.

Its decoder has what the encoder's last state says and nothing else. The weights are not kept: only how well it
translates sentences of each length, measured as rnn_lengths.py measures the others.
"""

from __future__ import annotations

import json
import random
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import pieces_of
from core.learning.recurrent import loss_function, stream
from core.store.recurrent import Recurrent
from training import loop, rnn
from training.card import MODELS, add_fields
from training.data import DEFAULT_DATA, LANGUAGES, read_pairs, split
from training.rnn_lengths import OFF, by_length

NAME = "rnn-without"


class Without(Recurrent):
    """The translator with its context at 0, from the first step on."""

    def write(self, ids: Any, states: Any, state: Any, mask: Any, edit: Any = None) -> Any:
        return super().write(ids, states, state, mask, OFF)


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(f"{NAME}: no attention", NAME, MODELS, DEFAULT_DATA, minutes=60, given=arguments)
    torch.manual_seed(chosen.seed)
    training, held_out = split({code: read_pairs(chosen.data, code) for code in LANGUAGES}, chosen.held_out)
    training = [p for p in training if p.language == rnn.LANGUAGE]
    random.Random(chosen.seed).shuffle(training)
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed, most_steps=rnn.STEPS)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(chosen.out.parent / "rnn-dot")
    model = Without(rnn.new_model(tokenizer, "dot").config).to(loop.device())
    optimisers = optimising.optimisers(model, rnn.MATRIX_RATE, rnn.OTHER_RATE)
    loop.resume(run, model, optimisers)
    sources, targets = (pieces_of(tokenizer, [getattr(p, side) for p in training]) for side in ("english", "other"))
    batches = stream(sources, targets, chosen.seed + run.steps, tokenizer.eos_token_id)
    loop.train(run, model, optimisers, batches, loss_function(model), "target tokens")
    found = by_length(model.eval().cpu(), tokenizer, held_out[rnn.LANGUAGE])
    fields = {"without": {"steps": run.steps, "by_length": [[*one[:3], one[3]] for one in found]}}
    for score in rnn.NOTES:
        card = chosen.out.parent / f"rnn-{score}" / "card.json"
        if card.exists():
            add_fields(card, fields)
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main()
