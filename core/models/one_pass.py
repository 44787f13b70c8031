"""A text as one pass of a language model over it, whatever its family: inputs, places, and what is guessed at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch

from core.models.calling import called
from core.models.reading import inputs_of, start_of, target_tokens, tokenized
from core.models.text import readable, source_of, target_of, unkept
from core.models.writing import writer
from core.requests import TextRequest
from core.store.opening import Opened, open_model
from core.types import Refused, Token

Guess = Literal["next token", "this token", "target token"]


@dataclass(frozen=True, slots=True, eq=False)
class OnePass:
    """What a model is given; the family told by what it guesses."""

    opened: Opened  # with a tokenizer that is told the languages
    tokens: tuple[Token, ...]  # at each place, as the layers read it
    says: Guess
    inputs: dict[str, torch.Tensor]  # a batch of one, on the model's device
    target: tuple[int, ...] = ()  # ids that an encoder-decoder is to write

    def batch(self, size: int) -> dict[str, torch.Tensor]:
        """The inputs so many times over."""
        return {name: one.expand(size, *one.shape[1:]) for name, one in self.inputs.items()}

    def run(self, size: int = 1, model: Any = None, **more: Any) -> Any:
        """The output for a batch of equal texts, by the model or by another that is made from it."""
        model = self.opened.model if model is None else model
        with torch.inference_mode(), called(self.opened.model):
            return model(**self.batch(size), **unkept(self.opened.model), **more)


def pass_over(request: TextRequest) -> OnePass:
    """How the model of a request is run over its text. Refused: it reads no text, or reads with a recurrent network."""
    opened = open_model(request.model)
    if "language model" not in opened.family:
        raise Refused(f"{opened.card.title} is no transformer of texts. Choose an encoder, a decoder or a translator.")
    if "continue" in opened.family:
        opened, ids, tokens = writer(request)
        return OnePass(opened, tokens, "next token", {"input_ids": torch.tensor([ids], device=opened.model.device)})
    text = readable(request, request.text)
    if "two stacks" not in opened.family:
        pair = readable(request, request.pair) if request.pair.strip() else ""
        encoded, tokens = tokenized(opened, text, pair)
        return OnePass(opened, tokens, "this token", inputs_of(encoded, opened, pair))
    source = source_of(request, opened, text)
    opened = source.opened
    start, target = target_of(request, source)
    if not target:
        raise Refused("The model wrote nothing for this text. Type another sentence, or a target of your own.")
    shifted = torch.tensor([[start, *target[:-1]]], device=opened.model.device)
    tokens = target_tokens(opened, [start_of(opened), *target[:-1]])
    inputs = source.inputs | {"decoder_input_ids": shifted}
    return OnePass(opened, tokens, "target token", inputs, tuple(target))
