"""Zero-shot transfer: fit a probe on one language, try it on the others, and ask what explains how well it does."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit as st

from core.figures.transfer import Cloud, Side, by_language, factors
from core.models.transfer import (
    Question,
    Task,
    alignment,
    by_layer,
    found_again,
    layers,
    own_task,
    related,
    rows,
    shared_pieces,
    shipped_task,
    unknown,
    vectors,
)
from core.parallel import NAMES, check_labels, languages, read_table
from core.shelf import SHELF, card_for
from core.transfer import Row, Score, interval
from core.types import Refused
from ui import parts, pick, state

OWN = "Your table"
#: As chosen -> the name of what is shipped.
TASKS = {"Topics": "topics", "Sentiment": "sentiment", OWN: ""}
VIEWS = ("Languages", "Factors")
OPTIONS = {"task": TASKS, "show": VIEWS}
COLUMNS = (
    "model", "layer", "fitted on", "centred", "language", "sentences",
    "chance", "majority", "zero-shot", "low", "high", "in-language",
)  # fmt: skip
HEIGHT = 440
LOST = 0.1  # share of unknown pieces from which it is said
WANTED = (
    "CSV or TSV, UTF-8, with the columns text, label and language, up to 50,000 rows. Rows with the same entry in a "
    "column group are translations of each other and are held out together."
)
CAREFUL = {
    "Languages": "Few sentences give wide intervals: two marks whose bars overlap may well be equal. "
    "No sentence is tested whose translation was fitted.",
    "Factors": "A handful of languages are few points, and those that share pieces are also relatives: "
    "a correlation here explains nothing by itself.",
}
CAREFUL_BUILT_IN = (
    "Unlike mBERT and XLM-R, the built-in encoders were shown translations, so they transfer more easily."
)


def choose() -> tuple[str, tuple[tuple[str, int], ...], str, st.delta_generator.DeltaGenerator]:
    """(task, models with their layers, view, the bar in which the language and the rest are chosen)."""
    state.begin({"task": "Topics", "show": "Languages", "centre": False}, OPTIONS)
    hidden = {"bind": "query-params", "label_visibility": "collapsed"}
    top = st.container(key="choose").columns([1.7, 2.7, 1.35, 2.7, 1.35, 1.5], vertical_alignment="bottom", gap="small")
    task = top[0].selectbox("Task", list(TASKS), key="task", **hidden) or "Topics"
    sides = []
    for number, (key, usual) in enumerate((("model", pick.MBERT), ("second", pick.XLMR))):
        with top[1 + 2 * number]:
            model = parts.model_picker(("encoder",), pick.usual(usual), key=key)
        with top[2 + 2 * number]:
            sides.append((model, pick_layer(model, f"layer{number + 1}")))
    with top[5], st.popover("Table", icon=":material/upload:", width="stretch"):
        st.caption(WANTED)
        st.file_uploader("Your table", type=["csv", "tsv", "txt"], key="table", on_change=use_table)
    bar = st.container(key="bar").columns([2.5, 2.2, 2.6, 3], vertical_alignment="center", gap="small")
    view = bar[0].segmented_control("View", VIEWS, key="show", required=True, **hidden) or "Languages"
    return task, tuple(dict.fromkeys(sides)), view, bar


def use_table() -> None:
    if st.session_state.table is not None:
        st.session_state.task = OWN


def pick_layer(model: str, key: str) -> int:
    """A layer of a model; to begin with the one where translations are found best, by its card, else two thirds up."""
    try:
        most = layers(model)
    except Refused:
        most = 0
    card = SHELF.get(model)
    known = card.scores.get("translation retrieval layer") if card else None
    usual = min(most, round(2 * most / 3 if known is None else known))
    names = [f"layer {i}" for i in range(most + 1)]
    if st.session_state.get(key, st.query_params.get(key)) not in names:
        st.session_state[key] = names[usual]
    chosen = st.selectbox("Layer", names, key=key, bind="query-params", label_visibility="collapsed")
    return names.index(chosen)


def task_of(name: str) -> Task:
    """The sentences of a task. Refused where the user's table is missing or wrong."""
    if name != OWN:
        return shipped_task(TASKS[name])
    file = st.session_state.get("table")
    if file is None:
        raise Refused("There is no table yet. Press “Table” above and choose a file, or choose another task.")
    return read(file.getvalue())


@lru_cache(maxsize=2)
def read(raw: bytes) -> Task:
    task = own_task(raw, read_table(raw))
    check_labels(task.sentences)
    return task


