"""What is left out is told, and where nobody looks on it is a failure."""

import os
import subprocess
import sys

import pytest

from tests.apptest import ROOT

pytestmark = pytest.mark.slow  # each runs pytest in a process of its own

TESTS = """
import pytest

def test_well(): pass

@pytest.mark.xfail
def test_known(): assert False

@pytest.mark.skip(reason="{reason}")
def test_out(): pass
"""


@pytest.fixture
def run_of(tmp_path):
    """Runs the tests of a text in a process of its own: (exit code, what it said)."""

    def run(text, ci, *options):
        (tmp_path / "test_some.py").write_text(text)
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CI"))}
        surroundings |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | ({"CI": "true"} if ci else {})
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.skips", *options, str(tmp_path)]
        done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, encoding="utf-8")
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n", "1")])
def test_a_test_left_out_fails_the_run_where_nobody_looks_on(run_of, options):
    code, said = run_of(TESTS.format(reason="the model is not here"), True, *options)
    assert code == 1 and "test_out: the model is not here" in said and "test_known: " not in said


@pytest.mark.parametrize(
    ("reason", "ci"),
    [("no GPU", True), ("no Firefox", True), ("not on Windows: links", True), ("the model is not here", False)],
)
def test_it_may_be_left_out_for_a_reason_of_the_list_or_where_somebody_looks_on(run_of, reason, ci):
    code, said = run_of(TESTS.format(reason=reason), ci, "-p", "no:xdist")
    assert code == 0 and "not for a reason" not in said


def test_a_file_left_out_counts_too(run_of, tmp_path):
    (tmp_path / "test_well.py").write_text("def test_well(): pass\n")
    code, said = run_of('import pytest\npytest.importorskip("nothing_of_this_name")\n', True, "-p", "no:xdist")
    assert code == 1 and "nothing_of_this_name" in said
