"""Beam search of a model: the likeliest texts that it writes, with every hypothesis that lived."""

from __future__ import annotations

from dataclasses import replace

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.measures.beams import Beams, Hypothesis, Node, path_to, search
from core.models.asking import Asked, asked
from core.models.predicting import shown_piece
from core.requests import BeamRequest


def searched(request: BeamRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Beams:
    """Beam search from a text. Refused: a model that writes nothing."""
    found = asked(request.text)

    def step(number: int) -> None:
        raise_if_cancelled(cancelled)
        progress(number, request.steps)

    with found.running():
        nodes, ended = search(
            found.expect, found.ends, request.width, request.steps, request.length_penalty, found.forced, step
        )
        named = tuple(_named(found, node) for node in nodes)
        return Beams(found.source, named, tuple(_described(found, nodes, one) for one in ended))


def _named(found: Asked, node: Node) -> Node:
    return replace(node, text=shown_piece(found.tokenizer, node.id))


def _described(found: Asked, nodes: list[Node], ended: tuple[int, float, bool]) -> Hypothesis:
    last, score, finished = ended
    ids = tuple(nodes[i].id for i in path_to(nodes, last))
    text = found.tokenizer.decode(ids, skip_special_tokens=True)
    return Hypothesis(last, score, ids, text, finished, found.tokens_of(ids), found.attention(ids))
