"""A recurrent translator with attention: GRU encoder and decoder, four ways to score a state against a state.

Bahdanau et al. (2015) gave it attention, Luong et al. (2015) the order used here: the decoder's state at a step asks
all states of the encoder, and what it takes from them joins it before the next word is chosen. The four models differ
in the score function alone, so that what they show differs for no other reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from core.capture.libraries import PreTrainedConfig, PreTrainedModel
from core.requests import Edit
from core.types import Refused

KIND = "gaze-recurrent"
ONLY_HEAD = ("cross", 0, 0)
SCORES = ("additive", "dot", "general", "scaled-dot")


class RecurrentConfig(PreTrainedConfig):
    """Sizes and score function, as saved in config.json."""

    model_type = KIND

    def __init__(
        self,
        vocab_size: int = 6_000,
        embedding: int = 160,
        width: int = 320,
        score: str = "additive",
        pad_token_id: int = 0,
        eos_token_id: int = 1,
        decoder_start_token_id: int = 0,
        **more: Any,
    ) -> None:
        if score not in SCORES:
            raise ValueError(f"score {score!r} is none of {', '.join(SCORES)}")
        if width % 2:
            raise ValueError(f"a width of {width}: it must be even, for both directions of the encoder")
        self.vocab_size, self.embedding, self.width, self.score = vocab_size, embedding, width, score
        self.decoder_start_token_id = decoder_start_token_id
        named: dict[str, Any] = {"pad_token_id": pad_token_id, "eos_token_id": eos_token_id, **more}
        super().__init__(**named)


class Score(nn.Module):
    """How well each decoder state meets each encoder state.

    additive    v . tanh(W q + U k)       Bahdanau et al. 2015
    dot         q . k                     Luong et al. 2015
    general     q . W k                   Luong et al. 2015
    scaled-dot  q . k / sqrt(width)       Vaswani et al. 2017
    """

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self.kind, self.width = kind, width
        if kind == "additive":
            self.query = nn.Linear(width, width // 2, bias=False)
            self.key = nn.Linear(width, width // 2, bias=False)
            self.vector = nn.Linear(width // 2, 1, bias=False)
        if kind == "general":
            self.key = nn.Linear(width, width, bias=False)

    def forward(self, queries: torch.Tensor, keys: torch.Tensor, *, scaled: bool = True) -> torch.Tensor:
        """queries [batch, target, width], keys [batch, source, width] -> [batch, target, source]."""
        if self.kind == "additive":
            joined = self.query(queries)[:, :, None] + self.key(keys)[:, None]
            return self.vector(torch.tanh(joined))[..., 0]
        if self.kind == "general":
            keys = self.key(keys)
        scores = queries @ keys.transpose(1, 2)
        return scores / math.sqrt(self.width) if self.kind == "scaled-dot" and scaled else scores


@dataclass
class Written:
    """What a pass gives: logits [batch, target, vocabulary] or hidden [batch, target, embedding], and attention."""

    hidden: torch.Tensor
    attention: torch.Tensor  # [batch, target, source], rows sum to 1
    state: torch.Tensor  # [1, batch, width]: the decoder's last


class Recurrent(PreTrainedModel):
    """The translator; its output embedding is its input embedding."""

    config_class = RecurrentConfig
    base_model_prefix = "recurrent"
    _supports_attention_backend = True  # it has no attention of transformers' kind to hand over

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.embedding, padding_idx=config.pad_token_id)
        self.encoder = nn.GRU(config.embedding, config.width // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(config.width, config.width)
        self.decoder = nn.GRU(config.embedding, config.width, batch_first=True)
        self.score = Score(config.score, config.width)
        self.join = nn.Linear(2 * config.width, config.embedding)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.1)

    def read(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """ids [batch, source], padded at the end -> (states [batch, source, width], first decoder state)."""
        lengths = (ids != self.config.pad_token_id).sum(dim=1).clamp(min=1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, last = self.encoder(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=ids.shape[1])
        both = torch.cat([last[0], last[1]], dim=-1)
        return states, torch.tanh(self.bridge(both))[None]

    def write(
        self,
        ids: torch.Tensor,
        states: torch.Tensor,
        state: torch.Tensor,
        mask: torch.Tensor,
        edit: Edit | None = None,
    ) -> Written:
        """Run the decoder over ids [batch, target] from a state; mask [batch, source] is True at source tokens."""
        queries, state = self.decoder(self.embedding(ids), state)
        scores = self.score(queries, states, scaled=edit is None or edit.scaled).float()
        if edit is not None:
            scores = scores / edit.temperature
        attention = torch.softmax(scores.masked_fill(~mask[:, None], -torch.inf), dim=-1)
        context = attention.to(states.dtype) @ states
        if edit is not None and ONLY_HEAD in edit.heads_off:
            context = torch.zeros_like(context)
        hidden = torch.tanh(self.join(torch.cat([queries, context], dim=-1)))
        return Written(hidden, attention, state)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """hidden [..., embedding] -> [..., vocabulary]."""
        return nn.functional.linear(hidden, self.embedding.weight, self.bias)

    def forward(self, input_ids: torch.Tensor, decoder_input_ids: torch.Tensor, edit: Edit | None = None) -> Written:
        """A pass with the target given: input_ids [batch, source], decoder_input_ids [batch, target]."""
        states, state = self.read(input_ids)
        return self.write(decoder_input_ids, states, state, input_ids != self.config.pad_token_id, edit)

    @torch.inference_mode()
    def translate(self, input_ids: torch.Tensor, most: int, edit: Edit | None = None) -> torch.Tensor:
        """Greedy translations [batch, at most `most`], each ended by its end mark and padded."""
        config = self.config
        states, state = self.read(input_ids)
        mask = input_ids != config.pad_token_id
        last = torch.full_like(input_ids[:, :1], config.decoder_start_token_id)
        done = torch.zeros_like(last, dtype=torch.bool)
        written = []
        for _ in range(most):
            out = self.write(last, states, state, mask, edit)
            last, state = self.logits(out.hidden).argmax(dim=-1), out.state
            last = last.masked_fill(done, config.pad_token_id)
            written.append(last)
            done |= last == config.eos_token_id
            if bool(done.all()):
                break
        return torch.cat(written, dim=1)


def check_edit(edit: Edit | None, title: str) -> None:
    """Refused when an edit asks for what a recurrent model does not have."""
    if edit is None:
        return
    if edit.mask != "model":
        raise Refused(f"{title} has no mask to change: its decoder sees all of the source. Set the mask to model.")
    for kind, layer, head in edit.heads_off:
        if (kind, layer, head) != ONLY_HEAD:
            raise Refused(f"{title} has one head, cross 1.1: there is no {kind} {layer + 1}.{head + 1} to switch off.")
