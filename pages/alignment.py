"""Word alignment: which words of two sentences go together, in two multilingual models side by side."""

from __future__ import annotations

import streamlit as st

from core.analyses.alignment import AlignmentRequest
from core.data.pairs import LANGUAGES, lesson
from core.measures.alignment import METHODS, LinkMethod
from ui import state, widgets
from ui.views.alignment import over_layers, own_file, pair, whole_set
from ui.views.alignment.common import (
    BOUND,
    FAMILIES,
    FIRST_LANGUAGE,
    FIRST_PAIR,
    AlignmentChoice,
    carefully,
    usual_models,
)

VIEWS = {"Pair": pair.draw, "Layers": over_layers.draw, "Set": whole_set.draw, "File": own_file.draw}
OF = {"hidden states": "states", "attention": "attention"}
CODES = {title: code for code, title in LANGUAGES.items()}


def use_pair() -> None:
    """Put a pair that comes with Gaze into the text boxes."""
    chosen = lesson(CODES[st.session_state.language])[st.session_state.number or 0]
    st.session_state.source, st.session_state.target = chosen.source_text, chosen.target_text


def begin() -> None:
    """Set what widgets begin with, unless the address says so, and keep what was chosen while they are not drawn."""
    language = st.query_params.get("language")
    some = lesson(CODES.get(language, FIRST_LANGUAGE))
    named = st.query_params.get("target", "")
    number = next((k for k, one in enumerate(some) if one.target_text == named), FIRST_PAIR)
    defaults = {
        "language": LANGUAGES[FIRST_LANGUAGE],
        "number": number,
        "source": some[number].source_text,
        "target": some[number].target_text,
        "view": "Pair",
        "method": "argmax",
        "units": "pieces",
        "of": "hidden states",
    }
    for name, value in defaults.items():
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]
        elif name not in st.query_params or (name == "language" and language not in CODES):
            st.session_state[name] = value


def choose() -> tuple[str, str, AlignmentChoice, str]:
    """The widgets above the picture: both sentences, the question without its pair, and the view."""
    top = st.container(key="pair_texts").columns([3.6, 3.6, 2.4, 2.4], vertical_alignment="bottom", gap="small")
    bar = st.container(key="pair_bar").columns([1.8, 2.6, 1.6, 4.1, 1.4], vertical_alignment="center", gap="small")
    title = bar[0].selectbox("Language", list(CODES), key="language", on_change=use_pair, **BOUND)
    language = CODES[title]
    some = lesson(language)
    bar[1].selectbox(
        "Pair", range(len(some)), format_func=lambda k: f"{k + 1}  {some[k].source_text}", key="number",
        on_change=use_pair, label_visibility="collapsed",
    )  # fmt: skip
    source = top[0].text_input("Source", key="source", live="400ms", **BOUND)
    target = top[1].text_input("Translation", key="target", live="400ms", **BOUND)
    models = usual_models()
    with top[2]:
        first = widgets.model_picker(FAMILIES, models[0], key="a")
    with top[3]:
        second = widgets.model_picker(FAMILIES, models[1], key="b")
    view = bar[3].segmented_control("View", list(VIEWS), key="view", required=True, **BOUND)
    method = bar[2].selectbox("Method", list(METHODS), key="method", **BOUND)
    with bar[4], st.popover("More", icon=":material/tune:", width="stretch"):
        of, units, hide, way = more_options(method or "argmax")
    readings = tuple(AlignmentRequest(model, of, units, hide) for model in (first, second))
    return source or "", target or "", AlignmentChoice(some[0], readings, way, language), view or "Pair"


def more_options(method: str) -> tuple[str, str, bool, LinkMethod]:
    """Seldom-used choices: what is compared, in which units, and how links are kept."""
    bound = {"bind": "query-params"}
    of = st.segmented_control(
        "Compare", list(OF), key="of", required=True,
        help="Cosines of hidden states; or the attention that the sentences, read together, give each other. "
        "A translator shows its cross-attention either way.", **bound,
    )  # fmt: skip
    units = st.segmented_control("Units", ["pieces", "words"], key="units", required=True, **bound)
    hide = st.toggle("Hide shared pieces", key="hide", help="The models read a mask in their place.", **bound)
    kappa = st.slider(
        "Distortion", 0.0, 1.0, 0.0, 0.1, key="kappa", help="Lowers what is far from the diagonal.", **bound
    )
    null = st.slider(
        "Null",
        0,
        50,
        0,
        5,
        key="null",
        format="%d %%",
        help="Leaves out the most uncertain links of a sentence.",
        **bound,
    )
    least = st.select_slider(
        "Threshold of softmax", [1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.5], 1e-3, key="threshold", **bound
    )
    st.caption(f"{method}: {METHODS[method]}")
    return OF[of or "hidden states"], units or "pieces", hide, LinkMethod(method, float(least), kappa, null / 100)


def main() -> None:
    begin()
    source, target, asked, view = choose()
    asked = carefully(source, target, asked)
    st.session_state["_good_alignment"] = asked
    VIEWS[view](asked)
    state.FIRST_DRAWN.set()


main()
