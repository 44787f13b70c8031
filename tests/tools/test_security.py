"""SECURITY.md names a test for each threat, and each of them exists; licences are listed as packages say them."""

import ast
import re

import pytest

from launch import licences
from tests.apptest import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
#: Kinds of harm that a page for the public must speak of.
THREATS = (
    "script", "URL", "pickle", "programs of its own", "folder", "picture unpacks", "log", "Origin", "fill the memory",
    "disk", "Trainings", "at once", "spreadsheet",
)  # fmt: skip


def rows() -> list[list[str]]:
    """The cells of the table of threats, without its head."""
    lines = [line for line in TEXT.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_a_test():
    assert len(rows()) >= 25
    for threat, stop, shown in rows():
        assert threat and stop and NAMED.search(shown), threat


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(TEXT))))
def test_every_test_that_is_named_exists(path, name):
    assert name.startswith("test_") and name in names_in(path)


@pytest.mark.parametrize("words", THREATS)
def test_what_must_be_spoken_of_is(words):
    assert words in TEXT


class Package:
    """A package that says so much of itself."""

    version = "1.0"

    def __init__(self, name: str, **said: str | list[str]) -> None:
        from email.message import Message

        self.metadata = Message()
        for key, values in ({"Name": name} | said).items():
            for value in values if isinstance(values, list) else [values]:
                self.metadata[key.replace("_", "-")] = value


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "no"}, "MIT OR Apache-2.0"),
        ({"Classifier": ["License :: OSI Approved :: BSD License", "Topic :: X"]}, "BSD License"),
        ({"License": "ISC\n\nPermission to use"}, "ISC"),
        ({"License": "UNKNOWN"}, ""),
        ({}, ""),
    ],
)
def test_a_licence_is_read_wherever_a_package_says_it(said, licence):
    assert licences.listed([Package("b", **said), Package("A", License="MIT")]) == [
        ("A", "1.0", "MIT"),
        ("b", "1.0", licence),
    ]


def test_all_that_is_installed_says_its_licence(capsys):
    assert licences.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("torch ") for line in lines) and not any("SAYS NONE" in line for line in lines)
