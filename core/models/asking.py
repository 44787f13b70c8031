"""How any model that writes is asked for the next piece of several beginnings at once, whatever its family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from core.capture.recording import recorded, recording
from core.models.calling import called
from core.models.reading import addressed, inputs_of, start_of, target_tokens, tokenized
from core.models.text import readable, source_of, unkept
from core.models.writing import edited, ends_of, writer
from core.requests import TextRequest
from core.store.opening import Opened, open_model
from core.store.recurrent import check_edit
from core.types import Refused, Token


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A model that has read a text and is about to write."""

    opened: Opened
    request: TextRequest
    source: tuple[Token, ...]  # what it read
    #: ids of beginnings of one length -> logits [beginning, piece] of the piece behind each
    logits: Callable[[list[tuple[int, ...]]], torch.Tensor]
    #: ids -> weights [layer, head, target token, source token]; None for a decoder, which has no source
    attention: Callable[[Sequence[int]], np.ndarray | None]
    forced: tuple[int, ...] = ()  # pieces with which everything that it writes begins
    suppressed: tuple[int, ...] = field(default=())  # pieces that it never writes

    @property
    def tokenizer(self) -> Any:
        return self.opened.tokenizer

    @property
    def ends(self) -> set[int]:
        return ends_of(self.opened)

    def expect(self, beginnings: list[tuple[int, ...]]) -> np.ndarray:
        """Logarithms of shares [beginning, piece], as float32 rounds them; -inf for what is never written."""
        with torch.inference_mode(), called(self.opened.model):
            logs = torch.log_softmax(self.logits(beginnings).float(), dim=-1).cpu().numpy()
        logs[:, list(self.suppressed)] = -np.inf
        return logs

    def tokens_of(self, ids: Sequence[int]) -> tuple[Token, ...]:
        return target_tokens(self.opened, list(ids))

    def running(self) -> AbstractContextManager[Any]:
        """Inside it the model runs under the request's edit."""
        return nullcontext() if self.opened.card.family == "recurrent" else edited(self.request)


def asked(request: TextRequest) -> Asked:
    """A model ready to write behind a request's text. Refused for one that writes nothing."""
    opened = open_model(request.model)
    if "continue" in opened.family:
        return _decoder(request)
    if opened.card.family == "recurrent":
        return _recurrent(request, opened)
    if "write a target" not in opened.family or not opened.model.can_generate():
        raise Refused(f"{opened.card.title} writes no text. Choose a translator or a decoder.")
    return _translator(request, opened)


def _decoder(request: TextRequest) -> Asked:
    opened, ids, tokens = writer(request)

    def logits(beginnings: list[tuple[int, ...]]) -> torch.Tensor:
        read = torch.tensor([[*ids, *one] for one in beginnings], device=opened.model.device)
        return opened.model(input_ids=read, **unkept(opened.model)).logits[:, -1]

    return Asked(opened, request, tokens, logits, lambda _: None)


def _translator(request: TextRequest, opened: Opened) -> Asked:
    source = source_of(request, opened, readable(request, request.text))
    opened, model = source.opened, source.opened.model
    with torch.inference_mode(), edited(request), called(model):
        read = model.get_encoder()(**source.inputs)[0]
    start, mask = start_of(opened), source.inputs.get("attention_mask")

    def run(beginnings: list[tuple[int, ...]]) -> torch.Tensor:
        count = len(beginnings)
        seen = {} if mask is None else {"attention_mask": mask.expand(count, -1)}
        ids = torch.tensor([[start, *one] for one in beginnings], device=model.device)
        made = (read.expand(count, -1, -1),)
        return model(encoder_outputs=made, decoder_input_ids=ids, **seen, **unkept(model)).logits

    def attention(ids: Sequence[int]) -> np.ndarray:
        with torch.inference_mode(), recording(edit=request.edit) as maps, called(model):
            run([tuple(ids[:-1])])
        cross = [recorded(one.weights)[0] for one in maps if one.kind == "cross"]
        return torch.stack(cross).float().cpu().numpy()

    forced = () if source.first is None else (source.first,)
    said = model.generation_config
    alone = [one[0] for one in said.bad_words_ids or () if len(one) == 1]
    never = (*alone, *(said.suppress_tokens or ()))
    return Asked(opened, request, source.tokens, lambda some: run(some)[:, -1], attention, forced, never)


def _recurrent(request: TextRequest, opened: Opened) -> Asked:
    check_edit(request.edit, opened.card.title)
    text = addressed(readable(request, request.text), request.language, opened)
    encoded, tokens = tokenized(opened, text, "")
    model, ids = opened.model, inputs_of(encoded, opened, "")["input_ids"]
    with torch.inference_mode():
        states, state = model.read(ids)
    mask = ids != model.config.pad_token_id

    def run(beginnings: list[tuple[int, ...]]) -> Any:
        count = len(beginnings)
        start = model.config.decoder_start_token_id
        written = torch.tensor([[start, *one] for one in beginnings], device=model.device)
        read = states.expand(count, -1, -1), state.expand(-1, count, -1).contiguous(), mask.expand(count, -1)
        return model.write(written, *read, request.edit)

    def attention(written: Sequence[int]) -> np.ndarray:
        with torch.inference_mode():
            found = run([tuple(written[:-1])]).attention.float().cpu().numpy()
        return np.asarray(found[:, None])  # one layer of one head

    return Asked(opened, request, tokens, lambda some: model.logits(run(some).hidden[:, -1]), attention)