def further(task: Task, bar) -> tuple[str, bool]:
    """(language to fit on, whether each language's mean is taken out)."""
    codes = languages(task.sentences)
    options = {f"fit on {name_of(code)}": code for code in codes}
    said = st.session_state.get("fit", st.query_params.get("fit"))
    st.session_state.fit = said if said in options else next(iter(options))
    with bar[1]:
        chosen = st.selectbox("Fit on", list(options), key="fit", bind="query-params", label_visibility="collapsed")
    centre = bar[2].toggle(
        "Centre each language",
        key="centre",
        bind="query-params",
        help="Takes each language's mean out of its vectors: what says which language it is, goes.",
    )
    return options[chosen], centre


def name_of(code: str) -> str:
    return NAMES.get(code, code)


def ask(sides: tuple[tuple[str, int], ...], task: Task, source: str, centre: bool) -> list[Question]:
    """A question for each model, its vectors made; advice in place of a model that refuses. Refused when all do."""
    found, refusals = [], []
    for model, layer in sides:
        room = st.empty()
        try:
            with room, st.spinner(f"Asking {model} …"):
                vectors(model, task, layer, progress(room, model))
            found.append(Question(model, task, layer, source, centre))
        except Refused as refusal:
            refusals.append(str(refusal))
        room.empty()
    if not found:
        raise Refused(refusals[0])
    for refusal in dict.fromkeys(refusals):
        parts.advice(refusal)
    return found


def progress(room, model: str):
    """How many sentences are read, with a Stop; any other choice stops it too."""
    drawn = []

    def tell(done: int, total: int, rate: float) -> None:
        text = f"{model}: {done:,} of {total:,} sentences"
        if drawn:
            drawn[0].progress(done / total, text)
            return
        with room.container():
            drawn.append(st.progress(done / total, text))
            st.button("Stop", key=f"stop {model}", on_click=lambda: st.session_state.update(task="Topics"))

    return tell


def titles(asked: list[Question]) -> list[str]:
    """A title for each side; the layer with it where one model stands on both."""
    names = [card_for(one.model).title for one in asked]
    if len(set(names)) == len(names):
        return names
    return [f"{name}, layer {one.layer}" for name, one in zip(names, asked, strict=True)]


def draw_languages(asked: list[Question]) -> str:
    """Marks and the table beside them."""
    results = [rows(one) for one in asked]
    picture, table = st.columns([6, 5], gap="medium")
    sides = [side(title, some) for title, some in zip(titles(asked), results, strict=True)]
    names = [name_of(row.language) for row in results[0]]
    figure = by_language(names, sides, results[0][0].chance, HEIGHT)
    parts.chart(figure, "languages", picture)
    with table:
        st.html(as_table(asked, results))
        st.download_button(
            "CSV", as_csv(asked, results), "transfer.csv", "text/csv", icon=":material/download:", on_click="ignore"
        )
    return in_words(asked[0], results[0])


def side(title: str, some: tuple[Row, ...]) -> Side:
    low, high = zip(*(interval(row.zero_shot) for row in some), strict=True)
    inside = tuple(row.inside.share if row.inside else float("nan") for row in some)
    return Side(title, tuple(row.zero_shot.share for row in some), low, high, inside)


def as_table(asked: list[Question], results: list[tuple[Row, ...]]) -> str:
    """Chance, majority, zero-shot with its interval, and the fit in the language itself."""
    first = "".join(f'<th colspan="2">{escape(title)}</th>' for title in titles(asked))
    second = "<th>zero-shot</th><th>in-language</th>" * len(asked)
    body = []
    for index, row in enumerate(results[0]):
        cells = [name_of(row.language), parts.percent(row.majority.share)]
        for some in results:
            cells += [with_interval(some[index].zero_shot), percent_of(some[index].inside)]
        body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in map(str, cells)) + "</tr>")
    chance = parts.percent(results[0][0].chance)
    return (
        f'<div class="gaze-wide"><table class="gaze-numbers gaze-tight"><tr><th></th><th></th>{first}</tr>'
        f"<tr><th>chance {chance}</th><th>majority</th>{second}</tr>{''.join(body)}</table></div>"
    )


def with_interval(score: Score) -> str:
    low, high = interval(score)
    return f"<b>{parts.percent(score.share)}</b> <small>{100 * low:.0f}–{100 * high:.0f}</small>"


def percent_of(score: Score | None) -> str:
    return parts.percent(score.share) if score else "one label"


def as_csv(asked: list[Question], results: list[tuple[Row, ...]]) -> str:
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(COLUMNS)
    for one, some in zip(asked, results, strict=True):
        for row in some:
            numbers = [row.chance, row.majority.share, row.zero_shot.share, *interval(row.zero_shot)]
            own = row.inside.share if row.inside else ""
            write.writerow(
                [one.model, one.layer, one.source, one.centre, row.language, row.zero_shot.count, *numbers, own]
            )
    return out.getvalue()


