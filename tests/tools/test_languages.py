"""The interface in other languages: every sentence of the sources is in every catalogue, whole and with its places."""

import re
from types import SimpleNamespace

import pytest

from tests.said import in_python, in_scripts, phrases
from ui import language

LANGUAGES = phrases.languages()
PLACES = re.compile(r"\{\w*\}")


def test_the_menu_offers_what_there_is():
    script = (phrases.ROOT / "ui" / "components" / "frame" / "languages.js").read_text(encoding="utf-8")
    offered = re.findall(r"^  (\w\w): \{ name:", script, re.MULTILINE)
    assert sorted(offered) == sorted(["en", *LANGUAGES]) == ["ar", "de", "en", "es", "fr", "zh"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_lacks_nothing_and_holds_nothing_that_is_not_said(code):
    assert phrases.lacking(code) == {}
    assert phrases.left_over(code) == []
    assert set(phrases.catalogue(code)) == set(phrases.catalogue(LANGUAGES[0]))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_keeps_what_is_put_into_its_sentence(code):
    for english, said in phrases.catalogue(code).items():
        assert said.strip() and said == said.strip(), english
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(english)), english
        assert "<" not in said or "<" in english, english


def test_texts_of_python_are_found_in_each_form():
    source = '''"""A docstring."""
def one(n, title):
    "Another."
    return f"{n} word{'s' if n > 1 else ''} of {escape(title)}" + ", all", {"key": "Plain text"}
'''
    found = list(in_python.texts(source))
    assert {"{n} words of {title}", "{n} word of {title}", ", all", "key", "Plain text"} <= set(found)
    assert "A docstring." not in found and "Another." not in found


def test_texts_of_scripts_are_found_in_each_form():
    source = """// A remark "with quotes".
const a = /["']/, b = "Plain \\u201ctext\\u201d", c = 'It\\'s';
make("p", "class names", `${n} ${n > 1 ? "heads" : `head ${k}`} of ${title(name)}`);
"""
    found = set(in_scripts.texts(source))
    assert {"Plain “text”", "It's", "{n} heads of {title}", "{n} head {k} of {title}"} <= found
    assert "class names" not in found and not [text for text in found if "remark" in text]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Move the layers: at the input a piece is itself; higher up it knows more.", True),
        ("{n} heads", False),
        ("{n} heads of {m}", True),
        ("Model", True),
        ("st-key-gaze", False),
        ("return softmax(scores)", False),
        ("Le chat était assis.", False),
        ("button, a, summary, [role]", False),
    ],
)
def test_what_people_read_is_told_from_code(text, read):
    assert phrases.is_prose(text) is read


def test_boxes_are_labelled_in_the_language_of_the_reader(monkeypatch):
    def read_in(cookies, locale):
        monkeypatch.setattr(language.st, "context", SimpleNamespace(cookies=cookies, locale=locale))
        return language.labelled(["French"], lambda name: f"{name} · here")("French")

    here = phrases.catalogue("de")["here"]
    assert read_in({"gaze_language": "de"}, "fr-FR") == f"{phrases.catalogue('de')['French']} · {here}"
    assert read_in({}, "de-AT").endswith(f" · {here}")
    monkeypatch.setattr(language, "_catalogue", lambda code: {"head": "头", "heads": "头", "all": "全部"})
    assert language.labelled(["head", "all"])("all") == "全部"
    assert language.labelled(["head", "heads", "all"])("all") == "all"  # two options would have one label
    monkeypatch.undo()
    french = {"gaze_language": "fr"}
    monkeypatch.setattr(language.st, "context", SimpleNamespace(cookies=french, locale="en"))
    options = ["layer 2", "head 12", "fit on German", "fit on Elvish", "layer", "4 × 6 · layer 3"]
    said = [*map(language.labelled(options), options)]
    own = phrases.catalogue("fr")
    assert said == [
        own["layer {n}"].format(n=2), own["head {head}"].format(head=12),
        own["fit on {name_of}"].format(name_of=own["German"]), "fit on Elvish", own["layer"],
        f"4 × 6 · {own['layer {n}'].format(n=3)}",
    ]  # fmt: skip
    monkeypatch.undo()
    assert read_in({}, "nl-NL") == read_in({"gaze_language": "../x"}, None) == "French · here"
