"""Distillation: what a temperature makes of a teacher's guesses, and which layers of a student see what it sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
import torch

from core.analyses.surgery import Predictions, layer_maps
from core.engine import ask
from core.measures.attention import shown_as
from core.measures.surgery import alike, divergence, entropy, soft
from core.requests import Compression, PredictionsRequest, TextRequest
from core.store.opening import open_model
from core.store.revisions import kept
from core.store.shelf import SHELF, available_offline
from core.types import Display, Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.default_models import family_of
from ui.views.surgery.common import PAGE

#: Pairs in which the second learnt from the first.
TAUGHT = {"bert-base-uncased": "distilbert-base-uncased", "gpt2": "distilgpt2"}
TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 8.0, 20.0)
SHOWN = 10  # words
CAREFUL = (
    "A student that copies the guesses need not copy the maps: two ways of attending can end in the same word. "
    "Alike layers here say that both look in the same places, not that one explains the other."
)


@dataclass(frozen=True, slots=True)
class Student:
    """Another model, or the teacher with its weights cut."""

    title: str
    model: str = ""
    cut: Compression = Compression()  # noqa: RUF009 - frozen


def students(teacher: str) -> dict[str, Student]:
    """Who can stand beside a teacher: its own student if it is here, its cut copies, models of its family."""
    here = set(available_offline())
    found = []
    if TAUGHT.get(teacher) in here:
        found.append(Student(SHELF[TAUGHT[teacher]].title, TAUGHT[teacher]))
    cuts = (
        ("in 4 bits", Compression(bits=4)),
        ("in 3 bits", Compression(bits=3, per_channel=True)),
        ("half pruned", Compression(pruned=0.5)),
    )
    found += [Student(f"itself, {name}", teacher, cut) for name, cut in cuts]
    family = family_of(teacher)
    others = [
        n for n, c in SHELF.items() if c.family == family and n in here and n not in (teacher, TAUGHT.get(teacher))
    ]
    found += [Student(SHELF[name].title, name) for name in others]
    return {student.title: student for student in found}


def draw(request: TextRequest) -> None:
    """Bars of both guesses at a temperature; how alike the layers are; the maps of a chosen pair of layers."""
    choices = students(request.model)
    bar = st.container(key="bar").columns([3, 3.4, 3], vertical_alignment="bottom", gap="medium")
    student = choices[widgets.choice(PAGE, bar[0], "Student", "student", list(choices), titled=True)]
    temperature = widgets.stops(PAGE, bar[1], "Temperature T", "soften", TEMPERATURES, 1.0)
    try:
        teacher, pupil = both(request, student)
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    count = min(len(teacher.places), len(pupil.places))
    places = [f"{i + 1}: {teacher.places[i]}" for i in range(count)]
    chosen = widgets.choice(PAGE, bar[2], "Where they guess", "place", places, titled=True, linked=False)
    place = places.index(chosen)
    left, right = st.columns([3.7, 7.3], gap="medium")
    with left:
        bars(teacher, pupil, place, float(temperature), (widgets.card_of(request.model), student.title))
    with right:
        maps(teacher, pupil, student)
    st.html(
        f'<div class="gaze-output">{widgets.badge(request.model)} {numbers(teacher, pupil, float(temperature))}</div>'
    )
    widgets.notes(
        "A higher T evens the guesses out and shows what the teacher thinks of the wrong answers, "
        "which is what a student learns from. Both guess with the teacher's words before them.",
        "Raise T from 1 to 4 and watch the bits grow. Then click a square: is the second layer of the student like one "
        "layer of the teacher, or like two?",
        CAREFUL,
    )


def both(request: TextRequest, student: Student) -> tuple[Predictions, Predictions]:
    """What teacher and student say of the same words."""
    teacher = ask(PredictionsRequest(request))
    same = replace(request, target=teacher.encoding.output)
    with st.spinner("Asking the student …"):
        return ask(PredictionsRequest(same)), ask(PredictionsRequest(replace(same, model=student.model), student.cut))


def of_one_vocabulary(teacher: Predictions, pupil: Predictions) -> bool:
    """Whether the i-th logit of both means the same piece; as many pieces are not yet the same pieces."""
    if teacher.logits.shape != pupil.logits.shape:
        return False
    return one_vocabulary(teacher.encoding.request.model, pupil.encoding.request.model)


@kept
def one_vocabulary(teacher: str, student: str) -> bool:
    names = (open_model(name).tokenizer for name in (teacher, student))
    return teacher == student or len({frozenset(one.get_vocab().items()) for one in names}) == 1


def bars(teacher: Predictions, pupil: Predictions, place: int, temperature: float, names: tuple) -> None:
    """The teacher's best words with both shares; without the student's where it chooses among other pieces."""
    from core.figures.surgery import soft_targets  # plotly loads with the first chart

    row = teacher.logits[place]
    best = row.topk(min(SHOWN, len(row))).indices
    words = [teacher.pieces(int(i)) for i in best]
    shares = soft(row, temperature)[best].tolist()
    same = of_one_vocabulary(teacher, pupil)
    theirs = soft(pupil.logits[place], temperature)[best].tolist() if same else None
    title = names[0].title if names[0] else "teacher"
    widgets.chart(soft_targets(words, shares, theirs, (title, names[1]), 360), "soft targets")


def numbers(teacher: Predictions, pupil: Predictions, temperature: float) -> str:
    """Entropies, and the distillation loss where it exists."""
    bits = entropy(soft(teacher.logits, temperature))
    text = f"teacher's guess at T = {temperature:g}: <b>{bits:.2f} bits</b>"
    if not of_one_vocabulary(teacher, pupil):
        why = "The two choose among different pieces: their guesses cannot be compared one by one."
        return f"{text} · <small>{why}</small>"
    apart = divergence(teacher.logits, pupil.logits, temperature)
    hard = torch.nn.functional.cross_entropy(pupil.logits, teacher.logits.argmax(-1)).item()
    agree = int((teacher.logits.argmax(-1) == pupil.logits.argmax(-1)).sum())
    return (
        f"{text} · T² KL <b>{apart:.3f}</b> · hard {hard:.3f} · ½ soft + ½ hard {(apart + hard) / 2:.3f} nats"
        f" · same first word at {agree} of {len(teacher.places)} places"
    )


def maps(teacher: Predictions, pupil: Predictions, student: Student) -> None:
    """Student layers by teacher layers, and the mean maps of the pair that was clicked."""
    kind = teacher.encoding.attentions[0].kind
    words = student.cut == Compression()
    try:
        theirs, ours = (layer_maps(one.encoding, kind, words=words) for one in (teacher, pupil))
        found = alike(theirs, ours)
    except Refused as refusal:
        widgets.advice(refusal)
        return
    row, column = PAGE.memory.get("pair", (len(ours) - 1, len(theirs) - 1))
    row, column = min(row, len(ours) - 1), min(column, len(theirs) - 1)
    attention = teacher.encoding.attentions[0]
    units, keys, _ = shown_as(attention, Display("words", "renormalise") if words else Display())
    names, across = tuple(t.text for t in units), tuple(t.text for t in keys)
    down, right = (tuple(str(i + 1) for i in range(len(side))) for side in (ours, theirs))
    panels = [
        Panel(
            "How alike: click", found, down, right, ("student's layer", "teacher's layer"), "weight", "alike", pick=True
        ),
        Panel(f"Teacher, layer {column + 1}", theirs[column], names, across, scale="weight", group="maps"),
        Panel(f"Student, layer {row + 1}", ours[row], names, across, scale="weight", group="maps"),
    ]
    event = panels_view(panels, key=PAGE.key("layers"), height=350)
    if event.cell:
        PAGE.memory["pair"] = (int(event.cell["row"]), int(event.cell["column"]))
        st.rerun()
