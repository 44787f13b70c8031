"""Self-attention and cross-attention, and the three kinds of model: who asks, who answers, what is hidden."""

from __future__ import annotations

from functools import lru_cache

from core.measures.inside import HeadSteps, additive, allowed, as_added, attend, embedded, general, made_up, softmax
from ui.components.grid.view import Grid, Step, grid_payload, grid_view
from ui.views.inside.common import PAGE

SOURCE = ("The", "cat", "sat", "on", "the", "mat")
TARGET = ("Le", "chat", "était", "assis", "sur", "le", "tapis")
WIDTH = 16


def draw() -> None:
    grid_view(board(), key=PAGE.key("kinds"), height=340)


def looked(asks: tuple[str, ...], answers: tuple[str, ...], mask: str = "none") -> HeadSteps:
    """One made-up head between two texts, or within one."""
    x, y = embedded(asks, WIDTH, positions=True), embedded(answers, WIDTH, positions=True)
    added = as_added(allowed(mask, len(asks))) if asks == answers else 0.0
    return attend(made_up(WIDTH, 5)(x), made_up(WIDTH, 6)(y), made_up(WIDTH, 7)(y), added=added)


def scored() -> tuple[Grid, ...]:
    """The weights that three ways to score make of the same states: the target's ask, the source's answer."""
    query, key = embedded(TARGET, WIDTH, positions=True), embedded(SOURCE, WIDTH, positions=True)
    both, v = made_up(2 * WIDTH, 8, WIDTH).weight, made_up(WIDTH, 9, 1).weight[:, 0]
    maps = {
        "Dot": (query @ key.T, "0 parameters"),
        "General": (general(query, key, made_up(WIDTH, 10).weight), f"H² = {WIDTH**2} parameters"),
        "Additive": (additive(query, key, both, 3 * v), f"2H² + H = {2 * WIDTH**2 + WIDTH} parameters"),
    }
    return tuple(
        Grid(name, softmax(values / WIDTH**0.5), TARGET, SOURCE, note, shade="share")
        for name, (values, note) in maps.items()
    )


@lru_cache(maxsize=1)
def board() -> bytes:
    """Three steps, one a kind of model."""

    def grid(name: str, asks: tuple[str, ...], answers: tuple[str, ...], note: str, mask: str = "none") -> Grid:
        return Grid(name, looked(asks, answers, mask).weights, asks, answers, note, shade="share")

    grids = (
        grid("Encoder", SOURCE, SOURCE, "Q, K and V from the text"),
        grid("Decoder", TARGET, TARGET, "Q, K and V from what is written so far", "causal"),
        grid("Cross", TARGET, SOURCE, "Q from what is written, K and V from what was read"),
    )
    three = scored()
    scores = "How a query meets a key: nothing learned, a matrix between them, or a small network (Luong, Bahdanau)."
    both = "The decoder also asks what the encoder wrote: cross-attention."
    look = "Causal self-attention: nothing above the diagonal, so that it can guess the next word."
    steps = (
        Step("Encoder (BERT)", "Full", "Self-attention: every word sees every word, later ones too.", ("Encoder",)),
        Step("Decoder (GPT-2)", "Lower triangle", look, ("Decoder",)),
        Step("Both (T5, BART, Marian)", "Full, triangle, rectangle", both, ("Encoder", "Decoder", "Cross")),
        Step("Dot, general, additive", "q·k, q W k, v·tanh(W [q; k])", scores, tuple(grid.name for grid in three)),
    )
    return grid_payload((*grids, *three), steps, (2, 1), start=2)
