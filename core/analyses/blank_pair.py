"""What enters a masked language model: the vectors that are added up, and whether one text follows another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.analyses.blank import MOST_PIECES, filler
from core.models.reading import tokenized
from core.requests import InputsRequest, NextSentenceRequest
from core.store.opening import locate, open_model
from core.store.revisions import kept
from core.tokens import cleaned
from core.types import Refused, Token


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What is added up before the first layer, for each token."""

    tokens: tuple[Token, ...]
    positions: tuple[int, ...]
    token: np.ndarray  # [token, width]
    position: np.ndarray | None  # None: the model has none
    segment: np.ndarray | None
    kinds: int  # how many segments the model tells apart


def next_sentence(request: NextSentenceRequest) -> float | None:
    """Probability that the second text follows the first, by the head trained for it; None: the model has none."""
    opened = filler(request.model)
    head = _pair_head(request.model)
    if head is None:
        return None
    encoded, _ = tokenized(opened, cleaned(request.first), cleaned(request.second))
    device = opened.model.device
    names = ("input_ids", "attention_mask", "token_type_ids")
    given = {name: torch.tensor([encoded[name]], device=device) for name in names if name in encoded}
    with torch.inference_mode():
        states = opened.model.base_model(**given).last_hidden_state[0, 0].float().cpu()
        pooled = torch.tanh(head["pooler.dense.weight"] @ states + head["pooler.dense.bias"])
        scores = head["seq_relationship.weight"] @ pooled + head["seq_relationship.bias"]
    return float(torch.softmax(scores, dim=-1)[0])


@kept
def _pair_head(name: str) -> dict[str, torch.Tensor] | None:
    """The weights of the pooler and of the next-sentence head: the model that fills blanks is opened without them."""
    from safetensors import safe_open

    wanted = {f"{part}.{kind}" for part in ("pooler.dense", "seq_relationship") for kind in ("weight", "bias")}
    found = {}
    for path in sorted(locate(open_model(name).card).glob("*.safetensors")):
        with safe_open(str(path), framework="pt") as file:
            for key in file.keys():  # noqa: SIM118 - it is no dictionary
                short = next((one for one in wanted if key.endswith(one)), None)
                if short:
                    found[short] = file.get_tensor(key).float()
    return found if set(found) == wanted else None


def inputs(request: InputsRequest) -> Inputs:
    """Token, position and segment vectors of a text or a pair, before they are added and normed."""
    opened = filler(request.model)
    pair = cleaned(request.second) if request.second.strip() else ""
    encoded, tokens = tokenized(opened, cleaned(request.first), pair)
    table: Any = getattr(opened.model.base_model, "embeddings", None)
    added = [getattr(table, name, None) for name in ("position_embeddings", "token_type_embeddings")]
    plain = all(one is None or isinstance(one, torch.nn.Embedding) for one in added)
    if not hasattr(table, "word_embeddings") or not plain:
        raise Refused(f"{opened.card.title} does not add token, position and segment. Choose BERT or XLM-R.")
    ids = encoded["input_ids"]
    if len(ids) > MOST_PIECES:
        raise Refused(f"Your texts have {len(ids)} pieces; up to {MOST_PIECES} fit on this page. Shorten them.")
    # RoBERTa's positions begin behind the one that stands for padding.
    begin = table.padding_idx + 1 if opened.model.config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    positions = tuple(range(begin, begin + len(ids)))
    kinds = getattr(table, "token_type_embeddings", None)
    segments = encoded["token_type_ids"] if "token_type_ids" in encoded else [0] * len(ids)

    def rows(layer: torch.nn.Embedding, which: Sequence[int]) -> np.ndarray:
        return layer.weight[list(which)].detach().float().cpu().numpy()

    def rows_if_any(layer: torch.nn.Embedding | None, which: Sequence[int]) -> np.ndarray | None:
        return None if layer is None else rows(layer, which)

    return Inputs(
        tokens=tokens,
        positions=positions,
        token=rows(table.word_embeddings, ids),
        position=rows_if_any(getattr(table, "position_embeddings", None), positions),
        segment=rows_if_any(kinds, segments),
        kinds=0 if kinds is None else kinds.num_embeddings,
    )
