"""Small parts of pages: terms explained once, percents rounded as people read them."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from ui import widgets, words


def test_a_term_is_explained_at_its_first_use_only():
    html = widgets.explained("Each head is a head; the special tokens <b>")
    assert html.count("<abbr") == 2
    assert html.index("<abbr") < html.index("special tokens")
    assert "&lt;b&gt;" in html


def test_every_definition_is_one_sentence():
    for term, said in json.loads(words.GLOSSARY.read_text(encoding="utf-8")).items():
        assert said.endswith(".") and term == term.lower()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.714, "71 %"), (0.0421, "4.2 %"), (0.0999, "10 %"), (0.0004, "< 0.1 %"), (1.0, "100 %"), (0.001, "0.1 %")],
)
def test_percent(share, said):
    assert widgets.percent(share) == said


def test_a_number_keeps_its_percent_sign():
    assert widgets.explained("it gets 62 % of it") == "it gets 62\N{NO-BREAK SPACE}% of it"


def test_a_finger_on_a_chart_moves_the_page():
    def script():
        from core.figures.style import go
        from ui import widgets

        widgets.chart(go.Figure(go.Scatter(y=[1, 2])), "one")
        widgets.chart(go.Figure(go.Scatter(y=[1, 2])), "two", panels=True)

    charts = AppTest.from_function(script).run().get("plotly_chart")
    assert [json.loads(chart.proto.spec)["layout"]["dragmode"] for chart in charts] == [False, False]
