"""Writing on: 60 tokens of the built-in decoder, a decoder of SmolLM2-135M's shape, beams, and the lens."""

from __future__ import annotations

import torch

from benchmarks.report import Row
from benchmarks.transferring import seconds
from core.analyses.next_token import next_piece
from core.engine import ask
from core.models.writing import Steps
from core.requests import BeamRequest, LensRequest, Sampling, TextRequest
from core.store.opening import open_model

MODEL, TEXT = "mini-gpt", "The cat is sleeping on"
COUNT = 60
SMOL = {
    "vocab_size": 49_152, "hidden_size": 576, "intermediate_size": 1_536, "num_hidden_layers": 30,
    "num_attention_heads": 9, "num_key_value_heads": 3, "tie_word_embeddings": True,
}  # fmt: skip
SMOL_TOKENS = 24


def measure() -> list[Row]:
    """Seconds on this machine; nothing is kept between calls."""
    from core.cache import ANSWERS

    text = TextRequest(MODEL, TEXT)
    ask(text)

    def anew(request) -> object:
        ANSWERS.clear()
        return ask(request)

    translated = TextRequest("translator", "The black cat sleeps on the old chair.", language="fr")
    built_in = open_model(MODEL)
    return [
        Row(f"{MODEL} writes {COUNT} tokens", "s", seconds(lambda: written(built_in, COUNT)), 4.0),
        Row("4 beams of the translator", "s", seconds(lambda: anew(BeamRequest(translated)))),
        Row(f"logit lens of {MODEL}", "s", seconds(lambda: anew(LensRequest(text)))),
        Row("a token, SmolLM2-135M's shape", "s", a_token(), 1 / 6, note="random weights, keys and values kept"),
    ]


def written(opened, count: int) -> None:
    """So many tokens drawn one by one, as the page does it; past the ends of texts too."""
    how, ids = Sampling("sample", top_k=50), list(range(5, 12))
    steps, more = Steps(TextRequest("any", "text"), opened), list(range(5, 12))
    for _ in range(count):
        more = [next_piece(steps(more).numpy(), how, ids)]
        ids += more


def a_token() -> float:
    """Seconds a token of a random model of that shape, the mean over a run, through the steps that the page takes."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from core.capture.recording import ATTENTION

    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(**SMOL)).eval()
    model.set_attn_implementation(ATTENTION)
    opened = type("Opened", (), {"model": model})()
    return seconds(lambda: written(opened, SMOL_TOKENS)) / SMOL_TOKENS
