"""rnn-speed: seconds an epoch of the four recurrent models, timed side by side, written into their cards.

A run's own clock tells how busy the machine was, too: here every model takes the same batches in turn.
"""

from __future__ import annotations

import json
import statistics
import time

import torch
from transformers import PreTrainedTokenizerFast

from core.learning import optimising
from core.learning.batches import batches_by_length, pieces_of
from core.learning.recurrent import BATCH_CELLS, loss_function, stream
from training import loop, rnn
from training.card import MODELS, add_fields
from training.data import DEFAULT_DATA, LANGUAGES, read_pairs, split

STEPS = 30  # of each, after those that warm up
WARM = 3


def seconds_a_step(models: dict[str, torch.nn.Module], batches, steps: int) -> dict[str, float]:
    """Median processor seconds of a training step of each model, all on the same batches, one after the other."""
    optimisers = {
        name: optimising.optimisers(model, 0.0, 0.0) for name, model in models.items()
    }  # rates of 0 change nothing
    losses = {name: loss_function(model.train()) for name, model in models.items()}
    found: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(WARM + steps):
        batch = next(batches)
        for name in models:
            start = time.process_time()
            with torch.autocast(loop.device().type, torch.bfloat16):
                loss, _ = losses[name](batch)
            loss.backward()
            for optimiser in optimisers[name]:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            found[name].append(time.process_time() - start)
    return {name: statistics.median(seconds[WARM:]) for name, seconds in found.items()}


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.measuring(__doc__ or "", MODELS, DEFAULT_DATA, arguments)
    torch.set_num_threads(1)
    names = [name for name in (f"rnn-{score}" for score in rnn.NOTES) if (chosen.models / name).exists()]
    tokenizer = PreTrainedTokenizerFast.from_pretrained(chosen.models / names[0])
    training, _ = split({code: read_pairs(chosen.data, code) for code in LANGUAGES}, chosen.held_out)
    some = [pair for pair in training if pair.language == rnn.LANGUAGE]
    sources, targets = (pieces_of(tokenizer, [getattr(p, side) for p in some]) for side in ("english", "other"))
    lengths = torch.stack([sources.lengths, targets.lengths]).max(dim=0).values + 1
    epoch = sum(1 for _ in batches_by_length(lengths, BATCH_CELLS, torch.Generator()))
    models = {name: rnn.new_model(tokenizer, name.removeprefix("rnn-")) for name in names}
    found = seconds_a_step(models, stream(sources, targets, 0, tokenizer.eos_token_id), STEPS)
    for name, seconds in found.items():
        fields = {"seconds_an_epoch": round(seconds * epoch, 1), "timed_on": f"{loop.machine()}, all four in turn"}
        add_fields(chosen.models / name / "card.json", fields)
        print(json.dumps({name: fields}), flush=True)


if __name__ == "__main__":
    main()
