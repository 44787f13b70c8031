"""What models know of positions: their tables, biases or angles, and what becomes of a sentence that begins later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from core.capture.recording import recording
from core.capture.stacking import stacked
from core.engine import ask
from core.models.calling import called, takes
from core.models.predicting import prediction, predicts_words
from core.models.reading import MOST_TOKENS, addressed, tokenized
from core.models.text import written
from core.models.vision import tower, trained_grid
from core.requests import PositionsRequest, ShiftedTextRequest, TextRequest
from core.store.families import FAMILIES
from core.store.opening import Opened, open_model
from core.store.shelf import SHELF
from core.tokens import cleaned
from core.types import Prediction, Refused, Token

MOST_SHIFTED = 64  # tokens of a sentence that is run twice and drawn
#: How tables of positions are called, in the order in which families are tried.
NAMES = ("position_embeddings", "position_embedding", "embed_positions", "wpe")
COUNTED_BY_PADDING = ("roberta", "xlm-roberta", "camembert")  # their positions begin behind the padding's
TURNING = ("rope_parameters", "rope_theta", "rope_scaling", "rotary_dim", "rotary")


@dataclass(frozen=True, slots=True, eq=False)
class ModelPositions:
    """How one model tells positions apart; arrays are read-only."""

    model: str
    kind: Literal["learned", "fixed", "grid", "relative"]
    table: np.ndarray  # [position, d]; a grid's patches row by row; relative: bias [bucket, head]
    words: float = 1.0  # root mean square of the model's own word vectors, as added to the positions
    grid: tuple[int, int] = (0, 0)  # rows and columns of patches
    before: int = 0  # rows that stand before the grid, such as [CLS]: not in the table
    most: int = 128  # relative: from this distance on all share a bucket


@dataclass(frozen=True, slots=True, eq=False)
class Shifted:
    """One sentence read at positions 0, 1, ... and again at k, k + 1, ..., by the same model."""

    model: str
    tokens: tuple[Token, ...]
    before: np.ndarray  # [layer, head, query, key], rows sum to 1
    after: np.ndarray
    said: tuple[tuple[Prediction, ...], tuple[Prediction, ...]]  # predictions before and after
    output: tuple[str, str]  # what an encoder-decoder writes before and after


def positions_of(request: PositionsRequest) -> ModelPositions:
    """The positions of a model, by its name; Refused where it has no table to show, with what it has instead."""
    opened = open_model(request.model)
    with torch.inference_mode():
        known = _relative(opened) or _table(opened)
    if known is None:
        config = opened.model.config
        parts = (config, opened.text_config)
        turns = any(getattr(one, name, None) for one in parts for name in TURNING)
        how = ": it turns queries and keys (RoPE)" if turns else " that Gaze finds"
        raise Refused(f"{opened.card.title} has no table of positions{how}. Choose another model for tables.")
    known.table.flags.writeable = False
    return known


def _relative(opened: Opened) -> ModelPositions | None:
    """T5's bias, kept in the first layer of its encoder."""
    for part, module in opened.model.named_modules():
        if part.endswith("relative_attention_bias") and "decoder" not in part:
            most = getattr(opened.model.config, "relative_attention_max_distance", 128)
            return ModelPositions(opened.card.name, "relative", _array(module.weight), most=most)
    return None


def _table(opened: Opened) -> ModelPositions | None:
    """A table that is added to what is read: the first of an encoder, or of a decoder alone."""
    config = opened.model.config
    pictures = "see patches" in opened.family
    model = tower(opened) if pictures else opened.model
    for part, found in [*model.named_modules(), *model.named_parameters()]:
        weight = getattr(found, "weight", found)
        if part.rsplit(".", 1)[-1] not in NAMES or not isinstance(weight, torch.Tensor):
            continue
        table = _array(weight).reshape(-1, weight.shape[-1])
        if pictures or hasattr(config, "patch_size"):
            return _grid(opened, table)
        start = getattr(found, "offset", None) or 0
        if getattr(config, "model_type", "") in COUNTED_BY_PADDING:
            start = (config.pad_token_id or 0) + 1
        fixed = "Sinusoidal" in type(found).__name__ or bool(getattr(config, "sinusoidal_pos_embds", False))
        embeddings: Any = opened.model.get_input_embeddings()
        words = _array(getattr(embeddings, "weight", embeddings))
        size = float(np.sqrt((words**2).mean()))
        if getattr(config, "scale_embedding", False):
            size *= table.shape[1] ** 0.5
        return ModelPositions(opened.card.name, "fixed" if fixed else "learned", table[start:], words=size)
    return None


