"""A text and its translation: which sentences go together, by a model's own states."""

from __future__ import annotations

import numpy as np
import regex

from core.measures.sentence_alignment import Bead, aligned
from core.models.hidden import hidden_states
from core.requests import ParagraphsRequest
from core.store.opening import open_model
from core.tokens import cleaned
from core.types import Refused

MOST_SENTENCES = 200  # of a side
#: The end of a sentence: a mark, what closes behind it, and white space before what is no small letter; in scripts
#: without spaces the mark alone. Not behind a title or an initial.
TITLES = r"(?<!\b(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|Mme|Nr)\.)"
END = regex.compile(TITLES + r"(?<=[.!?…؟।]['\"”’»)\]]*)\s+(?=\P{Ll})|(?<=[。！？][」』”]*)(?![」』”])|\n+")


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text; a line break ends one too."""
    return tuple(part.strip() for part in END.split(text) if part.strip())


def together(request: ParagraphsRequest) -> list[Bead]:
    """Which sentences go together, in order. Refused: an empty side, too many sentences, a model that has no states.

    A sentence's vector is the mean of its pieces' states at the request's layer.
    """
    opened = open_model(request.model)
    if "fill masks" not in opened.family:
        raise Refused(f"{opened.card.title} gives no vectors of sentences in both languages. Choose an encoder.")
    sides = [sentences_of(text) for text in (request.source, request.target)]
    for name, some in zip(("source", "translation"), sides, strict=True):
        if not some:
            raise Refused(f"The {name} is empty. Paste some sentences.")
        if len(some) > MOST_SENTENCES:
            raise Refused(f"The {name} has {len(some)} sentences; up to {MOST_SENTENCES} are put together. Cut it.")
    texts = [cleaned(one) for some in sides for one in some]
    vectors: list[np.ndarray] = [np.zeros(0)] * len(texts)
    width = opened.model.get_input_embeddings().weight.shape[1]
    for states in hidden_states(opened.model, opened.tokenizer, texts, (request.layer,)):
        values = states.values[0]
        vectors[states.index] = values.mean(axis=0) if len(values) else np.zeros(width)
    count = len(sides[0])
    lengths = [len(text) for text in texts]
    found = np.stack(vectors).astype(np.float64)
    return aligned(found[:count], found[count:], lengths[:count], lengths[count:])
