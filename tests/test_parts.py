"""Small parts of pages: terms explained once, percents rounded as people read them."""

import json

import pytest

from ui import parts


def test_a_term_is_explained_at_its_first_use_only():
    html = parts.explained("Each head is a head; the special tokens <b>")
    assert html.count("<abbr") == 2
    assert html.index("<abbr") < html.index("special tokens")
    assert "&lt;b&gt;" in html


def test_every_definition_is_one_sentence():
    for term, said in json.loads(parts.GLOSSARY.read_text(encoding="utf-8")).items():
        assert said.endswith(".") and term == term.lower()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.714, "71 %"), (0.0421, "4.2 %"), (0.0999, "10 %"), (0.0004, "< 0.1 %"), (1.0, "100 %"), (0.001, "0.1 %")],
)
def test_percent(share, said):
    assert parts.percent(share) == said
