"""Faults that really happen: a full disk, a cache that cannot be written, a model that goes, memory that ends."""

import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest

from core.cache import ANSWERS
from core.engine import ask
from core.requests import TextRequest
from core.store import hub
from core.store.cards import ASSETS
from core.store.opening import open_model
from core.types import Refused
from tests.apptest import ROOT
from tests.core.store.test_hub import files, server  # noqa: F401  fixtures

resource = pytest.importorskip("resource", reason="not on Windows: it sets no limits to a process")
pytestmark = pytest.mark.usefixtures("any_folder")


@pytest.fixture
def small_files():
    """No file of this process may grow beyond 20 kB: what a full disk does, the system does here."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_while_a_model_is_downloaded(server, small_files):  # noqa: F811
    with pytest.raises(Refused, match=r"cannot be written .*File too large.*HF_HOME"):
        hub.fetch("some/bert")
    assert hub.cached_folder("some/bert") is None, "half a model is none"


def test_after_it_there_is_room_again(server, small_files, files):  # noqa: F811
    with pytest.raises(Refused):
        hub.fetch("some/bert")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert open_model("some/bert").card.title


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(Refused, match=r"cannot be written .*HF_HOME"):
        hub.fetch("some/bert")


def test_a_model_that_is_deleted_while_it_is_in_use(tmp_path):
    folder = tmp_path / "own"
    shutil.copytree(ASSETS / "mini-gpt", folder)
    question = TextRequest(str(folder), "Once upon a time")
    opened, found = open_model(str(folder)), ask(question)
    shutil.rmtree(folder)
    assert found.attentions[0].weights[0].shape[0], "what was answered stays"
    with pytest.raises(Refused, match="no folder"):
        ask(question)
    assert opened.tokenizer("a")["input_ids"]


@pytest.mark.slow
def test_a_model_whose_files_go_one_by_one(tmp_path):
    for file in ("model.safetensors", "tokenizer.json", "config.json"):
        folder = tmp_path / file
        shutil.copytree(ASSETS / "mini-gpt", folder)
        (folder / "card.json").unlink()
        ask(TextRequest(str(folder), "Once upon a time"))
        (folder / file).unlink()
        ANSWERS.clear()
        with pytest.raises(Refused):
            ask(TextRequest(str(folder), "Once upon a time"))


SHORT_OF_MEMORY = """
import resource, torch
torch.set_num_threads(1)
from core.engine import ask
from core.requests import TextRequest
from core.store import opening
from core.types import Refused
import core.models.text as text
text.KEPT_NUMBERS = 10**12
ask(TextRequest("mini-gpt", "a"))
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 30_000_000, resource.RLIM_INFINITY))
opened = opening.open_model("mini-gpt")
try:
    with torch.inference_mode():
        from core.models.calling import called
        with called(opened.model):
            opened.model(input_ids=torch.zeros(400, 250, dtype=torch.long))
    print("there was room")
except Refused as refusal:
    print(type(refusal).__name__, refusal)
print(len(ask(TextRequest("mini-gpt", "b c")).tokens))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="not on Windows: only Linux heeds this limit")
def test_a_process_that_runs_out_of_memory_says_so_and_goes_on():
    done = subprocess.run([sys.executable, "-c", SHORT_OF_MEMORY], cwd=ROOT, capture_output=True, text=True)
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr[-2_000:]
    assert said[0].startswith("Full There is not enough memory to run") and "GB free" in said[0]
    assert int(said[1]) >= 2
    assert Path(ROOT).exists()
