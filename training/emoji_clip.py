"""emoji-clip: CLIP's architecture on emoji and their names in 28 languages; the stand-in for CLIP.

In two stages, since together they learn next to nothing in a quarter of an hour: the picture tower begins as emoji-vit
and learns, as CLIP's, to name emoji; then it is locked, and the text tower learns to meet it by CLIP's own loss.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig, PreTrainedTokenizerFast

from core.data.scenes import Background, Placed, Scene, compose, emoji
from core.learning import optimising
from core.learning.batches import pad
from training import emoji_vit, loop
from training.card import EMOJI_NAMES, EMOJI_PICTURES, MODELS, PictureReader, place_for, publish
from training.data import DEFAULT_DATA, Missing
from training.emoji_pieces import POSITIONS, VOCABULARY, train_tokenizer

NAME = "emoji-clip"
TEXT_WIDTH, TEXT_LAYERS, TEXT_HEADS = 192, 4, 6
LONGEST = 16  # tokens of a text that is trained on: 1 % are longer and are cut, or all the others would be padded
PICTURE_SHARE = 0.3  # of the time, for the picture tower
SCENES_EACH = 12  # of every emoji, whose features the text tower meets
BATCH = 768  # emoji in a step of the text tower
NAMES_SHARE = 0.75  # of the texts are names; the others are keywords
TESTED = ("en", "fr", "de", "es", "hi", "ar", "zh", "ja")  # seen twice as often as the other twenty languages
MATRIX_RATE, OTHER_RATE = 3e-3, 3e-3  # peaks of Muon and AdamW


def new_model(tokenizer: PreTrainedTokenizerFast) -> CLIPModel:
    """An untrained model; its picture tower has the shape of emoji-vit."""
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        projection_dim=emoji_vit.WIDTH,
        num_hidden_layers=TEXT_LAYERS,
        num_attention_heads=TEXT_HEADS,
        max_position_embeddings=POSITIONS,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=emoji_vit.WIDTH,
        intermediate_size=emoji_vit.FEED_FORWARD,
        projection_dim=emoji_vit.WIDTH,
        num_hidden_layers=emoji_vit.LAYERS,
        num_attention_heads=emoji_vit.HEADS,
        image_size=emoji_vit.SIDE,
        patch_size=emoji_vit.PATCH,
        hidden_act="gelu",
        layer_norm_eps=1e-12,
    )
    return CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=emoji_vit.WIDTH)
    )


#: Where emoji-vit keeps what CLIP's picture tower calls by another name.
LAYER_NAMES = {
    "self_attn.q_proj": "attention.attention.query",
    "self_attn.k_proj": "attention.attention.key",
    "self_attn.v_proj": "attention.attention.value",
    "self_attn.out_proj": "attention.output.dense",
    "layer_norm1": "layernorm_before",
    "layer_norm2": "layernorm_after",
    "mlp.fc1": "intermediate.dense",
    "mlp.fc2": "output.dense",
}


def begin_as_vit(model: CLIPModel, classifier: torch.nn.Linear, folder: Path) -> None:
    """Put emoji-vit's weights into the picture tower and its classifier; Missing where there are none."""
    path = folder / "model.safetensors"
    if not path.exists():
        raise Missing(f"{path} is missing: train emoji-vit first (python run.py train emoji-vit)")
    given = {name: tensor.float() for name, tensor in load_file(path).items()}
    inside = "vit.embeddings."
    first, places = given[inside + "cls_token"][0, 0], given[inside + "position_embeddings"][0].clone()
    places[1:] += given[inside + "patch_embeddings.projection.bias"]  # CLIP's patches have no bias of their own
    own = {
        "embeddings.class_embedding": first,
        "embeddings.patch_embedding.weight": given[inside + "patch_embeddings.projection.weight"],
        "embeddings.position_embedding.weight": places,
        "post_layernorm.weight": given["vit.layernorm.weight"],
        "post_layernorm.bias": given["vit.layernorm.bias"],
    }
    for layer in range(emoji_vit.LAYERS):
        for ours, theirs in LAYER_NAMES.items():
            for kind in ("weight", "bias"):
                own[f"encoder.layers.{layer}.{ours}.{kind}"] = given[f"vit.encoder.layer.{layer}.{theirs}.{kind}"]
    missing = model.vision_model.load_state_dict(own, strict=False)
    if missing.unexpected_keys or any("pre_layrnorm" not in name for name in missing.missing_keys):
        raise ValueError(f"{path} does not fit the picture tower: {missing}")
    classifier.load_state_dict({kind: given[f"classifier.{kind}"] for kind in ("weight", "bias")})
    torch.nn.init.eye_(model.visual_projection.weight)


