"""How a decoder is asked to write on: what it reads, its logits at every place, and its steps with what it keeps."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from transformers import DynamicCache

from core.capture.recording import recording
from core.models.calling import called, takes
from core.models.predicting import predicts_words
from core.models.reading import begun
from core.models.text import readable, unkept
from core.requests import TextRequest
from core.store.opening import Opened, open_model
from core.types import Refused, Token

#: Masks under which a token's keys and values stay what they are when more tokens follow.
LOOKING_BACK = ("model", "causal")


def writer(request: TextRequest) -> tuple[Opened, list[int], tuple[Token, ...]]:
    """(the model, the ids it has read, their tokens). Refused for a model that cannot write on."""
    opened = open_model(request.model)
    if "continue" not in opened.family:
        raise Refused(
            f"{opened.card.title} does not write on: it was not trained to guess the next token. Choose a decoder, "
            "such as mini-gpt."
        )
    if not predicts_words(opened):
        raise Refused(
            f"{opened.card.title} gives no pieces of text: its checkpoint has no language head. Choose another decoder."
        )
    encoded, tokens = begun(request, opened, readable(request, request.text))
    if not tokens:
        raise Refused("The tokenizer made no piece of this text. Type some letters.")
    return opened, encoded["input_ids"], tokens


def edited(request: TextRequest) -> AbstractContextManager[Any]:
    """What runs inside it runs under the request's edit."""
    return recording(layers=(), edit=request.edit) if request.edit else nullcontext()


def logits_everywhere(request: TextRequest, opened: Opened, ids: list[int]) -> torch.Tensor:
    """Logits [place, piece] of one pass over all ids, with nothing kept."""
    with torch.inference_mode(), edited(request), called(opened.model):
        out = opened.model(input_ids=torch.tensor([ids], device=opened.model.device), **unkept(opened.model))
    return out.logits[0].float()


class Steps:
    """A decoder at work: each call reads some more ids and gives the logits [piece] behind the last.

    Keys and values are kept between calls where that changes nothing: not where the edit lets tokens look ahead, nor
    in a model that keeps other things. Then all ids are read again.
    """

    def __init__(self, request: TextRequest, opened: Opened) -> None:
        self._request, self._opened = request, opened
        looks_back = request.edit is None or request.edit.mask in LOOKING_BACK
        keeps = looks_back and takes(opened.model, "past_key_values") and takes(opened.model, "use_cache")
        self.cache = DynamicCache(config=opened.model.config) if keeps else None
        self.ids: list[int] = []

    def __call__(self, more: list[int]) -> torch.Tensor:
        self.ids += more
        model = self._opened.model
        kept = unkept(model) if self.cache is None else {"past_key_values": self.cache, "use_cache": True}
        last = {"logits_to_keep": 1} if takes(model, "logits_to_keep") else {}
        read = torch.tensor([self.ids if self.cache is None else more], device=model.device)
        with torch.inference_mode(), edited(self._request), called(model):
            out = model(input_ids=read, **kept, **last)
        return out.logits[0, -1].float()

    @property
    def bytes(self) -> int:
        """Bytes of the keys and values that are kept."""
        return sum(part.nbytes for layer in self.layers for part in layer)

    @property
    def layers(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Keys and values [1, head, token, width] of the layers that have some."""
        found: list[Any] = self.cache.layers if self.cache is not None else []
        return [
            (one.keys, one.values) for one in found if getattr(one, "keys", None) is not None and one.keys.ndim == 4
        ]


def ends_of(opened: Opened) -> set[int]:
    """The pieces with which a model ends what it writes."""
    said = [getattr(opened.model, "generation_config", None), opened.model.config]
    found = {opened.tokenizer.eos_token_id}
    for one in said:
        ends = getattr(one, "eos_token_id", None)
        found |= set(ends) if isinstance(ends, list) else {ends}
    return {one for one in found if isinstance(one, int)}
