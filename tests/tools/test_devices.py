"""The suite is right on a machine with a GPU: models run on the CPU in tests, and no test ties a tensor to a device."""

import ast
import os
import subprocess
import sys

import pytest

from tests.apptest import ROOT

FILES = [path for path in (ROOT / "tests").rglob("*.py") if "cuda" not in path.relative_to(ROOT / "tests").parts]


def tied(source: str) -> list[str]:
    """Calls that put a tensor or a model on a device by its name: .cuda(), .to("cuda:0"), device="cpu"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = node.args[:1] if method == "to" else []
        given += [one.value for one in node.keywords if one.arg == "device"]
        named = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if method == "cuda" or any(one.split(":")[0] in ("cuda", "mps", "cpu") for one in named):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    ("source", "is_tied"),
    [
        ("x.cuda()", True),
        ('x.to("cuda:1")', True),
        ('torch.zeros(3, device="cpu")', True),
        ("x.to(opened.model.device)", False),
        ("torch.zeros(3, device=model.device)", False),
        ('x.to("float32")', False),
    ],
)
def test_a_device_by_name_is_seen(source, is_tied):
    assert bool(tied(source)) is is_tied


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_test_ties_a_tensor_to_a_device(path):
    assert not tied(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("said", "used"), [(None, "cpu"), ("cuda", "cuda")])
def test_tests_run_on_the_cpu_unless_somebody_says_otherwise(said, used):
    surroundings = {name: value for name, value in os.environ.items() if name != "GAZE_DEVICE"}
    surroundings |= {"GAZE_DEVICE": said} if said else {}
    asked = "import tests.conftest, os; print(os.environ['GAZE_DEVICE'])"
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=surroundings, capture_output=True, text=True)
    assert found.stdout.strip() == used, found.stderr
