"""Cheaper attention: what a head loses and what is saved when it need not look at every pair."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st

from core import cheaper, scaling
from core.cheaper import METHODS, Approximation, Head, Loss, Setting
from core.costs import LENGTHS, WIDTH
from core.examples import FIRST
from core.figures import cheaper as figures
from core.figures.panels import Panel
from core.models.cheaper import OfHand, OfModel, OfNoise, Source, head_from, saved, sizes, tried
from core.scaling import UNITS
from core.types import Refused, TextRequest
from ui import parts, state
from ui.components.grid_view import Grid, edited_value, grid_payload, grid_view
from ui.components.panels_view import panels_view

FAMILIES = ("encoder-decoder", "encoder", "decoder")
TEXT = (
    "The children were playing in the garden when it began to rain, "
    "so they ran into the house and their mother gave them a cup of hot tea."
)
BEGIN = OfModel(TextRequest(FIRST.model, TEXT, language="fr"), "encoder", 1, 2)
WORDS = ("The", "cat", "chased", "a", "mouse")
HAND_WIDTH = 4
FEW = 10  # tokens
ROUNDING = 1e-5  # a difference below this is that of float32 sums
VIEWS = ("Maps", "Lost and saved", "Growth")
SOURCES = ("In a model", "By hand", "Noise")
SLIDERS = {"window": "Window, to each side", "stride": "Stride s", "rank": "k"}
HEIGHT = 341
CAREFUL = (
    "The head was trained with full attention and never met the cheaper one; a model trained with it adapts. "
    "So the error is of this head, not of the idea."
)
B = scaling.BOUNDS
HIDDEN = {"label_visibility": "collapsed"}
BOUND = {"bind": "query-params"} | HIDDEN


def typed(seed: int = 3) -> dict[str, np.ndarray]:
    """Small numbers to begin with, for somebody to change."""
    drawn = np.random.default_rng(seed).normal(size=(3, len(WORDS), HAND_WIDTH)).round(1).astype(np.float32)
    return dict(zip("QKV", drawn, strict=True))


def choose_source() -> tuple[Source, str]:
    """Where the head comes from, and which view is wanted."""
    top = st.container()
    bar = st.container(key="bar").columns([4, 4.2, 4], vertical_alignment="center", gap="small")
    of = bar[0].segmented_control("Source", SOURCES, default=SOURCES[0], required=True, key="of", **BOUND)
    view = bar[1].segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", **BOUND)
    st.session_state["_line"] = bar[2].empty()
    if of == "By hand":
        return hand_source(), view or VIEWS[0]
    if of == "Noise":
        left, right, _ = top.columns([3, 3, 5], gap="medium")
        n = left.select_slider("Tokens", (8, 16, 32, 64, 128, 256, 512), 64, key="n", bind="query-params")
        d = right.select_slider("Width d", (1, 4, 8, 16, 32, 64), 32, key="d", bind="query-params")
        return OfNoise(int(n), int(d)), view or VIEWS[0]
    with top:
        return model_source(), view or VIEWS[0]


def hand_source() -> OfHand:
    """The numbers that stand on the boards."""
    cells = st.session_state.setdefault("_cells", typed())
    rows = {name: tuple(tuple(float(cell) for cell in row) for row in values) for name, values in cells.items()}
    causal = st.toggle("Causal: a row sees no later word", key="causal", bind="query-params")
    return OfHand(WORDS, rows["Q"], rows["K"], rows["V"], bool(causal))


def model_source() -> Source:
    """A text, a model, and one of its heads; what cannot be had gives advice, and the last good head stays."""
    row = st.container(key="choose").columns([5, 2.5, 1.5, 1.35, 1.35], vertical_alignment="bottom", gap="small")
    st.session_state.setdefault("text", st.query_params.get("text", TEXT))
    text = row[0].text_input("Text", key="text", live="400ms", **BOUND)
    with row[1]:
        model = parts.model_picker(FAMILIES, FIRST.model)
    room = st.empty()
    try:
        request = TextRequest(model, text, language=first_language(model))
        with room, st.spinner("Asking the model …", show_time=True):
            there = sizes(request)
    except Refused as refusal:
        parts.advice(refusal)
        request = st.session_state.get("_good", BEGIN.request)
        there = sizes(request)
    room.empty()
    st.session_state["_good"] = request
    return OfModel(request, *pick_head(row[2:], there))


def first_language(model: str) -> str:
    card = parts.card_of(model)
    return card.languages[0] if card and card.languages else ""


def pick_head(rooms, there: dict[str, tuple[int, int]]) -> tuple[str, int, int]:
    """Kind, layer and head, those that the model has."""
    kinds = list(there)
    kind = rooms[0].selectbox("Kind", kinds, key="kind", **BOUND)
    layers, heads = there[kind or kinds[0]]
    for name, most, first in (("layer", layers, BEGIN.layer + 1), ("head", heads, BEGIN.head + 1)):
        if not 1 <= st.session_state.get(name, 0) <= most and name in st.session_state:
            st.session_state[name] = 1
        st.session_state.setdefault(name, min(first, most))
    said = {name: f"{name} {{}}".format for name in ("layer", "head")}
    layer = rooms[1].selectbox("Layer", range(1, layers + 1), key="layer", format_func=said["layer"], **HIDDEN)
    head = rooms[2].selectbox("Head", range(1, heads + 1), key="head", format_func=said["head"], **HIDDEN)
    return kind or kinds[0], (layer or 1) - 1, (head or 1) - 1


def choose_method(head: Head, still: bool) -> tuple[str, Setting]:
    """The method and where its slider stands; still: there is nothing to slide."""
    widths = [7.4, 4.6] if still else [8.2, 3.4, 1.6]
    row = st.container(key="method_bar").columns(widths, vertical_alignment="bottom", gap="small")
    titles = {name: method.short for name, method in METHODS.items()}
    method = row[0].pills(
        "Method", list(METHODS), default="local", required=True, format_func=titles.get, key="method", **BOUND
    )
    method = method or "local"
    field, most = METHODS[method].field, cheaper.most(method, *head.scores.shape)
    setting = Setting()
    if still:
        row[1].segmented_control(
            "Unit", list(UNITS), default="seconds", required=True, format_func=str.capitalize, key="unit", **BOUND
        )
        return method, setting
    if field and most > (0 if field == "window" else 1):
        first = 0 if field == "window" else 1
        key = f"{field}_few" if most < FEW else f"{field}_many"  # a window of 4 is little in a text, all by hand
        value = st.session_state.get(key, max(1, most // 8))
        st.session_state[key] = min(max(value, first), most)
        setting = replace(setting, **{field: row[1].slider(SLIDERS[field], first, most, key=key)})
    if method == "local_global":
        count = row[2].number_input("Global", 0, 16, 1, key="globals", bind="query-params")
        setting = replace(setting, globals=int(count))
    elif method == "linformer":
        how = row[2].selectbox("E", ("mean", "random"), key="projection", bind="query-params")
        setting = replace(setting, projection=how or "mean")
    return method, setting


@st.fragment
def compare(source: Source, view: str) -> None:
    """Method, slider and picture: what runs again when a slider moves."""
    head = head_from(source)
    method, setting = choose_method(head, still=view == "Growth")
    exact = cheaper.full(head)
    try:
        other = cheaper.cheaper(head, method, setting)
    except Refused as refusal:
        parts.advice(refusal)
        method, setting = "local", Setting()
        other = cheaper.cheaper(head, method, setting)
    loss = cheaper.lost(exact, other)
    share = saved(method, head, setting)
    if view == "Growth":
        growth(method)
        return
    told = sentence(head, other, loss, share, method)
    if view == "Lost and saved":
        trade(source, head, exact, method, setting, share, loss)
    elif isinstance(source, OfHand):
        left, right = st.columns([6.2, 5], gap="small")
        with left:
            boards()
            st.html(f'<div class="gaze-output">{told}</div>')
        with right:
            maps(head, exact, other, method, across=2)
    else:
        maps(head, exact, other, method)
    if view != "Maps" or not isinstance(source, OfHand):
        st.html(f'<div class="gaze-output">{told}</div>')
    explain(head, exact, method)


def maps(head: Head, exact: Approximation, other: Approximation, method: str, across: int = 0) -> None:
    """Full attention, the cheaper one, and the difference; a cell pointed at shows in all three.

    across: panels a row; with two there is room for what the output loses, too.
    """

    def panel(title: str, values: np.ndarray, scale: str) -> Panel:
        most = 128  # of a longer text every so many tokens are drawn
        down, across = -(-len(head.rows) // most), -(-len(head.columns) // most)
        return Panel(
            title,
            values[::down, ::across],
            head.rows[::down],
            head.columns[::across],
            ("query", "key"),
            scale,
            "difference" if scale == "difference" else "maps",
        )

    apart = other.map - exact.map
    panels = [
        panel("Full attention", exact.map, "weight"),
        panel(METHODS[method].title, other.map, "weight"),
        panel("Difference", np.where(np.abs(apart) < ROUNDING, 0, apart), "difference"),
    ]
    if across == 2:
        lost = (other.output - exact.output).astype(np.float32)
        axes = ("query", "width")
        panels.append(
            Panel("Difference of the output", lost, head.rows, (), axes, "difference", "output", square=False)
        )
    panels_view(panels, key="maps", height=HEIGHT - 25 if across else HEIGHT, across=across)


def trade(source: Source, head: Head, exact: Approximation, method: str, setting: Setting, share, loss: Loss) -> None:
    """The curves of all methods on this head, and its spectrum."""
    lines: dict[str, tuple[list, list, list]] = {}
    for one in tried(source, replace(setting, window=4, stride=4, rank=4)):
        x, y, told = lines.setdefault(METHODS[one.method].title, ([], [], []))
        field = METHODS[one.method].field
        x.append(one.cost)
        y.append(one.output)
        told.append(f"{SLIDERS[field]} {getattr(one.setting, field)}" if field else METHODS[one.method].title)
    most = min(head.scores.shape)
    rank = min(setting.rank, most) if METHODS[method].field == "rank" else 0
    values = cheaper.low_rank(exact.map, most)[1]
    left, right = st.columns([6.2, 4], gap="medium")
    here = (share, loss.output, METHODS[method].title)
    parts.chart(figures.lost_and_saved(lines, here, 390), "trade", left)
    parts.chart(figures.spectrum(cheaper.energy(values), rank, 390), "spectrum", right)


def growth(method: str) -> None:
    """Cost over the length, counted and measured on this machine, with progress."""
    room, bar = st.empty(), st.empty()

    def draw(points: tuple[scaling.Measured, ...]) -> None:
        unit = st.session_state.get("unit") or "seconds"
        chosen = METHODS[method].title
        lines = scaling.lines(points, unit, B)
        parts.chart(figures.growth(LENGTHS, lines, chosen, UNITS[unit]), room=room)

    drawn = [0]

    def progress(done: int, of: int, points: tuple[scaling.Measured, ...]) -> None:
        bar.progress(done / of, f"Measuring on this machine: {points[-1].tokens:,} tokens, point {done} of {of}")
        if points[-1].tokens != drawn[0]:
            drawn[0] = points[-1].tokens
            draw(points)

    if st.session_state.get("_stop_growth"):
        draw(())
        if bar.button("Measure on this machine", key="go_growth"):
            st.session_state["_stop_growth"] = False
            st.rerun(scope="fragment")
        return
    draw(())
    stop = st.empty()
    stop.button("Stop", key="stop_growth", on_click=lambda: st.session_state.update(_stop_growth=True))
    points = scaling.scaling(progress)
    draw(points)
    bar.empty()
    stop.empty()
    grown(points, method)


def grown(points: tuple[scaling.Measured, ...], method: str) -> None:
    """What was measured, in words."""
    both = [(p, next((q for q in points if (q.method, q.tokens) == (method, p.tokens)), None)) for p in points]
    both = [(p, q) for p, q in both if p.method == "full" and p.seconds and q and q.seconds]
    line = "Low rank is counted nowhere here: to find the singular values costs more than the attention."
    if both:
        of, other = both[-1]
        line = f"At <b>{of.tokens:,} tokens</b> one head of full attention takes {short(of)}"
        line += f"; {METHODS[method].title.lower()} {short(other)}." if method != "full" else "."
    set_to = f"window {B.window}, stride {B.stride}, {B.globals} global tokens, k = {B.rank}, d = {WIDTH}"
    st.html(f'<div class="gaze-output">{parts.badge("measured on this machine")} {line} <small>{set_to}</small></div>')
    held = LENGTHS[-1] ** 2 * 4 / 1e6
    parts.notes(
        "Filled marks are measured, hollow ones counted: a point that would not fit into memory or time is not run. "
        f"One full map of {LENGTHS[-1]:,} tokens is {held:,.0f} MB.",
        "Find the steepest line: from one length to the next but one, by how much does it grow? "
        "Which lines are parallel to the convolution's?",
        "The recurrent layer multiplies as little as linear attention, yet its steps wait for each other. "
        "Seconds are those of this machine now; other programs on it show.",
    )


def short(point: scaling.Measured) -> str:
    time = f"{1e3 * point.seconds:.3g} ms"
    return f"{time} and {point.bytes / 1e6:.3g} MB" if point.bytes else time


def sentence(head: Head, other: Approximation, loss: Loss, share: float, method: str) -> str:
    """What this setting keeps and loses, in numbers."""
    looked = other.used.sum() / max(cheaper.visible(head).sum(), 1)
    worst = int(loss.rows.argmax())
    at = f"“{escape(head.rows[worst])}” ({parts.percent(float(loss.rows[worst]))})"
    what = f"uses {parts.percent(float(looked))} of the pairs" if method != "linear" else "never makes the map"
    cost = f"{parts.percent(share)} of the multiplications" if share < 9.95 else f"{share:,.0f} × the multiplications"
    sums = other.map.sum(axis=1)
    rows = "" if np.allclose(sums, 1, atol=1e-3) else f" · rows sum to {sums.min():.2f} … {sums.max():.2f}"
    return (
        f"<b>{METHODS[method].title}</b> {what} · {cost} · map off by {parts.percent(loss.map)} · "
        f"<b>output off by {parts.percent(loss.output)}</b>, most at {at}"
        f"{rows}"
    )


def explain(head: Head, exact: Approximation, method: str) -> None:
    """Notes for the method, with this head's numbers."""
    values = cheaper.low_rank(exact.map, min(head.scores.shape))[1]
    kept = cheaper.energy(values)
    ninety = int(np.searchsorted(kept, 0.9)) + 1
    reach = float((exact.map * np.abs(cheaper.apart(*head.scores.shape))).sum(axis=1).mean())
    see = {
        "local": f"This head looks {reach:.1f} tokens away on average; what lies outside the window is exactly 0.",
        "strided": "The rest of the row shares the weight: each row still sums to 1.",
        "local_global": "The first columns and rows stay whole: through them any two tokens are two steps apart.",
        "sparsemax": f"{parts.percent(float((exact.map > 1e-3).mean()))} of the weights are above 0.1 % before, "
        "few are above 0 after; nothing is saved in computing the scores.",
        "low_rank": f"{ninety} of {len(values)} singular values keep 90 % of this map's energy; "
        "noise of the same size needs far more.",
        "linformer": "The keys are mixed into k summaries, so a row can no longer point at one token.",
        "linear": "Without the exponent no row can be sharp: compare the greatest weights.",
    }[method]
    attempt = {
        "local": "Widen the window until the output is off by less than 10 %. Then take a head that looks far.",
        "strided": "Stride 2 halves the pairs. Is the output off by half?",
        "local_global": "Set global to 0, then to 1: which head needs its first token?",
        "sparsemax": "Compare an even head with a sharp one: which keeps more tokens?",
        "low_rank": "Choose Noise with 512 tokens and k = 100: how much energy is kept? Then a head of a model.",
        "linformer": "Set k to all keys with E = mean: nothing is lost. Then E = random.",
        "linear": "Look under Growth: it is the only one whose map is never made.",
    }[method]
    parts.notes(f"{METHODS[method].what} {see}", attempt, CAREFUL)


def boards() -> None:
    """Q, K and V to type into; what is typed is kept, or advice says why not."""
    columns = tuple(str(i + 1) for i in range(HAND_WIDTH))
    cells = st.session_state["_cells"]
    grids = tuple(Grid(name, cells[name], WORDS, columns, edit="number") for name in "QKV")
    event = grid_view(grid_payload(grids), key="hand", height=230)
    if not event.edit:
        return
    try:
        name, row, column = str(event.edit["grid"]), int(event.edit["row"]), int(event.edit["column"])
        changed = {one: values.copy() for one, values in cells.items()}
        changed[name][row, column] = edited_value(event.edit)
        cheaper.by_hand(WORDS, *changed.values())
    except Refused as refusal:
        parts.advice(refusal)
        return
    st.session_state["_cells"] = changed
    st.rerun()


def main() -> None:
    source, view = choose_source()
    if isinstance(source, OfModel):
        badge = parts.badge(source.request.model)
    else:
        by_hand = isinstance(source, OfHand)
        badge = parts.made("by hand", "your numbers") if by_hand else parts.made("random", "normal numbers")
    st.session_state["_line"].html(badge)
    compare(source, view)
    state.FIRST_DRAWN.set()


main()
