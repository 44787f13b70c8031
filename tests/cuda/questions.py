"""Asks a list of questions and keeps the numbers of the answers: python -m tests.cuda.questions FILE [model ...]."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from core.cache import ANSWERS
from core.capture.on_gpu import HELD
from core.data.pairs import typed
from core.engine import ask
from core.measures.arrays import host, pool
from core.measures.attention import heads_of, mean_of_heads, measures, rollout, shown_as
from core.measures.patches import FUSIONS, distances
from core.measures.patches import rollout as rolled_patches
from core.requests import (
    AlignmentReader,
    AlignmentRequest,
    BlankRequest,
    Edit,
    EmbeddingRequest,
    ImageRequest,
    PairRelevanceRequest,
    RelevanceRequest,
    Request,
    TextRequest,
)
from core.types import Display

TEXT = "The black cat sleeps on the old chair."


def questions(names: list[str]) -> Iterator[tuple[str, Request]]:
    """Questions to the built-in models of these names, and to folders."""
    for name in names:
        if name in ("emoji-vit", "emoji-clip"):
            yield f"{name} picture", ImageRequest(name, "cat-face")
        if name == "emoji-vit":
            yield f"{name} relevance", RelevanceRequest(ImageRequest(name, "cat-face"), 0)
        elif name == "emoji-clip":
            yield f"{name} why", PairRelevanceRequest(name, "cat-face", "cat")
        else:
            language = "fr" if name == "translator" or name.startswith("rnn-") else ""
            yield f"{name} text", TextRequest(name, TEXT, language=language)
            if not name.startswith("rnn-"):
                yield f"{name} edited", TextRequest(name, TEXT, language=language, edit=Edit(temperature=2.0))
                yield f"{name} vectors", EmbeddingRequest(name, (TEXT, "A dog."))
        if name.startswith(("mini-bert", "mini-xlmr")):
            yield f"{name} blank", BlankRequest(name, TEXT, (2,))
            yield f"{name} alignment", AlignmentRequest(AlignmentReader(name), typed(TEXT, "Le chat noir dort.", "fr"))


def numbers(answer: object) -> dict[str, np.ndarray]:
    """The numbers of an answer by name."""
    found: dict[str, np.ndarray] = {}
    for attention in getattr(answer, "attentions", ()):
        layers = range(attention.weights.shape[0])
        found[f"{attention.kind} weights"] = np.stack([attention.weights[layer] for layer in layers])
    for place, prediction in enumerate(getattr(answer, "predictions", ())):
        found[f"prediction {place}"] = np.array([choice.probability for choice in prediction.choices])
    for name in ("values", "picture", "text"):
        value = getattr(answer, name, None)
        if isinstance(value, np.ndarray):
            found[name] = value
    if isinstance(answer, np.ndarray):
        found["answer"] = answer
    for place, choices in enumerate(getattr(answer, "choices", ())):
        found[f"choices {place}"] = np.array([choice.probability for choice in choices])
    return found


def read_off(answer: object) -> dict[str, np.ndarray]:
    """What is read off the attention of an answer, by name."""
    found: dict[str, np.ndarray] = {}
    for attention in getattr(answer, "attentions", ()):
        kind = attention.kind
        for shown in (Display(), Display("words", "renormalise")):
            for name, values in measures(attention, shown).items():
                found[f"{kind} {name} of {shown.units}"] = values
            layers = range(attention.weights.shape[0])
            rows = shown_as(attention, shown)[2]
            found[f"{kind} means of {shown.units}"] = np.stack([mean_of_heads(rows, layer) for layer in layers])
            pooled = [host(pool(heads_of(rows, layer, slice(None)), 3)) for layer in layers]
            found[f"{kind} pooled {shown.units}"] = np.stack(pooled)
        if kind != "cross":
            found[f"{kind} rollout"] = rollout(attention).values
        patches = getattr(answer, "patches", None)
        if patches is not None:
            found["distances"] = distances(attention, patches)
            for fusion in FUSIONS:
                found[f"rollout of {fusion}"] = rolled_patches(attention, fusion, discard=0.0)
    return found


def main(file: str, names: list[str]) -> None:
    from core.device import best_device
    from core.models import text

    print("asking on", best_device().name)
    found = {}
    for kept in (text.KEPT_NUMBERS, 0):  # weights that are kept, and weights that are made on demand on the device
        text.KEPT_NUMBERS = kept
        ANSWERS.clear()
        for title, question in questions(names):
            answer = ask(question)
            for name, values in (numbers(answer) | read_off(answer)).items():
                found[f"{title}, {'kept' if kept else 'on demand'}: {name}"] = values
            HELD.shrink()
            for attention in getattr(answer, "attentions", ()):
                recipes = getattr(attention.weights, "_recipes", ())
                if any(one.query.device.type != "cpu" or one.key.device.type != "cpu" for one in recipes):
                    raise AssertionError(f"the answer to {title} holds memory of the card")
    np.savez(file, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
