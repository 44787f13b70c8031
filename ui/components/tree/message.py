"""Beam search as a message for the browser: nodes with their places, and which of them lead to the best texts."""

from __future__ import annotations

from core.measures.beams import Beams, path_to
from ui.components.message import pack


def pack_tree(found: Beams, height: int, chosen: int = 0) -> bytes:
    """The browser's message. chosen: the hypothesis that is shown, an index."""
    rows = rows_of(found)
    header = {
        "height": height,
        "chosen": chosen,
        "nodes": [
            {
                "parent": node.parent,
                "step": node.step,
                "row": rows[i],
                "text": node.text,
                "share": round(node.share, 6),
                "total": round(node.total, 4),
                "end": node.end,
            }
            for i, node in enumerate(found.nodes)
        ],
        "texts": [
            {
                "text": one.text,
                "score": round(one.score, 4),
                "finished": one.finished,
                "path": path_to(found.nodes, one.node),
            }
            for one in found.hypotheses
        ],
    }
    return pack(header)


def rows_of(found: Beams) -> list[int]:
    """The row in which each node stands: a step's nodes one under the other, best first, as they were made."""
    filled: dict[int, int] = {}
    rows = []
    for node in found.nodes:
        rows.append(filled.get(node.step, 0))
        filled[node.step] = rows[-1] + 1
    return rows