@dataclass
class Named:
    """What emoji-vit's loss looks at."""

    logits: torch.Tensor


class Tower(torch.nn.Module):
    """The picture tower with a classifier on top, for the first stage."""

    def __init__(self, model: CLIPModel, labels: int) -> None:
        super().__init__()
        self.vision = model.vision_model
        self.classifier = torch.nn.Linear(emoji_vit.WIDTH, labels)

    def forward(self, pixel_values: torch.Tensor) -> Named:
        return Named(self.classifier(self.vision(pixel_values=pixel_values).pooler_output))


def features(model: CLIPModel, scenes: int, seed: int) -> torch.Tensor:
    """Outputs of the picture tower before its projection, [emoji, scene, width]: each emoji alone in new scenes."""
    maker = emoji_vit.Scenes(seed)
    found = torch.zeros(len(emoji()), scenes, emoji_vit.WIDTH)
    for number in range(scenes):
        for start in range(0, len(emoji()), 100):
            pictures = maker.of(range(start, min(start + 100, len(emoji()))))
            found[start : start + 100, number] = pooled(model, pictures)
    return found


def pooled(model: CLIPModel, pictures: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        out = model.vision_model(pixel_values=emoji_vit.scaled(pictures).to(model.device)).pooler_output
    return out.float().cpu()


class Texts:
    """Random names and keywords of emoji, tokenised once."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
        self.chooser, self.pad_id = random.Random(seed), tokenizer.pad_token_id
        some = emoji()
        codes = sorted(some[0].names)
        self.codes = codes + [code for code in codes if code in TESTED]
        flat = sorted({t for one in some for c in codes for t in (one.names[c], *one.keywords.get(c, ()))})
        ids = dict(zip(flat, tokenizer(flat, truncation=True, max_length=LONGEST)["input_ids"], strict=True))
        self.ids = {text: torch.tensor(row) for text, row in ids.items()}

    def one(self, number: int) -> torch.Tensor:
        what, code = emoji()[number], self.chooser.choice(self.codes)
        words = what.keywords.get(code, ())
        if words and self.chooser.random() > NAMES_SHARE:
            return self.ids[self.chooser.choice(words)]
        return self.ids[what.names[code]]

    def stream(self, size: int) -> Iterator[tuple[list[int], torch.Tensor]]:
        """(emoji, ids of one text each): no emoji twice in a batch."""
        while True:
            numbers = self.chooser.sample(range(len(emoji())), size)
            yield numbers, pad([self.one(n) for n in numbers], self.pad_id)


def contrast(model: CLIPModel, kept: torch.Tensor, seed: int):
    """CLIP's symmetric loss between texts and the locked tower's features of random scenes."""
    chooser = torch.Generator().manual_seed(seed)
    where = model.device

    def loss_of(batch: tuple[list[int], torch.Tensor]) -> tuple[torch.Tensor, int]:
        numbers, ids = batch
        scene = torch.randint(kept.shape[1], (len(numbers),), generator=chooser)
        pictures = model.visual_projection(kept[numbers, scene].to(where))
        texts = embedded(model, ids.to(where))
        a, b = (torch.nn.functional.normalize(side.float(), dim=-1) for side in (texts, pictures))
        scores = a @ b.T * model.logit_scale.exp().clamp(max=100)
        right = torch.arange(len(numbers), device=where)
        both = (torch.nn.functional.cross_entropy(side, right) for side in (scores, scores.T))
        return sum(both) / 2, len(numbers)

    return loss_of


def embedded(model: CLIPModel, ids: torch.Tensor) -> torch.Tensor:
    """Texts [n, tokens] -> [n, width], not yet of length 1."""
    mask = (ids != model.config.text_config.pad_token_id).long()
    return model.text_projection(model.text_model(input_ids=ids, attention_mask=mask).pooler_output)


def recall(model: CLIPModel, tokenizer: PreTrainedTokenizerFast, pictures: torch.Tensor, code: str) -> float:
    """Share of names of a language whose own picture is the nearest of all; pictures [emoji, width]."""
    texts = []
    names = [one.names[code] for one in emoji()]
    for start in range(0, len(names), 256):
        batch = tokenizer(names[start : start + 256], padding=True, return_tensors="pt")
        with torch.inference_mode():
            texts.append(embedded(model, batch["input_ids"].to(model.device)).float().cpu())
    a, b = (torch.nn.functional.normalize(t, dim=-1) for t in (torch.cat(texts), pictures))
    return float(((a @ b.T).argmax(1) == torch.arange(len(names))).float().mean())


def evaluate(model: CLIPModel, tokenizer: PreTrainedTokenizerFast, seed: int) -> dict:
    """Text -> picture recall@1 among all emoji, with three kinds of unseen pictures."""
    new = features(model, 8, seed)
    scenes = [Scene((Placed(one.key, size=0.9),), Background(first=(1, 1, 1))) for one in emoji()]
    plain = torch.cat([pooled(model, compose(scenes[i : i + 100]).pictures) for i in range(0, len(scenes), 100)])
    kinds = {"plain picture": plain, "one new scene": new[:, 0], "mean of 8 new scenes": new.mean(1)}
    scores: dict[str, float] = {}
    for kind, pictures in kinds.items():
        with torch.inference_mode():
            projected = model.visual_projection(pictures.to(model.device)).float().cpu()
        found = {code: recall(model, tokenizer, projected, code) for code in TESTED}
        scores[f"recall@1, {kind}, mean of {len(TESTED)} languages"] = round(sum(found.values()) / len(found), 3)
        scores |= {f"recall@1, {kind}, {code}": round(value, 3) for code, value in found.items()}
    return scores


def about(scores: dict, run: loop.Run) -> dict:
    """What the card says of this model beside the numbers of its run."""
    return {
        "name": NAME,
        "title": "Emoji-CLIP",
        "note": "Emoji and their names in 28 languages in one space: a word finds its picture, a picture its word.",
        "family": "clip",
        "architecture": "CLIP, learned by this project; the picture tower began as emoji-vit",
        "stands_for": "CLIP",
        "layers": TEXT_LAYERS,
        "heads": TEXT_HEADS,
        "vision_layers": emoji_vit.LAYERS,
        "vision_heads": emoji_vit.HEADS,
        "width": emoji_vit.WIDTH,
        "vocabulary": VOCABULARY,
        "licence": "Apache-2.0 and Unicode-3.0 (weights trained on Noto Color Emoji and CLDR's names)",
        "data": [EMOJI_PICTURES, EMOJI_NAMES],
        "picture_tower_steps": run.steps,
        "picture_tower_minutes": round(run.seconds / 60, 1),
        "scores": scores,
        "held_out": (
            f"the emoji's own names (which were trained on) against unseen pictures of all {len(emoji()):,} emoji: on "
            "plain white, in one random scene, and the mean over 8 random scenes; the nearest by cosine"
        ),
    }


def main(arguments: list[str] | None = None) -> None:
    chosen = loop.arguments(__doc__, NAME, MODELS, DEFAULT_DATA, minutes=45, given=arguments)
    torch.manual_seed(chosen.seed)
    some = emoji()
    tokenizer = train_tokenizer(some)
    model = new_model(tokenizer).to(loop.device())
    model.set_attn_implementation(loop.attention())

    tower = Tower(model, len(some)).to(loop.device())
    begin_as_vit(model, tower.classifier, MODELS / emoji_vit.NAME)
    first = loop.Run(chosen.run / "picture", chosen.minutes * PICTURE_SHARE, chosen.seed)
    optimisers = optimising.optimisers(tower, MATRIX_RATE / 2, OTHER_RATE / 2)
    loop.resume(first, tower, optimisers)
    if first.share < 1:
        batches = emoji_vit.Scenes(chosen.seed + first.steps).stream(emoji_vit.BATCH)
        loop.train(first, tower, optimisers, batches, emoji_vit.loss_function(tower), "scenes")
    tower.requires_grad_(requires_grad=False).eval()

    run = loop.Run(chosen.run / "text", chosen.minutes * (1 - PICTURE_SHARE), chosen.seed)
    optimisers = optimising.optimisers(model, MATRIX_RATE, OTHER_RATE)
    loop.resume(run, model, optimisers)
    if run.share < 1:
        kept = features(model, SCENES_EACH, chosen.seed)
        batches = Texts(tokenizer, chosen.seed + run.steps).stream(min(BATCH, len(some)))
        loop.train(run, model, optimisers, batches, contrast(model, kept, chosen.seed + run.steps), "texts")
    model.eval()
    scores = evaluate(model, tokenizer, seed=-1 - chosen.seed)
    print(scores, flush=True)
    out = place_for(run, chosen.out)
    publish(model, tokenizer, out, run, about(scores, first))
    PictureReader(emoji_vit.SIDE, "CLIPImageProcessor").save_pretrained(out)
    print(loop.where_written(out, chosen.out))


if __name__ == "__main__":
    main()
