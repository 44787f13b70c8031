"""small-cnn: a little convolutional network that names the group of an emoji, to be set against a vision transformer.

Its first stage keeps every pixel and each further one halves the picture, so that a shift can be followed exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from transformers import ConvNextConfig, ConvNextForImageClassification

from core.data.scenes import Emoji, emoji
from core.learning import optimising
from training import loop
from training.card import EMOJI_NAMES, EMOJI_PICTURES, MODELS, PictureReader, place_for, publish
from training.data import DEFAULT_DATA
from training.emoji_vit import SIDE, Scenes, kinds, scaled

NAME = "small-cnn"
WIDTHS, DEPTHS = (8, 24, 64, 128), (1, 1, 2, 2)  # of the stages, which take 1, 2, 4 and 8 px a step
BATCH = 64  # scenes
MATRIX_RATE, OTHER_RATE = 4e-3, 4e-3  # peaks of Muon and AdamW

Batch = tuple[torch.Tensor, torch.Tensor]  # pictures [scene, 3, side, side], 0 to 1; groups [scene]


def new_model(some: tuple[Emoji, ...]) -> ConvNextForImageClassification:
    """An untrained model; label i is the i-th group by name."""
    names = dict(enumerate(kinds(some, "group")[0]))
    config = ConvNextConfig(
        patch_size=1,
        hidden_sizes=list(WIDTHS),
        depths=list(DEPTHS),
        layer_scale_init_value=0.0,  # none: it slows a short training
        image_size=SIDE,
        id2label=names,
        label2id={name: i for i, name in names.items()},
    )
    return ConvNextForImageClassification(config)


def batches(maker: Scenes, size: int) -> Iterator[Batch]:
    """Scenes of one emoji each, with its group."""
    groups = kinds(emoji(), "group")[1]
    while True:
        composed, here = maker.draw([1] * size)
        yield composed.pictures, groups[here[:, 0]]


def loss_function(model: torch.nn.Module):
    """Cross-entropy of the group."""
    where = next(model.parameters()).device

    def loss_of(batch: Batch) -> tuple[torch.Tensor, int]:
        pictures, groups = batch
        logits = model(pixel_values=scaled(pictures).to(where)).logits
        return torch.nn.functional.cross_entropy(logits.float(), groups.to(where)), len(groups)

    return loss_of


def evaluate(model: ConvNextForImageClassification, seed: int, scenes: int) -> dict:
    """The share of unseen scenes of one emoji whose group is found, and what the commonest group alone would give."""
    right, counts = 0, torch.zeros(model.config.num_labels)
    made = batches(Scenes(seed), 100)
    for _ in range(-(-scenes // 100)):
        pictures, groups = next(made)
        with torch.inference_mode():
            logits = model(pixel_values=scaled(pictures).to(model.device)).logits.cpu()
        right += int((logits.argmax(1) == groups).sum())
        counts += torch.bincount(groups, minlength=len(counts))
    total = float(counts.sum())
    return {"group": round(right / total, 3), "commonest group": round(float(counts.max()) / total, 3)}


def about(scores: dict, scenes: int) -> dict:
    """What the card says that only this script knows."""
    return {
        "name": NAME,
        "title": "Small CNN",
        "note": "A convolutional network without attention: what it makes of a picture moves along with the picture.",
        "family": "convolutional",
        "architecture": "ConvNeXt, learned by this project from random weights",
        "stands_for": "ConvNeXt",
        "layers": sum(DEPTHS),
        "width": WIDTHS[-1],
        "licence": "Apache-2.0 and Unicode-3.0 (weights trained on Noto Color Emoji and CLDR's groups)",
        "data": [EMOJI_PICTURES, EMOJI_NAMES],
        "scores": scores,
        "held_out": f"{scenes:,} unseen scenes of one emoji each: the share whose group is found",
    }


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(__doc__, NAME, MODELS, DEFAULT_DATA, minutes=10, given=arguments)
    torch.manual_seed(chosen.seed)
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed)
    model = new_model(emoji()).to(loop.device())
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        made = batches(Scenes(chosen.seed + run.steps), BATCH)
        loop.train(run, model, optimisers, made, loss_function(model), "scenes")
    model.eval()
    scores = evaluate(model, seed=-1 - chosen.seed, scenes=2 * chosen.held_out)
    print(scores, flush=True)
    out = place_for(run, chosen.out)
    publish(model, PictureReader(SIDE), out, run, about(scores, 2 * chosen.held_out))
    print(loop.where_written(out, chosen.out))


if __name__ == "__main__":
    main()
