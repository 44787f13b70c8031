"""transformers is loaded by one thread, and who comes meanwhile waits for the whole of it."""

import ast
import subprocess
import sys

import pytest

from tests.apptest import ROOT

#: A second thread asks for transformers while a first one is in the midst of loading it, and goes on once it waits.
TWO_AT_ONCE = """
import sys, threading, time, traceback

went_wrong, begun = [], threading.Event()

def ask(what):
    begun.set()
    try:
        exec(what)
    except BaseException as error:
        went_wrong.append(repr(error))

second = threading.Thread(target=ask, args=(sys.argv[2],))

def waits(thread):
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code.co_filename == "<frozen importlib._bootstrap>"

class Midst:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("transformers.") and not begun.is_set():
            second.start()
            begun.wait()
            end = time.monotonic() + 60
            while second.is_alive() and not waits(second) and time.monotonic() < end:
                pass
        return None

sys.meta_path.insert(0, Midst())
exec(sys.argv[1])
second.join()
assert begun.is_set()
print(went_wrong)
"""
OPENS = "from core.store.opening import open_model; open_model('mini-gpt')"
NAMES = "from core.store.opening import family_named; assert family_named({folder!r}) == 'decoder'"
IMPORTS = "import core.models.vision"


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [(OPENS, NAMES), (NAMES, IMPORTS), (IMPORTS, NAMES)])
def test_two_threads_at_once(first, second, tmp_path):
    folder = tmp_path / "own"
    folder.symlink_to(ROOT / "assets" / "models" / "mini-gpt")
    said = [what.replace("{folder!r}", repr(str(folder))) for what in (first, second)]
    script = "import core.store.opening, core.cache, os\nos.environ['GAZE_ALLOW_ANY'] = '1'\n" + TWO_AT_ONCE
    done = subprocess.run([sys.executable, "-c", script, *said], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-1_500:]


def taken(place: str) -> list[str]:
    """What a file imports at run time, not for its types."""
    tree = ast.parse((ROOT / place).read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    found = []
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, ast.Import | ast.ImportFrom):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += names
    return found


FILES = [path.relative_to(ROOT).as_posix() for path in (ROOT / "core").rglob("*.py")]
#: Their package has loaded all of it before.
BEHIND = "core/models/"


@pytest.mark.parametrize("place", [one for one in FILES if not one.startswith(BEHIND)])
def test_all_of_core_takes_transformers_from_one_place(place):
    names = [name for name in taken(place) if name.split(".")[0] == "transformers"]
    assert not names or place == "core/capture/libraries.py", names


def test_the_package_of_models_loads_all_of_it_first():
    assert taken("core/models/__init__.py") == ["core.capture.libraries"]
