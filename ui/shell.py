"""Navigation, frame and theme: every page runs inside this."""

from pathlib import Path

import streamlit as st

from core.cluster.joining import AWAY, joined
from ui import session, widgets
from ui.components.frame.view import frame_view
from ui.components.lesson.view import lesson_view
from ui.leading import lead

HERE = Path(__file__).resolve().parent
PAGES = HERE.parent / "pages"

st.set_page_config(page_icon=str(HERE / "mark.svg"), layout="wide", initial_sidebar_state="auto")
st.html(HERE / "shell.css")
st.html(
    "<style>" + "".join(f'[class*="st-key-tall-{n}-"] {{ --asked: {n}px; }}' for n in range(100, 701, 10)) + "</style>"
)
st.logo(str(HERE / "mark.svg"), size="large")


def page(file: str, title: str, icon: str, **more) -> st.Page:
    return st.Page(PAGES / file, title=title, icon=f":material/{icon}:", **more)


chosen = st.navigation(
    {
        "": [page("start.py", "Start", "home", default=True)],
        "Text": [
            page("journey.py", "Journey", "route"),
            page("attention.py", "Attention", "grid_on"),
            page("next_token.py", "Next token", "short_text"),
            page("blank.py", "Fill the blank", "draw"),
            page("translation.py", "Translation", "translate"),
            page("training.py", "Train one here", "model_training"),
        ],
        "Languages": [
            page("tokenizers.py", "Tokenizers", "extension"),
            page("alignment.py", "Word alignment", "compare_arrows"),
            page("embedding.py", "Embedding space", "scatter_plot"),
            page("transfer.py", "Transfer", "move_up"),
            page("word_vectors.py", "Word vectors", "hub"),
        ],
        "Images": [
            page("vision.py", "Vision transformer", "visibility"),
            page("clip.py", "CLIP", "join"),
        ],
        "Mechanism": [
            page("inside.py", "Inside a head", "calculate"),
            page("positions.py", "Positions", "straighten"),
            page("contrast.py", "Contrast", "join_inner"),
            page("efficient.py", "Cheaper attention", "content_cut"),
            page("surgery.py", "Model surgery", "healing"),
            page("bugs.py", "Spot the bug", "bug_report"),
        ],
        "Class": [
            page("lessons.py", "Lessons", "school"),
            page("lab_sheets.py", "Lab sheets", "fact_check"),
            page("models.py", "Models", "inventory_2"),
        ],
    }
)
st.set_page_config(page_title=f"Gaze: {chosen.title}")
name = chosen.url_path or "start"
session.travel(frame_view(name, chosen.title).travelled)
if (cluster := joined()) and not cluster.up:
    widgets.advice(AWAY)
lead(lesson_view().led)
chosen.run()
