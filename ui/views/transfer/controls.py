"""Which table, models and layers are tried, and on which language the probe is fitted."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.transfer import layers, own_task, shipped_task, unknown, vectors
from core.data.labelled import NAMES, check_labels, languages, read_table
from core.public import uploaded
from core.requests import Task, TransferRequest
from core.store.shelf import SHELF, card_for
from core.types import Refused
from ui import default_models, jobs, widgets
from ui.brought import brought, file_box
from ui.session import Session

PAGE = Session("transfer")

OWN = "Your table"
#: As chosen -> the name of what is shipped.
TASKS = {"Topics": "topics", "Sentiment": "sentiment", OWN: ""}
VIEWS = ("Languages", "Factors")


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


MOST_BYTES = 50_000_000  # of a table

CAREFUL_BUILT_IN = (
    "Unlike mBERT and XLM-R, the built-in encoders were shown translations, so they transfer more easily."
)


def choose() -> tuple[str, tuple[tuple[str, int], ...], str, list[DeltaGenerator]]:
    """(task, models with their layers, view, the bar in which the language and the rest are chosen)."""
    top = st.container(key="choose").columns([1.7, 2.7, 1.35, 2.7, 1.35, 1.5], vertical_alignment="bottom", gap="small")
    task = widgets.choice(PAGE, top[0], "Task", "task", list(TASKS))
    sides = []
    for number, (key, usual) in enumerate((("model", default_models.MBERT), ("second", default_models.XLMR))):
        model = widgets.model_box(PAGE, top[1 + 2 * number], ("encoder",), default_models.usual(usual), key)
        sides.append((model, pick_layer(top[2 + 2 * number], model, f"layer{number + 1}")))
    with top[5], st.popover("Table", icon=":material/upload:", width="stretch"):
        st.caption(WANTED)
        most = uploaded(MOST_BYTES) // 1_000_000
        file_box(PAGE, st, "Your table", "table", then=use_table, type=["csv", "tsv", "txt"], max_upload_size=most)
    bar = st.container(key="bar").columns([2.5, 2.2, 2.6, 3], vertical_alignment="center", gap="small")
    view = widgets.segments(PAGE, bar[0], "View", "show", VIEWS)
    return task, tuple(dict.fromkeys(sides)), view, bar


def use_table() -> None:
    if brought(PAGE, "table"):
        PAGE["task"] = OWN


def pick_layer(room: DeltaGenerator, model: str, key: str) -> int:
    """A layer of a model; to begin with the one where translations are found best, by its card, else two thirds up."""
    try:
        most = layers(model)
    except Refused:
        most = 0
    card = SHELF.get(model)
    known = card.scores.get("translation retrieval layer") if card else None
    usual = min(most, round(2 * most / 3 if known is None else known))
    names = [f"layer {i}" for i in range(most + 1)]
    return names.index(widgets.choice(PAGE, room, "Layer", key, names, names[usual]))


def task_of(name: str) -> Task:
    """The sentences of a task. Refused where the user's table is missing or wrong."""
    if name != OWN:
        return shipped_task(TASKS[name])
    for _, content in brought(PAGE, "table"):
        return read(content)
    raise Refused("There is no table yet. Press “Table” above and choose a file, or choose another task.")


@lru_cache(maxsize=2)
def read(raw: bytes) -> Task:
    task = own_task(raw, read_table(raw))
    check_labels(task.sentences)
    return task


def more_options(task: Task, bar) -> tuple[str, bool]:
    """(language to fit on, whether each language's mean is taken out)."""
    codes = languages(task.sentences)
    options = {f"fit on {name_of(code)}": code for code in codes}
    chosen = widgets.choice(PAGE, bar[1], "Fit on", "fit", list(options))
    centre = widgets.toggle(
        PAGE,
        bar[2],
        "Centre each language",
        "centre",
        help="Takes each language's mean out of its vectors: what says which language it is, goes.",
    )
    return options[chosen], centre


def name_of(code: str) -> str:
    return NAMES.get(code, code)


def unknown_said(model: str, task: Task) -> str:
    """Which languages a tokenizer turns into unknowns, and how much of them; empty where it loses none of them."""
    shares = unknown(model, task).items()
    parts = [f"{widgets.percent(share)} of the {name_of(code)}" for code, share in shares if share >= LOST]
    if not parts:
        return ""
    told = f"{', '.join(parts[:-1])} and {parts[-1]}" if parts[1:] else parts[0]
    title = card_for(model).title
    return f"{told} pieces are unknown to {title}: to it these sentences say little. Choose another model."


def ask(sides: tuple[tuple[str, int], ...], task: Task, source: str, *, centre: bool) -> list[TransferRequest]:
    """A question for each model, its vectors made; advice in place of a model that refuses. Refused when all do."""
    found, refusals = [], []
    for model, layer in sides:
        room = st.empty()
        try:
            with (
                jobs.job(PAGE, room, model, "vectors", mark=model, unit=" sentences", stop=back_to_topics) as job,
                room,
                st.spinner(f"Asking {model} …"),
            ):
                # The rate is of sentences: the bar needs none.
                vectors(model, task, layer, lambda done, total, *_, job=job: job.progress(done, total))
            found.append(TransferRequest(model, task, layer, source, centre))
        except Refused as refusal:
            refusals.append(str(refusal))
    if not found:
        raise Refused(refusals[0])
    for sentence in dict.fromkeys(refusals):
        widgets.advice(sentence)
    return found


def back_to_topics() -> None:
    """Stop: the sentences that come with Gaze."""
    PAGE["task"] = "Topics"


def titles(asked: list[TransferRequest]) -> list[str]:
    """A title for each side; the layer with it where one model stands on both."""
    names = [card_for(one.model).title for one in asked]
    if len(set(names)) == len(names):
        return names
    return [f"{name}, layer {one.layer}" for name, one in zip(names, asked, strict=True)]