def _grid(opened: Opened, table: np.ndarray) -> ModelPositions:
    """A vision model's table without what stands before its patches."""
    *grid, before = trained_grid(opened, len(table))
    words = float(np.sqrt((table**2).mean()))
    return ModelPositions(opened.card.name, "grid", table[before:], words=words, grid=(grid[0], grid[1]), before=before)


def _array(weight: torch.Tensor) -> np.ndarray:
    return weight.detach().float().cpu().numpy().copy()


def with_tables() -> tuple[str, ...]:
    """Names of shelf models that read text and are built in, those with learned tables first."""
    built = [name for name, card in SHELF.items() if card.provenance == "built in"]
    readers = [FAMILIES[SHELF[name].family] for name in built]
    texts = [(family, name) for family, name in zip(readers, built, strict=True) if "language model" in family]
    order = sorted(texts, key=lambda pair: ("two stacks" in pair[0], "continue" in pair[0]))
    return tuple(name for _, name in order)


def shifted(request: ShiftedTextRequest) -> Shifted:
    """The sentence read where it stands, and again behind k tokens that nobody may look at.

    An encoder-decoder's encoder is shown. Refused: too long, empty, or past the model's last position.
    """
    k = request.k
    if k < 0:
        raise Refused(f"A shift of {k}: choose 0 or more.")
    opened = open_model(request.model)
    if "language model" not in opened.family:
        raise Refused(f"{opened.card.title} reads no text. Choose a text model.")
    text = cleaned(request.text)
    if "two stacks" in opened.family:
        text = addressed(text, "", opened)
    encoded, tokens = tokenized(opened, text, "")
    if not tokens or len(tokens) > MOST_SHIFTED:
        raise Refused(f"Your sentence has {len(tokens)} tokens; this picture shows 1 to {MOST_SHIFTED}. Change it.")
    most = _most(opened)
    if k + len(tokens) > most:
        raise Refused(
            f"Shifted by {k}, your last token would stand at position {k + len(tokens) - 1}; {opened.card.title} has "
            f"positions 0 to {most - 1}. Shift by {most - len(tokens)} at most."
        )
    with torch.inference_mode():
        sides = [_read(opened, encoded["input_ids"], tokens, at) for at in (0, k)]
    (before, said, wrote), (after, said_after, wrote_after) = sides
    return Shifted(opened.card.name, tokens, before, after, (said, said_after), (wrote, wrote_after))


def _most(opened: Opened) -> int:
    """Positions that a model has, or can be run with here."""
    try:
        known = ask(PositionsRequest(opened.card.name))
    except Refused:
        return MOST_TOKENS
    return len(known.table) if known.kind in ("learned", "fixed") else MOST_TOKENS


def _read(opened: Opened, ids: list[int], tokens: tuple[Token, ...], k: int) -> tuple:
    """(maps [layer, head, query, key], predictions, what is written) of ids that begin at position k."""
    padding = opened.tokenizer.pad_token_id
    filled = [padding if padding is not None else 0] * k + list(ids)
    device = opened.model.device
    inputs = {
        "input_ids": torch.tensor([filled], device=device),
        "attention_mask": torch.tensor([[0] * k + [1] * len(ids)], device=device),
    }
    model = opened.reader
    more = {}
    if getattr(opened.model.config, "model_type", "") in COUNTED_BY_PADDING:  # else padding would not move anything
        first = (opened.model.config.pad_token_id or 0) + 1
        more["position_ids"] = torch.arange(first, first + len(filled), device=device)[None]
    inputs = {name: one for name, one in inputs.items() if takes(model, name)}
    with recording() as maps, called(model):
        out = model(**inputs, **more)
    kind = opened.family.self_attention
    length = len(filled)
    weights = stacked([m for m in maps if m.kind == kind], length, length)[:, :, k:, k - length :]  # without a sink
    if "two stacks" in opened.family:
        ids = written(opened, inputs, TextRequest(opened.card.name, "")) if opened.model.can_generate() else []
        return weights, (), opened.tokenizer.decode(ids, skip_special_tokens=True)
    return weights, _said(opened, tokens, getattr(out, "logits", None), k), ""


def _said(opened: Opened, tokens: tuple[Token, ...], logits: torch.Tensor | None, k: int) -> tuple[Prediction, ...]:
    """What a decoder expects next, or an encoder in place of its masks."""
    if logits is None or not predicts_words(opened):
        return ()
    if "continue" in opened.family:
        return (prediction(opened.tokenizer, logits[0, -1], "next token", len(tokens) - 1),)
    mask = opened.tokenizer.mask_token_id
    places = [i for i, token in enumerate(tokens) if mask is not None and token.id == mask]
    return tuple(prediction(opened.tokenizer, logits[0, k + i], "in place of the mask", i) for i in places)
