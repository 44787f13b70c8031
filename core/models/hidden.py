"""Hidden states of many texts at once, those of one length together; one text's states are handed over at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from transformers.utils.output_capturing import maybe_install_capturing_hooks

from core.models.calling import called, takes
from core.models.reading import positions_in
from core.models.sharing import with_part
from core.tokens import SplitText, names_of, owners, placed, shown, special_ids, style_of
from core.types import Refused

CELLS = 4_000  # tokens in a batch
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
    texts: Sequence[str] | Sequence[SplitText],
    layers: Sequence[int] | None = None,
    cells: int = CELLS,
    hidden: Sequence[Set[int]] | None = None,
) -> Iterator[States]:
    """States of every text, shortest texts first: `index` says which one it is. One that comes again is read once.

    texts: sentences, or sentences with their words: the model reads the sentence alike. Texts beyond what the model
    reads are cut. layers: those to keep, all without it; what lies above them is not run. hidden: for every text the
    pieces in whose place the model reads a mask. A text of which the tokenizer makes no piece has values of shape
    [layers, 0, width].
    """
    alike: dict[tuple, list[int]] = {}
    for place, text in enumerate(texts):
        key = (text, frozenset(hidden[place]) if hidden else None)
        alike.setdefault(key, []).append(place)
    places = list(alike.values())
    firsts = [some[0] for some in places]
    masks = [hidden[i] for i in firsts] if hidden else None
    for states in _distinct_states(model, tokenizer, [texts[i] for i in firsts], layers, cells, masks):
        for place in places[states.index]:
            yield replace(states, index=place)


def _distinct_states(model, tokenizer, texts, layers, cells: int, hidden) -> Iterator[States]:
    whole: Any = getattr(model, "base_model", model)
    config = getattr(model, "config", None)
    if config is None:
        raise Refused(f"{type(model).__name__} does not say how many layers it has. Choose another model.")
    config = config.get_text_config()
    most = min(tokenizer.model_max_length, positions_in(config))
    plain = [one if isinstance(one, str) else one.text for one in texts]
    encoded = tokenizer(plain, truncation=True, max_length=most, return_offsets_mapping=tokenizer.is_fast)
    base = whole if not layers else lower_part(whole, max(1, *layers))
    order = sorted(range(len(texts)), key=lambda i: len(encoded["input_ids"][i]))
    start = 0
    while start < len(order) and not encoded["input_ids"][order[start]]:  # nothing to read: no model takes that
        kept = config.num_hidden_layers + 1 if layers is None else len(layers)
        yield States(order[start], np.zeros((kept, 0, config.hidden_size), np.float32), (), ())
        start += 1
    # No text is padded: what a model makes of it may then depend on its company (FNet mixes padding in) or on the side
    # that is padded.
    while start < len(order):
        stop, length = start + 1, len(encoded["input_ids"][order[start]])
        while (
            stop < len(order)
            and len(encoded["input_ids"][order[stop]]) == length
            and length * (stop + 1 - start) <= cells
        ):
            stop += 1
        yield from _batch(base, tokenizer, encoded, order[start:stop], layers, hidden, texts)
        start = stop


def lower_part(base: Any, count: int) -> Any:
    """The model with its first `count` layers, weights shared; the model itself where that would not be the same."""
    name = LAYERS_OF.get(base.config.model_type)
    stack = getattr(base, name, None) if name else None
    if stack is None or not 0 < count < len(stack.layer):
        return base
    maybe_install_capturing_hooks(base)  # once, on the whole: the part has the same layers, and so the same hooks
    return with_part(base, f"{name}.layer", stack.layer[:count])


def _batch(base, tokenizer, encoded, rows: list[int], layers, hidden, texts) -> Iterator[States]:
    where = next(base.parameters()).device
    special = special_ids(tokenizer)
    mask = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
    read = [[mask if hidden and one in hidden[i] else one for one in encoded["input_ids"][i]] for i in rows]
    ids = torch.tensor(read, device=where)
    with torch.inference_mode(), called(base):
        seen = {"attention_mask": torch.ones_like(ids)} if takes(base, "attention_mask") else {}
        out = base(input_ids=ids, **seen, output_hidden_states=True).hidden_states
    _check(base, out, ids, layers)
    kept = torch.stack([out[i] for i in (range(len(out)) if layers is None else layers)]).float().cpu().numpy()
    for place, row in enumerate(rows):
        ids = encoded["input_ids"][row]
        pieces = [i for i, one in enumerate(ids) if one not in special]
        yield States(
            index=row,
            values=kept[:, place, pieces],
            words=tuple(_words(tokenizer, encoded, row, pieces, texts[row])),
            ids=tuple(ids[i] for i in pieces),
        )


def _words(tokenizer, encoded, row: int, pieces: list[int], text: str | SplitText) -> Sequence[int]:
    """For every piece its word, where the words are known."""
    if isinstance(text, str):
        return range(len(pieces))
    if "offset_mapping" in encoded:
        return owners(text.owner, [encoded["offset_mapping"][row][i] for i in pieces])
    names = names_of(tokenizer, [encoded["input_ids"][row][i] for i in pieces])
    return placed([shown(name, style_of(tokenizer)) for name in names], text.words)


def _check(base: Any, out: Any, ids: torch.Tensor, layers: Sequence[int] | None) -> None:
    """Refused unless a model hands out a vector for each piece at every layer that is wanted."""
    name = type(base).__name__
    if not out or max(layers or (0,)) >= len(out):
        raise Refused(f"{name} hands out {len(out or ())} layers of hidden states, too few here. Choose another model.")
    wrong = next((one for one in out if one.shape[:2] != ids.shape), None)
    if wrong is not None:
        raise Refused(
            f"{name} hands out hidden states of shape {tuple(wrong.shape)} for {ids.shape[1]} pieces: there is no "
            "vector for each piece. Choose another model."
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
