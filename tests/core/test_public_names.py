"""The names that notebooks rely on: they are there, they say what they do, and the README's own lines run."""

import re
import subprocess
import sys

import pytest

import core
from tests.apptest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("name", core.__all__)
def test_every_public_name_is_there_and_tells_what_it_is(name):
    value = getattr(core, name)
    assert name in dir(core)
    if callable(value):
        assert value.__doc__ and value.__doc__.strip().endswith((".", ")")), f"{name} has no docstring"


def test_a_name_that_is_not_there_tells_those_that_are():
    with pytest.raises(AttributeError, match="open_model"):
        _ = core.opne_model


def test_asking_for_one_name_brings_no_model_library():
    code = "import sys, core; core.TextRequest, core.Refused, core.SHELF, core.argmax, core.ask\n"
    code += "print(*{'torch', 'transformers', 'streamlit'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""


def test_the_readme_shows_public_names_alone_where_there_is_one():
    homes = {home for home in core.HOMES.values()}
    for block in BLOCKS:
        for module, names in re.findall(r"from (core\.[\w.]+) import ([\w, ]+)", block):
            public = {name.strip() for name in names.split(",")} & set(core.__all__)
            assert not (module in homes and public), f"{public} can be had from core itself"


@pytest.mark.parametrize("block", [b for b in BLOCKS if "bert-base" not in b], ids=range(len(BLOCKS) - 1))
def test_the_lines_of_the_readme_run(block):
    exec(compile(block, "README.md", "exec"), {})
