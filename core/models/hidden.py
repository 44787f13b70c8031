"""Hidden states of many texts at once, those of one length together; one text's states are handed over at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from transformers.utils.output_capturing import maybe_install_capturing_hooks

from core.device import at_once
from core.models.calling import called, takes
from core.models.reading import positions_in
from core.models.sharing import with_part
from core.tokens import SplitText, names_of, owners, placed, shown, special_ids, style_of
from core.types import Refused

CELLS = 4_000  # tokens in a batch on a CPU
#: (index of a text, its pieces) -> of which of the pieces each of its points is the mean.
Groups = Callable[[int, tuple[int, ...]], list[list[int]]]
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
    #: [layer + 1, piece, width], special tokens left out; layer 0 is the input embedding. With groups [.., group, ..].
    values: np.ndarray
    words: tuple[int, ...]  # for every piece the word it belongs to, where words were given; else its own place
    ids: tuple[int, ...]  # the pieces


def hidden_states(
    model: torch.nn.Module,
    tokenizer,
    texts: Sequence[str] | Sequence[SplitText],
    layers: Sequence[int] | None = None,
    cells: int = CELLS,
    hidden: Sequence[Set[int]] | None = None,
    groups: Groups | None = None,
) -> Iterator[States]:
    """States of every text, shortest texts first: `index` says which one it is. One that comes again is read once.

    texts: sentences, or sentences with their words: the model reads the sentence alike. Texts beyond what the model
    reads are cut. layers: those to keep, all without it; what lies above them is not run. hidden: for every text the
    pieces in whose place the model reads a mask. groups: means over these are made on the model's device, and nothing
    else comes from there. A text of which the tokenizer makes no piece has values of shape [layers, 0, width].
    """
    alike: dict[tuple, list[int]] = {}
    for place, text in enumerate(texts):
        key = (text, frozenset(hidden[place]) if hidden else None)
        alike.setdefault(key, []).append(place)
    places = list(alike.values())
    firsts = [some[0] for some in places]
    masks = [hidden[i] for i in firsts] if hidden else None
    some = None if groups is None else lambda index, ids: groups(firsts[index], ids)
    for states in _distinct_states(model, tokenizer, [texts[i] for i in firsts], layers, cells, masks, some):
        for place in places[states.index]:
            yield replace(states, index=place)


def _distinct_states(model, tokenizer, texts, layers, cells: int, hidden, groups: Groups | None) -> Iterator[States]:
    whole: Any = getattr(model, "base_model", model)
    config = getattr(model, "config", None)
    if not texts:
        return
    if config is None:
        raise Refused(f"{type(model).__name__} does not say how many layers it has. Choose another model.")
    config = config.get_text_config()
    most = min(tokenizer.model_max_length, positions_in(config))
    plain = [one if isinstance(one, str) else one.text for one in texts]
    encoded = tokenizer(plain, truncation=True, max_length=most, return_offsets_mapping=tokenizer.is_fast)
    base = whole if not layers else lower_part(whole, max(1, *layers))
    cells = at_once(cells, str(next(base.parameters()).device))
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
        yield from _batch(base, tokenizer, encoded, order[start:stop], layers, hidden, texts, groups)
        start = stop


def lower_part(base: Any, count: int) -> Any:
    """The model with its first `count` layers, weights shared; the model itself where that would not be the same."""
    name = LAYERS_OF.get(base.config.model_type)
    stack = getattr(base, name, None) if name else None
    if stack is None or not 0 < count < len(stack.layer):
        return base
    maybe_install_capturing_hooks(base)  # once, on the whole: the part has the same layers, and so the same hooks
    return with_part(base, f"{name}.layer", stack.layer[:count])


def _batch(base, tokenizer, encoded, rows: list[int], layers, hidden, texts, groups) -> Iterator[States]:
    where = next(base.parameters()).device
    special = special_ids(tokenizer)
    mask = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
    read = [[mask if hidden and one in hidden[i] else one for one in encoded["input_ids"][i]] for i in rows]
    ids = torch.tensor(read, device=where)
    with torch.inference_mode(), called(base):
        seen = {"attention_mask": torch.ones_like(ids)} if takes(base, "attention_mask") else {}
        out = base(input_ids=ids, **seen, output_hidden_states=True).hidden_states
    _check(base, out, ids, layers)
    given = [encoded["input_ids"][row] for row in rows]
    pieces = [[i for i, one in enumerate(own) if one not in special] for own in given]
    names = [tuple(own[i] for i in some) for own, some in zip(given, pieces, strict=True)]
    chosen = [out[i] for i in (range(len(out)) if layers is None else layers)]
    if groups is None:
        kept = torch.stack(chosen).float().cpu().numpy()
        values = [kept[:, place, some] for place, some in enumerate(pieces)]
    else:
        named = zip(rows, names, pieces, strict=True)
        values = _means(chosen, [[[some[i] for i in one] for one in groups(row, own)] for row, own, some in named])
    for row, own, some, each in zip(rows, names, pieces, values, strict=True):
        yield States(row, each, tuple(_words(tokenizer, encoded, row, some, texts[row])), own)


def _means(layers: list[torch.Tensor], groups: list[list[list[int]]]) -> list[np.ndarray]:
    """Means [layer, group, width] over the tokens of each group of each text, made where the states lie.

    layers: each [text, token, width]; groups [text][group]: places of its tokens.
    """
    length, where = layers[0].shape[1], layers[0].device
    every = [[text * length + i for i in one] for text, some in enumerate(groups) for one in some]
    sizes = torch.tensor([len(one) for one in every], dtype=torch.float32, device=where)
    place = torch.tensor([i for one in every for i in one], device=where, dtype=torch.long)
    owner = torch.repeat_interleave(torch.arange(len(every), device=where), sizes.long(), output_size=len(place))
    found = []
    for layer in layers:
        states = layer.flatten(0, 1)[place].float()
        found.append(states.new_zeros(len(every), layer.shape[-1]).index_add_(0, owner, states) / sizes[:, None])
    return np.split(torch.stack(found).cpu().numpy(), np.cumsum([len(some) for some in groups])[:-1], axis=1)


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


def whole(_: int, ids: tuple[int, ...]) -> list[list[int]]:
    """One group: all pieces of a text that has any."""
    return [list(range(len(ids)))] if ids else []


def means(model: torch.nn.Module, tokenizer, texts: Sequence[str]) -> np.ndarray:
    """Sentence vectors [layer + 1, text, width]: the mean over a text's pieces; zero where there is none."""
    found: dict[int, np.ndarray] = {}
    for states in hidden_states(model, tokenizer, texts, groups=whole):
        found[states.index] = states.values.sum(axis=1)  # of one group, or none
    return np.stack([found[index] for index in range(len(texts))], axis=1)


def similarities(source: States, target: States) -> np.ndarray:
    """Cosines [layer, source piece, target piece] of two texts' pieces."""
    a, b = (s.values / np.maximum(np.linalg.norm(s.values, axis=-1, keepdims=True), 1e-9) for s in (source, target))
    return a @ b.transpose(0, 2, 1)
