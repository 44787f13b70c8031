"""What pages that teach by wrong code read from the built-in translator: real vectors, weights and attention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.capture.recording import recording
from core.models.reading import target_tokens, tokenized
from core.store.opening import Opened, open_model
from core.store.revisions import kept
from core.types import Attention

MODEL = "translator"
SENTENCE = ">>fr<< The old woman gave the child a red apple."
TARGET = "La vieille femme a donné une pomme rouge à l'enfant."
#: Six sentences of as many tokens, and what the last one is exchanged for.
BATCH = (
    "The cat sat on the mat.",
    "I read a book every day.",
    "She has two big dogs.",
    "We live in a house.",
    "They drink water and tea.",
    "My sister is a doctor.",
)
INSTEAD = "It was cold last winter."
TOKENS = 6  # of every sentence of the batch
PAIRS = (
    ("cat", "chat"),
    ("house", "maison"),
    ("book", "livre"),
    ("sister", "sœur"),
    ("dog", "chien"),
    ("city", "ville"),
)
PADDING = 4  # tokens behind the sentence
LAYER, HEAD = 1, 2  # of the encoder, counted from 0
DECODER = (3, 1)  # layer and head that look ahead most when nothing stops them


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Real numbers of one model; arrays are read-only."""

    words: tuple[str, ...]  # tokens of SENTENCE
    queries: np.ndarray  # [head, token, width]: one encoder layer over SENTENCE
    keys: np.ndarray
    encoder: Attention  # all encoder layers over SENTENCE
    target: tuple[str, ...]  # tokens that the decoder reads
    decoder_scores: np.ndarray  # [query, key]: one decoder head, scaled, before its mask
    padded: tuple[str, ...]  # tokens of SENTENCE and the padding behind them
    padded_scores: np.ndarray  # [query, key]: as if the padding were words
    batch: np.ndarray  # [sentence, token, d]: BATCH as it enters that encoder layer
    instead: np.ndarray  # the same with the last sentence exchanged
    projections: tuple[np.ndarray, np.ndarray, np.ndarray]  # W_Q, W_K, W_V [d, d] of that layer
    layers: np.ndarray  # [layer, d, d]: W_Q of each decoder layer
    pairs: np.ndarray  # [English word, French word]: cosines of their vectors


@kept
def material(model: str = MODEL) -> Material:
    """Read it all from the built-in translator, once; Refused where that is missing."""
    opened = open_model(MODEL)
    with torch.inference_mode():
        return _material(opened)


def _material(opened: Opened) -> Material:
    encoded, tokens = tokenized(opened, SENTENCE, "")
    ids = encoded["input_ids"]
    target = [opened.model.config.decoder_start_token_id, *opened.tokenizer(text_target=TARGET)["input_ids"][:-1]]
    maps = _run(opened, ids, target)
    encoder = [m for m in maps if m.kind == "encoder"]
    at, head = DECODER
    decoder = [m for m in maps if m.kind == "decoder"][at]
    padding = opened.tokenizer.pad_token_id
    blind = [m for m in _run(opened, [*ids, *[padding] * PADDING], target) if m.kind == "encoder"]
    layer = opened.model.get_encoder().layers[LAYER].self_attn
    names = tuple(token.text for token in tokens)
    scale = decoder.query.shape[-1] ** -0.5
    return Material(
        words=names,
        queries=_array(encoder[LAYER].query[0]),
        keys=_array(encoder[LAYER].key[0]),
        encoder=Attention("encoder", tokens, tokens, np.stack([_array(m.weights[0]) for m in encoder])),
        target=tuple(token.text for token in target_tokens(opened, target)),
        decoder_scores=_array(decoder.query[0, head] @ decoder.key[0, head].T * scale),
        padded=(*names, *["[pad]"] * PADDING),
        padded_scores=_array(blind[LAYER].scores[0, HEAD]),
        batch=_vectors(opened, BATCH),
        instead=_vectors(opened, (*BATCH[:-1], INSTEAD)),
        projections=(_array(layer.q_proj.weight.T), _array(layer.k_proj.weight.T), _array(layer.v_proj.weight.T)),
        layers=np.stack([_array(one.self_attn.q_proj.weight) for one in opened.model.get_decoder().layers]),
        pairs=_cosines(opened),
    )


def _run(opened: Opened, ids: list[int], target: list[int]) -> list:
    device = opened.model.device
    inputs = {"input_ids": torch.tensor([ids], device=device), "attention_mask": torch.ones(1, len(ids), device=device)}
    with recording(qkv=True, scores=True) as maps:
        opened.model(**inputs, decoder_input_ids=torch.tensor([target], device=device), use_cache=False)
    return maps


def _vectors(opened: Opened, sentences: tuple[str, ...]) -> np.ndarray:
    """[sentence, token, d]: the first tokens of each after LAYER encoder layers."""
    ids = [opened.tokenizer(one, add_special_tokens=False)["input_ids"][:TOKENS] for one in sentences]
    encoder = opened.model.get_encoder()
    out = encoder(input_ids=torch.tensor(ids, device=opened.model.device), output_hidden_states=True)
    return _array(out.hidden_states[LAYER])


def _cosines(opened: Opened) -> np.ndarray:
    table = opened.model.get_input_embeddings().weight

    def unit(words: list[str]) -> torch.Tensor:
        ids = [opened.tokenizer(word, add_special_tokens=False)["input_ids"] for word in words]
        return torch.nn.functional.normalize(torch.stack([table[i].mean(0) for i in ids]), dim=-1)

    english, french = zip(*PAIRS, strict=True)
    return _array(unit(list(english)) @ unit(list(french)).T)


def _array(tensor: torch.Tensor) -> np.ndarray:
    found = tensor.detach().float().cpu().numpy().copy()
    found.flags.writeable = False
    return found