def in_words(asked: Question, some: tuple[Row, ...]) -> str:
    others = [row for row in some if row.language != asked.source]
    mean = sum(row.zero_shot.share for row in others) / len(others)
    above = sum(interval(row.zero_shot)[0] > row.chance for row in others)
    again = found_again(asked)
    said = (
        f"Fitted on {name_of(asked.source)} alone, {card_for(asked.model).title} is right in {parts.percent(mean)} of "
        f"the other languages' sentences (chance {parts.percent(some[0].chance)}), and surely above chance in {above} "
        f"of {len(others)} languages."
    )
    if again:
        said += (
            f" A sentence's translation is the nearest one in at least {parts.percent(min(again.values()))} of cases."
        )
    return said


def draw_factors(asked: list[Question]) -> str:
    """Transfer against alignment and against shared pieces, and along the layers."""
    aligned = [alignment(one) for one in asked]
    pieces = [shared_pieces(one.model, one.task, one.source) for one in asked]
    named = titles(asked)
    clouds = []
    for title, factor in (("alignment", aligned), ("pieces shared with the fitted language", pieces)):
        some = [
            cloud(name, one, found) for name, one, found in zip(named, asked, factor, strict=True) if len(found) > 1
        ]
        if some:
            clouds.append((title, some))
    curves = [(name, by_layer(one)) for name, one in zip(named, asked, strict=True)]
    curves = [(name, values) for name, values in curves if values]
    if not clouds and not curves:
        raise Refused("Nothing can be compared: the table has one other language. Add a third, or a column group.")
    chance = rows(asked[0], False)[0].chance
    figure = factors(clouds, curves, [one.layer for one in asked], chance, HEIGHT)
    parts.chart(figure, "factors", panels=True)
    said = "Each point is a language: how well the probe transfers, against what might explain it. "
    if curves:
        values = curves[0][1]
        best = max(range(len(values)), key=lambda i: values[i])
        said += f"{named[0]} transfers best from layer {best} ({parts.percent(values[best])} on average)."
    return said


def cloud(title: str, asked: Question, factor: dict[str, float]) -> Cloud:
    shares = {row.language: row.zero_shot.share for row in rows(asked, False) if row.language in factor}
    r, low, high = related(asked, factor)
    said = f"{title}: r = {r:.2f} ({low:.2f} to {high:.2f})" if r == r else f"{title}: does not vary"
    return Cloud(title, tuple(shares), tuple(factor[code] for code in shares), tuple(shares.values()), said)


def lost(asked: list[Question]) -> None:
    """Say where a tokenizer turns much of a language into unknowns."""
    for one in asked:
        for code, share in unknown(one.model, one.task).items():
            if share >= LOST:
                title = card_for(one.model).title
                parts.advice(
                    f"{parts.percent(share)} of the {name_of(code)} pieces are unknown to {title}: to it these "
                    "sentences say little. Take the language out, or choose another model."
                )


DRAW = {"Languages": draw_languages, "Factors": draw_factors}
TRY = {
    "Languages": "Choose layer 0, the embeddings without context: which languages fall most? Then fit on Japanese.",
    "Factors": "Centre each language: do the languages that share no piece with English catch up?",
}


@st.fragment
def lesson() -> None:
    """Choose, fit, draw, explain; what cannot be fitted gets a sentence, and the last good picture stays."""
    name, sides, view, bar = choose()
    alert = st.container()
    names = (pick.usual(pick.MBERT), pick.usual(pick.XLMR))
    usual = ("Topics", tuple((model, round(2 * layers(model) / 3)) for model in names), None)
    good = st.session_state.get("_good transfer", usual)
    for choice in ((name, sides, None), good, usual):
        try:
            task = choice[2] or task_of(choice[0])
            source, centre = further(task, bar) if choice[0] == name and choice[2] is None else (None, False)
            asked = ask(choice[1], task, source or languages(task.sentences)[0], centre)
            found = draw(view, asked)
            break
        except Refused as refusal:
            if choice[:2] == (name, sides):
                with alert:
                    parts.advice(refusal)
    else:
        return
    st.session_state["_good transfer"] = (choice[0], choice[1], task)
    built_in = any(one.model in SHELF and SHELF[one.model].provenance == "built in" for one in asked)
    careful = CAREFUL[view] if not built_in else f"{CAREFUL[view].split('. ')[0].rstrip('.')}. {CAREFUL_BUILT_IN}"
    parts.notes(found, TRY[view], careful)


def draw(view: str, asked: list[Question]) -> str:
    st.html(f'<div class="gaze-output">{" ".join(parts.badge(one.model) for one in asked)}</div>')
    with st.spinner("Fitting the probes …"):
        found = DRAW[view](asked)
    lost(asked)
    return found


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
lesson()
