"""The house stands: each floor imports only what stands below it, and the heavy libraries have one place each."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.apptest import ROOT

FILES = [p for folder in ("core", "ui", "pages", "training") for p in (ROOT / folder).rglob("*.py")]

#: Rooms of core/, each above those it may import from.
CORE = (
    "types", "public", "requests", "tokens", "device", "cache", "capture", "store", "measures", "data",
    "models", "learning", "figures", "engine", "analyses", "cluster",
)  # fmt: skip


@cache
def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def uses(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in imported(path))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_floors(path):
    here = place(path)
    if here.startswith("core/"):
        for above in ("streamlit", "ui", "pages", "training"):
            assert not uses(path, above), f"{here} imports {above}"
    if here.startswith("ui/"):
        assert not uses(path, "pages")
    if not here.startswith("core/figures/"):
        assert not uses(path, "plotly"), "plotly lives in core/figures"
        assert not uses(path, "matplotlib"), "matplotlib lives in core/figures"
    if not here.startswith(("core/models/", "core/store/", "core/capture/", "training/")):
        assert not uses(path, "transformers"), "transformers lives in core/models, core/store and core/capture"
    if not here.startswith("core/cluster/"):
        assert not uses(path, "ray"), "ray lives in core/cluster"


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("core/") and p.parent != p], ids=place)
def test_no_room_of_core_looks_up(path):
    room = path.relative_to(ROOT / "core").parts[0].removesuffix(".py")
    if room == "__init__":
        return
    above = CORE[CORE.index(room) + 1 :]
    found = [name for name in imported(path) if name.startswith("core.") and name.split(".")[1] in above]
    assert not found, f"{place(path)} imports {found}, which stands above it"


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("core/measures/")], ids=place)
def test_measures_know_neither_models_nor_files(path):
    for room in ("core.models", "core.store", "core.data", "transformers", "pathlib"):
        assert not uses(path, room), f"{place(path)} imports {room}"


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("ui/views/")], ids=place)
def test_no_view_imports_another_pages(path):
    own = path.relative_to(ROOT / "ui" / "views").parts[0]
    found = [n for n in imported(path) if n.startswith("ui.views.") and n.split(".")[2] != own]
    assert not found


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("training/")], ids=place)
def test_training_needs_no_tests(path):
    assert not uses(path, "tests")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_sentence_opens_every_file(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text and text.split("\n")[0].endswith((".", ":"))


def test_values_have_no_drawing_methods():
    tree = ast.parse((ROOT / "core" / "types.py").read_text(encoding="utf-8"))
    classes = [c for c in tree.body if isinstance(c, ast.ClassDef)]
    methods = {n.name for c in classes for n in c.body if isinstance(n, ast.FunctionDef)}
    assert methods <= {"__post_init__", "shape", "__getitem__"}
