"""The house stands: each floor imports only what stands below it, and the heavy libraries have one place each."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = [p for folder in ("core", "ui", "pages", "training") for p in (ROOT / folder).rglob("*.py")]


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
    if not here.startswith(("core/models/", "training/")) and here not in ("core/shelf.py", "core/capture.py"):
        assert not uses(path, "transformers"), "transformers lives in core/models, shelf and capture"
    if here == "core/types.py":
        assert not any(uses(path, f"core.{other.stem}") for other in (ROOT / "core").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_sentence_opens_every_file(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text and text.split("\n")[0].endswith((".", ":"))


def test_values_have_no_drawing_methods():
    tree = ast.parse((ROOT / "core" / "types.py").read_text(encoding="utf-8"))
    classes = [c for c in tree.body if isinstance(c, ast.ClassDef)]
    methods = {n.name for c in classes for n in c.body if isinstance(n, ast.FunctionDef)}
    assert methods <= {"__post_init__", "shape", "__getitem__"}
