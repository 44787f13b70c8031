"""What words are near to which, and what is to c as b is to a: asked of the run that has ended last."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.measures.word_vectors import analogy, nearest
from ui import widgets
from ui.views.word_vectors.common import PAGE, known, learned, places_of, titled, vectors_of

WORDS, MOST = "king, paris, dog, red", 8
ANALOGY = "man, king, woman"
STYLE = """
.gaze-near { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: .5rem 1.4rem; }
.gaze-near b { display: block; font-size: 1.1rem; margin-bottom: .15rem; }
.gaze-near div div { display: grid; grid-template-columns: 1fr 3.2em; position: relative; padding: .1rem .4rem; }
.gaze-near i { position: absolute; inset: 2px auto 2px 0; border-radius: 3px; }
.gaze-near i { background: color-mix(in srgb, #2f7d95 24%, transparent); }
.gaze-near span { position: relative; font-variant-numeric: tabular-nums; }
.gaze-near span + span { text-align: right; }
"""


def draw() -> None:
    run = learned()
    vectors, places = vectors_of(run), places_of(run)
    assert run.result is not None
    words = run.result.words
    row = st.container(key="choose").columns([5, 5], vertical_alignment="bottom", gap="medium")
    begin = WORDS if "king" in places else ", ".join(words[10:14] or words[:2])
    typed = widgets.text_box(PAGE, row[0], "Neighbours of", "words", begin, titled=True, live="400ms")
    first = ANALOGY if "queen" in places else ", ".join(words[:3])
    three = widgets.text_box(PAGE, row[1], "Analogy: a, b, c", "analogy", first, titled=True, live="400ms",
                             help="Three words with commas between: what is to c as b is to a?")  # fmt: skip
    chosen, _ = PAGE.ask_or_last_good(lambda: known(typed, run), len, lambda: known(begin, run), f"near {id(run)}")
    columns = [(word, nearest(vectors, vectors[places[word]], MOST, [places[word]])) for word in chosen]
    asked, _ = PAGE.ask_or_last_good(lambda: exactly(three, run), len, lambda: exactly(first, run), f"three {id(run)}")
    if len(asked) == 3:
        a, b, c = asked
        found = analogy(vectors, places[a], places[b], places[c], MOST)
        columns.append((f"{b} − {a} + {c}", found))
    cards = "".join(card(title, [(words[i], cosine) for i, cosine in some]) for title, some in columns)
    st.html(f'<style>{STYLE}</style><div class="gaze-near">{cards}</div>')
    best = columns[0]
    name = words[best[1][0][0]] if best[1] else ""
    see = (
        f"In “{titled(run)}”, nearest to “{best[0]}” is “{name}”, with a cosine of {best[1][0][1]:.2f}." if name else ""
    )
    if len(asked) == 3 and columns[-1][1]:
        a, b, c = asked
        see += f" “{b}” is to “{a}” as “{words[columns[-1][1][0][0]]}” is to “{c}”: the parallelogram’s fourth corner."
    widgets.notes(
        see,
        "Ask for paris, france, berlin. Then for walks, walked, sings: is grammar a direction too?",
        "The three words of an analogy are left out of its answer; without that the answer is often b itself. "
        "Vectors repeat their text, its prejudices too.",
    )


def exactly(typed: str, run) -> list[str]:
    """Three different words, or two that make no analogy are refused."""
    from core.types import Refused

    words = known(typed, run)
    if len(words) != 3 and len(places_of(run)) >= 3:
        raise Refused(f"An analogy takes three different words with commas between, not {len(words)}.")
    return words


def card(title: str, rows: list[tuple[str, float]]) -> str:
    lines = "".join(
        f'<div><i style="width:{100 * max(0.0, cosine):.0f}%"></i><span>{escape(word)}</span>'
        f"<span>{cosine:.2f}</span></div>"
        for word, cosine in rows
    )
    return f"<div><b>{escape(title)}</b>{lines}</div>"
