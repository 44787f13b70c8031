"""What the CLIP page takes with its model open: a search over 10,000 vectors, a matrix, relevance of both towers."""

from __future__ import annotations

import numpy as np

from benchmarks.report import Row
from benchmarks.transferring import seconds
from core.engine import ask
from core.requests import PairRelevanceRequest
from core.store.cards import ASSETS

MODEL = "emoji-clip"
GALLERY, WIDTH = 10_000, 512
PAIRS = 32


def measure() -> list[Row]:
    """The search by CLIP ViT-B/32's width against numpy's full sort; the rest by the built-in model, if it is there."""
    from core.measures.contrastive import normalised
    from core.measures.retrieval import best

    draw = np.random.default_rng(0)
    gallery = normalised(draw.normal(size=(GALLERY, WIDTH))).astype(np.float32)
    question = normalised(draw.normal(size=(1, WIDTH))).astype(np.float32)
    found, _ = best(question, gallery, 30)
    same = found[0].tolist() == np.argsort(-(gallery @ question[0]), kind="stable")[:30].tolist()
    rows = [
        Row(
            f"retrieval over {GALLERY:,} x {WIDTH}", "s", seconds(lambda: best(question, gallery, 30)), 0.05, right=same
        )
    ]
    return rows + (of_the_model() if (ASSETS / MODEL / "card.json").exists() else [])


def of_the_model() -> list[Row]:
    from core.cache import ANSWERS
    from core.data.clip import captions, lesson
    from core.models import clip

    things = lesson().sets["Things"]
    pictures, texts = things.pictures[:PAIRS], captions(things, "en")[:PAIRS]
    clip.opened_clip(MODEL)

    def matrix() -> object:
        ANSWERS.clear()
        return clip.text_vectors(MODEL, texts) @ clip.picture_vectors(MODEL, pictures).T

    def why() -> object:
        ANSWERS.clear()
        return ask(PairRelevanceRequest(MODEL, "cat-and-dog", "cat face, dog face"))

    return [
        Row(f"matrix of {PAIRS} pairs, nothing kept", "s", seconds(matrix)),
        Row("relevance through both towers", "s", seconds(why)),
    ]
