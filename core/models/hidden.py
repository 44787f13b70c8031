"""Hidden states of many texts at once: batched by length, one text's states handed over at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from transformers.utils.output_capturing import maybe_install_capturing_hooks

from core.models.sharing import with_part

CELLS = 4_000  # tokens in a batch, padding counted
#: Where models keep their layers whose hidden states need no norm after the last one: what lies above can be left out.
LAYERS_OF = {
    "bert": "encoder",
    "roberta": "encoder",
    "xlm-roberta": "encoder",
    "electra": "encoder",
    "distilbert": "transformer",
}


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """What a model made of one text."""

    index: int  # which of the texts
    values: np.ndarray  # [layer + 1, piece, width], special tokens left out; layer 0 is the input embedding
    words: tuple[int, ...]  # for every piece the word it belongs to, where words were given; else its own place
    ids: tuple[int, ...]  # the pieces


def hidden_states(
    model: torch.nn.Module,
    tokenizer,
    texts: Sequence[str] | Sequence[Sequence[str]],
    layers: Sequence[int] | None = None,
    cells: int = CELLS,
    hidden: Sequence[Set[int]] | None = None,
) -> Iterator[States]:
    """States of every text, shortest texts first: `index` says which one it is. One that comes again is read once.

    texts: sentences, or sentences split into words. Texts beyond what the model reads are cut. layers: those to keep,
    all without it; what lies above them is not run. hidden: for every text the pieces in whose place the model reads a
    mask. A text of which the tokenizer makes no piece has values of shape [layers, 0, width].
    """
    alike: dict[tuple, list[int]] = {}
    for place, text in enumerate(texts):
        key = (text if isinstance(text, str) else tuple(text), frozenset(hidden[place]) if hidden else None)
        alike.setdefault(key, []).append(place)
    places = list(alike.values())
    firsts = [some[0] for some in places]
    masks = [hidden[i] for i in firsts] if hidden else None
    for states in _distinct_states(model, tokenizer, [texts[i] for i in firsts], layers, cells, masks):
        for place in places[states.index]:
            yield replace(states, index=place)


def _distinct_states(model, tokenizer, texts, layers, cells: int, hidden) -> Iterator[States]:
    split = bool(texts) and not isinstance(texts[0], str)
    most = min(tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", 512) - 2)
    encoded = tokenizer(
        [list(t) if split else t for t in texts], is_split_into_words=split, truncation=True, max_length=most
    )
    base = model.base_model if not layers else lower_part(model.base_model, max(1, *layers))
    order = sorted(range(len(texts)), key=lambda i: len(encoded["input_ids"][i]))
    start = 0
    while start < len(order) and not encoded["input_ids"][order[start]]:  # nothing to read: no model takes that
        kept = model.config.num_hidden_layers + 1 if layers is None else len(layers)
        yield States(order[start], np.zeros((kept, 0, model.config.hidden_size), np.float32), (), ())
        start += 1
    while start < len(order):
        stop = start + 1
        while stop < len(order) and len(encoded["input_ids"][order[stop]]) * (stop + 1 - start) <= cells:
            stop += 1
        yield from _batch(base, tokenizer, encoded, order[start:stop], layers, split=split, hidden=hidden)
        start = stop


def lower_part(base: Any, count: int) -> Any:
    """The model with its first `count` layers, weights shared; the model itself where that would not be the same."""
    name = LAYERS_OF.get(base.config.model_type)
    stack = getattr(base, name, None) if name else None
    if stack is None or not 0 < count < len(stack.layer):
        return base
    maybe_install_capturing_hooks(base)  # once, on the whole: the part has the same layers, and so the same hooks
    return with_part(base, f"{name}.layer", stack.layer[:count])


def _batch(base, tokenizer, encoded, rows: list[int], layers, hidden, *, split: bool) -> Iterator[States]:
    where = next(base.parameters()).device
    special = set(tokenizer.all_special_ids)
    mask = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
    read = [[mask if hidden and one in hidden[i] else one for one in encoded["input_ids"][i]] for i in rows]
    batch = tokenizer.pad({"input_ids": read}, return_tensors="pt").to(where)
    with torch.inference_mode():
        out = base(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True
        ).hidden_states
    kept = torch.stack([out[i] for i in (range(len(out)) if layers is None else layers)]).float().cpu().numpy()
    for place, row in enumerate(rows):
        ids = encoded["input_ids"][row]
        pieces = [i for i, one in enumerate(ids) if one not in special or one == tokenizer.unk_token_id]
        words = encoded.word_ids(row)
        yield States(
            index=row,
            values=kept[:, place, pieces],
            words=tuple(words[i] for i in pieces) if split else tuple(range(len(pieces))),
            ids=tuple(ids[i] for i in pieces),
        )


def means(model: torch.nn.Module, tokenizer, texts: Sequence[str]) -> np.ndarray:
    """Sentence vectors [layer + 1, text, width]: the mean over a text's pieces; zero where there is none."""
    found: dict[int, np.ndarray] = {}
    for states in hidden_states(model, tokenizer, texts):
        found[states.index] = states.values.sum(axis=1) / max(1, len(states.ids))
    return np.stack([found[index] for index in range(len(texts))], axis=1)


def similarities(source: States, target: States) -> np.ndarray:
    """Cosines [layer, source piece, target piece] of two texts' pieces."""
    a, b = (s.values / np.maximum(np.linalg.norm(s.values, axis=-1, keepdims=True), 1e-9) for s in (source, target))
    return a @ b.transpose(0, 2, 1)
