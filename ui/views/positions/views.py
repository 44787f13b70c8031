"""The views of the page Positions: each draws what was asked, and says what is to be seen and to be tried."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from core.analyses.position_schemes import (
    SCHEMES,
    SIDE,
    PositionTable,
    SchemeSettings,
    drawn,
    made_of,
    product,
    relative,
    scores,
    words_of,
)
from core.analyses.positions import Shifted
from core.engine import ask
from core.figures import positions as figures
from core.measures import positions
from core.requests import PositionsRequest, ShiftedTextRequest
from core.store.shelf import card_for
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.session import Session

PAGE = Session("positions")
SENTENCE = "The cat sat on the mat."
HEIGHT = 370
FROM_MODELS = ("learned", "grid", "t5")  # schemes for which a model may bring its numbers
ROUNDING = 1e-4  # what float32 tables of models leave of an exact zero


@dataclass(frozen=True, slots=True)
class PositionsChoice:
    """Everything that a picture on this page depends on."""

    view: str = "Shift"
    a: str = "sinusoidal"
    b: str = "rope"
    text: str = SENTENCE
    k: int = 8
    n: int = 50
    place: int = 3  # Pair: the position looked at
    pair: int = 4
    model: str = ""
    at: tuple[int, int] | None = None  # Model: (layer, head); None: where most changes
    setting: SchemeSettings = SchemeSettings()  # noqa: RUF009 - frozen


def given_for(scheme: str, model: str) -> PositionTable | None:
    """What the chosen model brings to a scheme; None: numbers by hand, as there is nothing of the kind in the model."""
    if scheme not in FROM_MODELS:
        return None
    kinds = {"learned": ("learned", "fixed"), "grid": ("grid",), "t5": ("relative",)}[scheme]
    try:
        known = ask(PositionsRequest(model))
    except Refused:
        if scheme == "learned":
            raise
        return None
    if known.kind not in kinds:
        if scheme == "learned":
            raise Refused(
                f"{card_for(model).title} has no table of positions in a row. Choose another model under More."
            )
        return None
    note = "Not learned: sines in the first half, cosines in the second." if known.kind == "fixed" else ""
    return PositionTable(known.model, known.table, known.words, known.grid[1] or SIDE, known.most, note)


def display_name(scheme: str, given: PositionTable | None) -> str:
    return f"{SCHEMES[scheme].title}: {card_for(given.model).title}" if given else SCHEMES[scheme].title


def provenance(asked: PositionsChoice) -> str:
    """Where the numbers of both sides come from, in one line."""
    found = []
    for scheme in dict.fromkeys((asked.a, asked.b)):
        given = given_for(scheme, asked.model)
        found.append(
            widgets.badge(asked.model) if given else widgets.provenance_badge("by hand", SCHEMES[scheme].title)
        )
    return " ".join(dict.fromkeys(found))


def greatest(values: np.ndarray) -> float:
    """The greatest change; what float64 leaves of an exact zero is one."""
    found = float(np.abs(values).max())
    return found if found > 1e-9 else 0.0


def shift_view(asked: PositionsChoice) -> tuple[str, str]:
    """The scores of the same words at positions k, k + 1, ..., and what changed against 0, 1, ..."""
    words = words_of(asked.text)
    panels, changes = [], []
    for scheme in (asked.a, asked.b):
        given = given_for(scheme, asked.model)
        here, there = (scores(scheme, words, start, asked.setting, given) for start in (0, asked.k))
        change = there - here
        changes.append(greatest(change))
        said = f"greatest change {changes[-1]:.2f}" if changes[-1] else "nothing changes"
        note = given.note if given and given.note else SCHEMES[scheme].sentence
        title = "Table" if scheme == "learned" else SCHEMES[scheme].title
        panels.append(Panel(f"{title} from position {asked.k}", there, words, words, note=note))
        change = np.where(np.abs(change) > 1e-9, change, 0)
        panels.append(Panel("Change against position 0", change, words, words, note=said))
    panels_view(panels, key=PAGE.key("shift"), height=HEIGHT - 90)
    verdicts = [
        f"{SCHEMES[s].title}: {'no score changes' if not c else f'scores change by up to {c:.2f}'} when the sentence "
        f"moves by {asked.k}"
        for s, c in zip((asked.a, asked.b), changes, strict=True)
    ]
    return f"{'; '.join(dict.fromkeys(verdicts))}.", f"{SCHEMES[asked.a].moves} Move k, and choose ALiBi or T5."


def numbers_view(asked: PositionsChoice) -> tuple[str, str]:
    """What each scheme is made of."""
    panels = []
    for scheme in (asked.a, asked.b):
        given = given_for(scheme, asked.model)
        values, row, column = made_of(scheme, asked.n, asked.setting, given)
        title, square = display_name(scheme, given), column == "key"
        group = f"{title}, added to a score" if square else title if scheme == "learned" else "from -1 to 1"
        panels.append(Panel(title, values, axes=(row, column), square=square, group=group))
    panels_view(panels, key=PAGE.key("numbers"), height=HEIGHT)
    rows = positions.sinusoidal(asked.n, asked.setting.d, asked.setting.base)
    see = (
        "A row is a position, a column what is added there; or a row is a query and a column a key. "
        f"All sinusoidal rows are as long: the square is d/2 = {float((rows**2).sum(1).mean()):.3g}."
    )
    return see, "Move the base: at 10 all waves are short, at a million most columns stand still."


def distance_view(asked: PositionsChoice) -> tuple[str, str]:
    """What two positions have to do with each other, by distance."""
    panels, sides, errors = [], [], []
    for scheme in (asked.a, asked.b):
        given = given_for(scheme, asked.model)
        title = display_name(scheme, given)
        matrix = product(scheme, SIDE * SIDE if scheme == "grid" else asked.n, asked.setting, given)
        errors.append(positions.toeplitz_error(matrix) if scheme != "grid" else None)
        sides.append((title, *positions.by_distance(matrix)))
        shown, axes, note = matrix, ("position", "position"), ""
        group = "cosine" if SCHEMES[scheme].table or scheme == "rope" else f"{title}, added to a score"
        if scheme == "grid":
            columns = given.columns if given else SIDE
            shown = positions.grid_of_maps(matrix, len(matrix) // columns, columns)
            axes, note = ("patch row", "patch column"), f"{columns} × {columns} maps, one a patch"
        panels.append(Panel(title, shown, axes=axes, note=note, group=group))
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        panels_view(panels, key=PAGE.key("distance"), height=HEIGHT)
    widgets.chart(figures.by_distance(sides, HEIGHT + 20), "by distance", right)
    told = [f"{side[0]}: {alike(error)}" for side, error in zip(sides, errors, strict=True)]
    return f"{'; '.join(dict.fromkeys(told))}.", (
        "Compare a table that was learned with sinusoids: what do its diagonals have that theirs have not?"
    )


def alike(error: float | None) -> str:
    """What the greatest difference between equal distances says; None: the places lie on a grid."""
    if error is None:
        return "a patch is like its neighbours in both directions"
    return "the distance tells all" if error < ROUNDING else f"equal distances differ by up to {error:.2f}"


def curves_view(asked: PositionsChoice) -> tuple[str, str]:
    """Single columns of a table, or the bias of every head."""
    for room, side, scheme in zip(st.columns(2), "ab", (asked.a, asked.b), strict=True):
        widgets.chart(figures.curves(curves_of(scheme, asked), HEIGHT), f"curves {side}", room)
    waves = positions.wavelengths(asked.setting.d, asked.setting.base)
    see = f"The quickest wave repeats after {waves[0]:.3g} positions, the slowest after {waves[-1]:,.0f}."
    return see, "Find two positions that the first wave alone would confuse, and the wave that tells them apart."


def curves_of(scheme: str, asked: PositionsChoice) -> figures.CurvePanel:
    setting, given = asked.setting, given_for(scheme, asked.model)
    title, n = display_name(scheme, given), asked.n
    if SCHEMES[scheme].table or scheme == "rope":
        values, _, column = made_of(scheme, n, setting, given)
        width = values.shape[1]
        chosen = sorted({0, width // 16 * 2, width // 8 * 2, width // 4, width // 2 + width // 8})
        name = "pair" if scheme == "rope" else column
        lines = {f"{name} {i}": values[:, i] for i in chosen if i < width}
        return figures.CurvePanel(
            title, np.arange(len(values)), lines, ("position", "cosine" if scheme == "rope" else "")
        )
    along = np.arange(-n + 1, n)
    axes = ("distance: key minus query", "added to the score")
    if scheme == "none":
        return figures.CurvePanel(title, along, {"nothing": np.zeros(len(along))}, axes)
    if scheme == "alibi":
        slopes = positions.alibi_slopes(setting.heads)
        lines = {f"head {h + 1}": -slope * np.abs(along) for h, slope in enumerate(slopes[:10])}
    elif scheme == "t5":
        table, most = (given.table, given.most) if given else (positions.t5_table(heads=setting.heads), 128)
        buckets = positions.t5_bucket(along, buckets=len(table), most=most)
        lines = {f"head {h + 1}": table[buckets, h] for h in range(min(10, table.shape[1]))}
    else:
        words = dict.fromkeys(word.casefold() for word in words_of(asked.text))
        row = positions.clipped(along, setting.clip)
        by_row = relative(setting) / setting.d**0.5
        lines = {word: (by_row @ drawn(word, setting.d))[row] for word in list(words)[:5]}
    return figures.CurvePanel(title, along, lines, axes)


def pair_view(asked: PositionsChoice) -> tuple[str, str]:
    """One pair of a sinusoid and of RoPE, before and after the shift."""
    frequencies = positions.frequencies(asked.setting.d, asked.setting.base)
    pair = min(asked.pair, len(frequencies) - 1)
    query, key = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    left, right = st.columns([2, 1.1])
    circles = figures.rotation(pair, asked.place, asked.k, frequencies, query, key, HEIGHT)
    widgets.chart(circles, "circles", left, panels=True)
    widgets.chart(figures.waves(pair, frequencies, HEIGHT), "waves", right)
    turn = np.degrees(asked.k * frequencies[pair])
    see = (
        f"A shift by {asked.k} turns pair {pair} by {turn:,.1f}°, wherever it stands: one matrix moves all positions. "
        "RoPE turns queries and keys instead, so q · k sees only the angle between."
    )
    return see, "Choose pair 0, then the last: how far must the sentence move until each has turned once?"


def model_view(asked: PositionsChoice) -> tuple[str, str]:
    """A real model on the same sentence, begun at position 0 and at k."""
    found = ask(ShiftedTextRequest(asked.model, asked.text, asked.k))
    change = np.abs(found.after - found.before).max(axis=(2, 3))
    layer, head = asked.at or np.unravel_index(int(change.argmax()), change.shape)
    layer, head = min(int(layer), change.shape[0] - 1), min(int(head), change.shape[1] - 1)
    before, after = found.before[layer, head], found.after[layer, head]
    most, model = float(change.max()), card_for(found.model).title
    same = most <= ROUNDING
    shown = 0 if same else 1  # what rounding leaves is no change
    words = tuple(token.text for token in found.tokens)
    layers, heads = (tuple(str(i + 1) for i in range(size)) for size in change.shape)
    title = f"Layer {layer + 1}, head {head + 1}"
    event = panels_view(
        [
            Panel(
                "Greatest change of each head", shown * change, layers, heads, ("layer", "head"), "weight",
                "greatest change", note="click a head", pick=True,
            ),
            Panel(f"{title}: from position 0", before, words, words, scale="weight", group="weight"),
            Panel(f"{title}: from position {asked.k}", after, words, words, scale="weight", group="weight"),
            Panel("Change", shown * (after - before), words, words, group="change"),
        ],
        key=PAGE.key("model view"), height=HEIGHT - 60,
    )  # fmt: skip
    if event.cell:
        PAGE.memory["at"] = (int(event.cell["row"]), int(event.cell["column"]))
        st.rerun()
    st.html(f'<div class="gaze-output">{said_by(found)}</div>')
    see = (
        f"Begun at position {asked.k} instead of 0, weights of {model} change by up to {most:.2f}, "
        f"most in layer {int(change.max(axis=1).argmax()) + 1}."
        if not same
        else f"{model} gives the same weights from position {asked.k} as from 0."
    )
    if not same:
        return see, "Shift further, until the model has no more positions. Then choose a model with RoPE or T5's bias."
    return see, "Shift further: only distances count here. Then choose a model with a table of positions, such as BERT."


def said_by(found: Shifted) -> str:
    """What the model writes or expects before and after."""
    if found.output[0]:
        sides = [escape(one) for one in found.output]
    elif found.said[0]:
        sides = [
            escape(", ".join(f"{c.text} {widgets.percent(c.probability)}" for c in one[0].choices[:3]))
            for one in found.said
        ]
    else:
        return ""
    lines = zip(("from position 0", "shifted"), sides, strict=True)
    return " &emsp; ".join(f'<small>{when}</small><span dir="auto">{text}</span>' for when, text in lines)


DRAW = {
    "Shift": shift_view,
    "Numbers": numbers_view,
    "Distance": distance_view,
    "Curves": curves_view,
    "Pair": pair_view,
    "Model": model_view,
}
