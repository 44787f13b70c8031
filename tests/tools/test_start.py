"""The server is there at once: neither it nor its first pages load torch, transformers or matplotlib."""

import os
import subprocess
import sys

import pytest

from tests.apptest import ROOT

HEAVY = ("torch", "transformers", "matplotlib", "sklearn", "umap")
SERVER = "import app, sys; print([name for name in {heavy} if name in sys.modules])"
PAGE = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("ui/shell.py", default_timeout=60).run()
{switch}
assert not page.exception, page.exception
print([name for name in {heavy} if name in sys.modules])
"""


@pytest.mark.slow  # each starts a process
@pytest.mark.parametrize(
    "script",
    [SERVER, PAGE.replace("{switch}", ""), PAGE.replace("{switch}", 'page.switch_page("../pages/attention.py").run()')],
    ids=["server", "start", "attention"],
)
def test_nothing_heavy_is_loaded(script):
    surroundings = {**os.environ, "GAZE_WARM": "0"}
    command = [sys.executable, "-c", script.replace("{heavy}", str(HEAVY))]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr[-1_000:]
