"""emoji-vit: a small vision transformer that says which emoji it sees; the stand-in for ViT."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from transformers import ViTConfig, ViTForImageClassification

from core.data.scenes import Composed, Emoji, compose, emoji, random_scene
from core.learning import optimising
from core.measures.attention import rolled
from training import loop
from training.card import EMOJI_NAMES, EMOJI_PICTURES, MODELS, PictureReader, place_for, publish
from training.data import DEFAULT_DATA

NAME = "emoji-vit"
SIDE, PATCH = 64, 8  # px
WIDTH, LAYERS, HEADS, FEED_FORWARD = 160, 5, 5, 640
BATCH = 96  # scenes
COUNTS = (1, 1, 2, 3)  # how many emoji a scene holds: one in half of them
MATRIX_RATE, OTHER_RATE = 3e-3, 3e-3  # peaks of Muon and AdamW


def new_model(some: tuple[Emoji, ...]) -> ViTForImageClassification:
    """An untrained model of the size above; label i is the i-th emoji of the table."""
    names = {i: one.names["en"] for i, one in enumerate(some)}
    config = ViTConfig(
        image_size=SIDE,
        patch_size=PATCH,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=FEED_FORWARD,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label=names,
        label2id={name: i for i, name in names.items()},
    )
    return ViTForImageClassification(config)


def kinds(some: tuple[Emoji, ...], field: str) -> tuple[list[str], torch.Tensor]:
    """(names of all groups or subgroups, the number of each emoji's own)."""
    names = sorted({getattr(one, field) for one in some})
    return names, torch.tensor([names.index(getattr(one, field)) for one in some])


class Scenes:
    """Random scenes with what is in them; the seed makes them new in every run and every resumption."""

    def __init__(self, seed: int) -> None:
        self.chooser = random.Random(seed)
        self.keys = [one.key for one in emoji()]
        self.place = {key: i for i, key in enumerate(self.keys)}

    def draw(self, counts: list[int]) -> tuple[Composed, torch.Tensor]:
        """(pictures and masks, [scene, 3] places of the emoji in the table, -1 where there is none)."""
        scenes = [random_scene(self.chooser, self.keys, n, SIDE, SIDE) for n in counts]
        here = torch.full((len(scenes), 3), -1)
        for row, scene in enumerate(scenes):
            here[row, : len(scene.placed)] = torch.tensor([self.place[p.key] for p in scene.placed])
        return compose(scenes), here

    def of(self, places: Iterable[int]) -> torch.Tensor:
        """Pictures [emoji, 3, side, side] of these emoji, each alone in a scene of its own."""
        scenes = [random_scene(self.chooser, [self.keys[i]], 1, SIDE, SIDE) for i in places]
        return compose(scenes).pictures

    def stream(self, size: int) -> Iterator[tuple[Composed, torch.Tensor]]:
        while True:
            yield self.draw([self.chooser.choice(COUNTS) for _ in range(size)])


def wanted(here: torch.Tensor, labels: int) -> torch.Tensor:
    """What is to be predicted, [scene, label]: the emoji that are there, in equal shares."""
    shares = torch.zeros(len(here), labels + 1)
    shares.scatter_add_(1, here.remainder(labels + 1), torch.ones(here.shape))
    shares = shares[:, :labels]
    return shares / shares.sum(dim=1, keepdim=True)


def losses(logits: torch.Tensor, shares: torch.Tensor, parents: list[torch.Tensor]) -> torch.Tensor:
    """Cross-entropy of emoji, and of each coarser kind by summed probabilities.

    parents: for each kind, [label, kind] with a one at a label's own.
    """
    probabilities = torch.softmax(logits.float(), dim=-1)
    total = -(shares * torch.log_softmax(logits.float(), dim=-1)).sum(dim=1).mean()
    for one in parents:
        total = total - ((shares @ one) * (probabilities @ one).clamp(min=1e-9).log()).sum(dim=1).mean()
    return total


def scaled(pictures: torch.Tensor) -> torch.Tensor:
    """0 to 1 becomes -1 to 1, as the picture reader does it."""
    return pictures * 2 - 1


def loss_function(model: torch.nn.Module):
    """For a model that makes logits of pixel_values: a cross-entropy of emoji, group and subgroup."""
    where = next(model.parameters()).device
    some = emoji()
    parents = [torch.nn.functional.one_hot(kinds(some, f)[1]).float().to(where) for f in ("group", "subgroup")]

    def loss_of(batch: tuple[Composed, torch.Tensor]) -> tuple[torch.Tensor, int]:
        composed, here = batch
        logits = model(pixel_values=scaled(composed.pictures).to(where)).logits
        return losses(logits, wanted(here, len(some)).to(where), parents), len(here)

    return loss_of


def on_emoji(maps: np.ndarray, mask: torch.Tensor) -> tuple[float, float]:
    """(share of [CLS]'s rollout over the patches that lies on emoji, their share of the picture).

    maps [layer, query, key]: the mean over the heads; mask [height, width]: what share of each pixel emoji fill.
    """
    product = None
    for layer in maps:
        product = rolled(product, layer)
    row = product[0, 1:] / product[0, 1:].sum()
    filled = torch.nn.functional.avg_pool2d(mask[None, None], PATCH).flatten().numpy()
    return float((row * filled).sum()), float(filled.mean())


def evaluate(model: ViTForImageClassification, seed: int, scenes: int) -> dict:
    """Scores on unseen scenes: what is most probable, and how much rollout puts on the emoji."""
    some, maker = emoji(), Scenes(seed)
    parents = {f: kinds(some, f)[1] for f in ("group", "subgroup")}
    scores: dict[str, float] = {}
    rollout_on, area = [], []
    groups_right = 0.0
    for count, share in ((1, 2), (2, 1), (3, 1)):
        right = dict.fromkeys(("group", "subgroup", "emoji"), 0)
        asked = scenes * share // 4
        for start in range(0, asked, 100):
            composed, here = maker.draw([count] * min(100, asked - start))
            with torch.inference_mode():
                out = model(pixel_values=scaled(composed.pictures).to(model.device), output_attentions=True)
            there = wanted(here, len(some)) > 0
            probabilities = torch.softmax(out.logits.float(), dim=-1).cpu()
            right["emoji"] += int(there.gather(1, probabilities.argmax(1, keepdim=True)).sum())
            for name, parent in parents.items():
                table = torch.nn.functional.one_hot(parent).float()
                best = (probabilities @ table).argmax(1, keepdim=True)
                right[name] += int(((there.float() @ table) > 0).gather(1, best).sum())
            maps = torch.stack(out.attentions).float().mean(dim=2).cpu().numpy()  # [layer, scene, query, key]
            found = [on_emoji(maps[:, i], composed.masks[i].sum(0)) for i in range(len(here))]
            rollout_on += [on for on, _ in found]
            area += [of for _, of in found]
        named = {1: "one emoji", 2: "two emoji", 3: "three emoji"}[count]
        for name, number in right.items():
            scores[f"{name}, {named}"] = round(number / asked, 3)
        groups_right += right["group"]
    scores["group"] = round(groups_right / sum(scenes * s // 4 for s in (2, 1, 1)), 3)
    on, of = np.array(rollout_on), np.array(area)
    scores["rollout on emoji"] = round(float(on.mean()), 3)
    scores["area of emoji"] = round(float(of.mean()), 3)
    scores["rollout against area, mean over scenes"] = round(float((on / of).mean()), 2)
    scores["rollout against area, of the means"] = round(float(on.mean() / of.mean()), 2)
    return scores


def about(scores: dict, scenes: int) -> dict:
    """What the card says of this model beside the numbers of its run."""
    return {
        "name": NAME,
        "title": "Emoji-ViT",
        "note": "A small vision transformer that names emoji in pictures: watch where [CLS] looks.",
        "family": "vision",
        "architecture": "ViT, learned by this project from random weights",
        "stands_for": "ViT",
        "layers": LAYERS,
        "heads": HEADS,
        "width": WIDTH,
        "classes": len(emoji()),
        "licence": "Apache-2.0 and Unicode-3.0 (weights trained on Noto Color Emoji and CLDR's groups)",
        "data": [EMOJI_PICTURES, EMOJI_NAMES],
        "scores": scores,
        "held_out": (
            f"{scenes:,} unseen scenes of the same emoji, half of them with one, a quarter with two, a quarter with "
            "three: the share in which the most probable group, subgroup or emoji is one that is there (a group's "
            "probability is the sum of its emoji's). Rollout: the share of [CLS]'s rollout, heads averaged, that lies "
            "on emoji pixels, against their share of the picture"
        ),
    }


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(__doc__, NAME, MODELS, DEFAULT_DATA, minutes=60, given=arguments)
    torch.manual_seed(chosen.seed)
    run = loop.Run(chosen.run, chosen.minutes, chosen.seed)
    model = new_model(emoji()).to(loop.device())
    model.set_attn_implementation(loop.attention())
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        batches = Scenes(chosen.seed + run.steps).stream(BATCH)
        loop.train(run, model, optimisers, batches, loss_function(model), "scenes")
    model.eval()
    model.set_attn_implementation("eager")  # the only one that hands its weights out
    scores = evaluate(model, seed=-1 - chosen.seed, scenes=2 * chosen.held_out)
    print(scores, flush=True)
    out = place_for(run, chosen.out)
    publish(model, PictureReader(SIDE), out, run, about(scores, 2 * chosen.held_out))
    print(loop.where_written(out, chosen.out))


if __name__ == "__main__":
    main()
