"""How well a probe transfers to each language, with intervals."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.analyses.transfer import found_again
from core.data.numbers import Numbers, records
from core.engine import ask
from core.figures.transfer import ModelResults, by_language
from core.measures.transfer import Row, Score, interval
from core.requests import TransferRequest
from core.store.shelf import card_for
from ui import saving, widgets
from ui.views.transfer.controls import (
    COLUMNS,
    HEIGHT,
    name_of,
    titles,
)


def draw_languages(asked: list[TransferRequest]) -> str:
    """Marks and the table beside them."""
    results = [ask(one) for one in asked]
    saving.offer("This table", lambda _: numbers_of(asked, results))
    picture, table = st.columns([6, 5], gap="medium")
    sides = [side(title, some) for title, some in zip(titles(asked), results, strict=True)]
    names = [name_of(row.language) for row in results[0]]
    figure = by_language(names, sides, results[0][0].chance, HEIGHT)
    widgets.chart(figure, "languages", picture)
    with table:
        st.html(as_table(asked, results))
    return in_words(asked[0], results[0])


def side(title: str, some: tuple[Row, ...]) -> ModelResults:
    low, high = zip(*(interval(row.zero_shot) for row in some), strict=True)
    inside = tuple(row.inside.share if row.inside else float("nan") for row in some)
    return ModelResults(title, tuple(row.zero_shot.share for row in some), low, high, inside)


def as_table(asked: list[TransferRequest], results: list[tuple[Row, ...]]) -> str:
    """Chance, majority, zero-shot with its interval, and the fit in the language itself."""
    first = "".join(f'<th colspan="2">{escape(title)}</th>' for title in titles(asked))
    second = "<th>zero-shot</th><th>in-language</th>" * len(asked)
    body = []
    for index, row in enumerate(results[0]):
        cells = [name_of(row.language), widgets.percent(row.majority.share)]
        for some in results:
            cells += [with_interval(some[index].zero_shot), percent_of(some[index].inside)]
        body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in map(str, cells)) + "</tr>")
    chance = widgets.percent(results[0][0].chance)
    return (
        f'<div class="gaze-wide"><table class="gaze-numbers gaze-tight"><tr><th></th><th></th>{first}</tr>'
        f"<tr><th>chance {chance}</th><th>majority</th>{second}</tr>{''.join(body)}</table></div>"
    )


def with_interval(score: Score) -> str:
    low, high = interval(score)
    return f"<b>{widgets.percent(score.share)}</b> <small>{100 * low:.0f}–{100 * high:.0f}</small>"


def percent_of(score: Score | None) -> str:
    return widgets.percent(score.share) if score else "one label"


def numbers_of(asked: list[TransferRequest], results: list[tuple[Row, ...]]) -> Numbers:
    """A row for each model and language, every number in full."""
    rows = []
    for one, some in zip(asked, results, strict=True):
        for row in some:
            numbers = [row.chance, row.majority.share, row.zero_shot.share, *interval(row.zero_shot)]
            own = row.inside.share if row.inside else None
            values = [one.model, one.layer, one.source, one.centre, row.language, row.zero_shot.count, *numbers, own]
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return records(rows)


def in_words(asked: TransferRequest, some: tuple[Row, ...]) -> str:
    others = [row for row in some if row.language != asked.source]
    mean = sum(row.zero_shot.share for row in others) / len(others)
    above = sum(interval(row.zero_shot)[0] > row.chance for row in others)
    again = found_again(asked)
    said = (
        f"Fitted on {name_of(asked.source)} alone, {card_for(asked.model).title} is right in "
        f"{widgets.percent(mean)} of the other languages' sentences (chance {widgets.percent(some[0].chance)}), "
        f"and surely above chance in {above} of {len(others)} languages."
    )
    if again:
        said += (
            f" A sentence's translation is the nearest one in at least {widgets.percent(min(again.values()))} of cases."
        )
    return said
