"""Maps and Table: five translators over one sentence, what each written word takes most, and how near to gold it is."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from core.analyses.translation import Aligned, aligned, of_diagonal
from core.data.numbers import records
from core.measures.alignment import diagonal
from core.store.opening import open_model
from core.types import Refused
from ui import saving, widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.translation.common import HEIGHT, PAGE, Sentence, answer, gold_of, title_of

MEAN = "mean"
ALIKE = "share of the row"  # all maps have one scale, and the cell pointed at


def found(sentence: Sentence, layer: str, head: str) -> dict[str, Aligned]:
    """The maps of all models that answer; advice for the others. Refused when none does."""
    gold, some = gold_of(sentence), dict[str, Aligned]()
    refusal = None
    for model in sentence.models:
        other = model == sentence.other
        at = int(layer) - 1 if other and layer != "last" else -1
        of = int(head) - 1 if other and head != MEAN else None
        try:
            some[model] = aligned(answer(sentence.asked(model)), at, of, gold)
        except Refused as error:
            refusal = error
            if other:
                PAGE.refuse(error)
    if refusal is not None and not some:
        raise refusal
    return some


def choose_head(other: str) -> tuple[str, str]:
    """Layer and head of the fifth model's cross-attention."""
    layers, heads = (["last"], [MEAN])
    try:
        config = open_model(other).model.config
        layers += map(str, range(1, (getattr(config, "decoder_layers", None) or config.num_hidden_layers) + 1))
        heads += map(str, range(1, (getattr(config, "decoder_attention_heads", 0) or config.num_attention_heads) + 1))
    except (Refused, AttributeError):
        pass  # the model is refused where its map is asked for
    left, right = st.columns(2, gap="small")
    name = {"last": "last layer"}
    layer = widgets.choice(PAGE, left, "Layer", "layer", layers, format_func=lambda one: name.get(one, f"layer {one}"))
    head = widgets.choice(
        PAGE, right, "Head", "head", heads, format_func=lambda one: "mean of heads" if one == MEAN else f"head {one}"
    )
    return layer, head


def maps(sentence: Sentence, head: tuple[str, str]) -> tuple[str, str]:
    """Five maps on one scale."""
    some = found(sentence, *head)
    panels = [
        Panel(
            title_of(model),
            one.weights,
            one.rows,
            one.columns,
            axes=("written", "read"),
            scale="weight",
            group=ALIKE,
            note=note(one),
            square=False,
        )
        for model, one in some.items()
    ]
    panels.append(beside(sentence, next(iter(some.values()))))
    panels_view(panels, key=PAGE.key("maps"), height=HEIGHT, across=3)
    return see(sentence, some), (
        "Point at a cell: it lights up in every map with the same words. Then type a sentence of your own: which score "
        "follows the order of its words?"
    )


def beside(sentence: Sentence, one: Aligned) -> Panel:
    """What the maps are held against: links made by hand, or the diagonal where there are none."""
    gold = gold_of(sentence)
    values = np.zeros_like(one.weights, np.float32)
    sources, targets = len(one.columns), len(one.rows)
    for links, value in ((gold.possible, 0.45), (gold.sure, 1.0)) if gold else ((diagonal(sources, targets), 1.0),):
        for source, target in links:
            if target < targets and source < sources:
                values[target, source] = value
    title, said = ("by hand", "dark: sure; light: possible") if gold else ("the diagonal", "knows the lengths alone")
    return Panel(title, values, one.rows, one.columns, ("written", "read"), "weight", ALIKE, said, square=False)


def note(one: Aligned) -> str:
    """One line under a map."""
    said = f"{one.entropy:.2f} bits a row"
    return f"{said}; error rate {one.scores.error_rate:.2f}" if one.scores else said


def see(sentence: Sentence, some: dict[str, Aligned]) -> str:
    gold = gold_of(sentence)
    sharp = min(some, key=lambda model: some[model].entropy)
    said = f"A row is a word being written. {title_of(sharp)} is sharpest, {some[sharp].entropy:.2f} bits a row."
    if gold is None:
        return said
    one = next(iter(some.values()))
    rates = {model: aligned_.scores.error_rate for model, aligned_ in some.items() if aligned_.scores}
    best = min(rates, key=lambda model: rates[model])
    plain = of_diagonal(gold, len(one.columns), len(one.rows)).error_rate
    found_ = f"error rate {rates[best]:.2f} (the diagonal: {plain:.2f})"
    return f"{said} Nearest to links made by hand: {title_of(best)}, {found_}."


def table(sentence: Sentence, head: tuple[str, str]) -> tuple[str, str]:
    """The most salient source word of each target word, for every model."""
    some = found(sentence, *head)
    rows = [
        {
            "model": title_of(model),
            "place": place + 1,
            "written": one.target,
            "takes most from": one.source,
            "share": one.share,
            "entropy": one.entropy,
        }
        for model, found_ in some.items()
        for place, one in enumerate(found_.salient)
    ]
    frame = pd.DataFrame(rows)
    saving.offer("This table", lambda _: records(rows))
    same = len({one.rows for one in some.values()}) == 1
    if same:
        st.html(side_by_side(some))
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in ("share", "entropy")}
    with st.expander("All numbers") if same else st.container():
        st.dataframe(frame, hide_index=True, height=HEIGHT - 60, column_config=numbers)
    salient = _first(some).salient
    agree = sum(len({one.salient[i].source for one in some.values()}) == 1 for i in range(len(salient))) if same else 0
    said = f"For {agree} of {len(salient)} words all models look most at the same source word; where not, it is bold."
    own = "Each model wrote words of its own: choose one target for all, under More, to compare them row by row."
    return said if same else own, "Find a row where the models differ: is the one that is right also the surest?"


def _first(some: dict[str, Aligned]) -> Aligned:
    return next(iter(some.values()))


def side_by_side(some: dict[str, Aligned]) -> str:
    """Written words in rows, models in columns, as html; what all agree on is quiet."""
    heads = "".join(f"<th>{escape(title_of(model))}</th>" for model in some)
    rows = []
    for place, word in enumerate(_first(some).rows):
        words = [one.salient[place] for one in some.values()]
        agree = len({one.source for one in words}) == 1
        cells = "".join(
            f'<td dir="auto">{escape(one.source) if agree else f"<b>{escape(one.source)}</b>"} '
            f"<small>{widgets.percent(one.share)}</small></td>"
            for one in words
        )
        rows.append(f'<tr><td dir="auto">{escape(word)}</td>{cells}</tr>')
    return (
        f'<div class="gaze-wide"><table class="gaze-numbers gaze-tight"><tr><th>written</th>{heads}</tr>'
        f"{''.join(rows)}</table></div>"
    )
