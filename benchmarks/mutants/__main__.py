"""Plant each fault in a copy of the sources, run the tests that should see it, and print which survived.

python -m benchmarks.mutants [NAME ...]: all faults, or those named. The working tree is not touched. The exit code is 1
where a fault survived, where its text does not stand exactly once, or where the tests fail without any fault.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.mutants.table import ROOT, Mutant, mutants, planted, read, waiting

COPIED = ("benchmarks", "core", "pages", "tests", "training", "ui", ".streamlit")
LINKED = ("assets", ".venv", "node_modules")  # large, and never planted in
KILLED, SURVIVED, BROKEN, WAITS = "killed", "SURVIVED", "BROKEN", "waits"
FAILED_TESTS = 1  # pytest's exit code, and node's: anything else but 0 says that no test was run to its end
LAST_LINES = 15


def copied(target: Path) -> None:
    """The sources and tests of the working tree, as they are now; what is large is linked."""
    passed_over = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=passed_over)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy2(path, target / path.name)
    for name in LINKED:
        if (ROOT / name).exists():
            (target / name).symlink_to((ROOT / name).resolve())


def tested(folder: Path, runner: str, tests: Iterable[str]) -> tuple[int, str]:
    """(exit code, output) of some tests in a copy."""
    commands = {
        "pytest": [sys.executable, "-m", "pytest", "-x", "-q", "--color=no", "-p", "no:cacheprovider", *tests],
        "node": ["node", "--test", *tests],
    }
    # Bytecode is compared by whole seconds: a fault of the same length planted at once would not be seen.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    found = subprocess.run(commands[runner], cwd=folder, env=environment, capture_output=True, text=True)
    return found.returncode, found.stdout + found.stderr


def outcome(mutant: Mutant, folder: Path) -> tuple[str, str]:
    """(verdict, what there is to say of it) of one fault in a copy, which is left as it was."""
    if waiting(mutant):
        return WAITS, f"for {', '.join(mutant.tests)}"
    source = read(mutant)
    path = folder / mutant.file
    try:
        path.write_text(planted(source, mutant), encoding="utf-8")
    except ValueError as error:
        return BROKEN, str(error)
    try:
        code, output = tested(folder, mutant.runner, mutant.tests)
    finally:
        path.write_text(source, encoding="utf-8")
    if code == 0:
        return SURVIVED, mutant.why
    if code != FAILED_TESTS:
        return BROKEN, f"no test was run to its end (exit code {code}):\n{last_of(output)}"
    return KILLED, first_failed(output)


def first_failed(output: str) -> str:
    """The test that saw it, by its name."""
    lines = [line for line in output.splitlines() if line.startswith(("FAILED ", "ERROR ", "not ok "))]
    return lines[0].split(" - ")[0].removeprefix("FAILED ") if lines else ""


def last_of(output: str) -> str:
    return "\n".join(output.splitlines()[-LAST_LINES:])


def sound(some: Iterable[Mutant], folder: Path) -> bool:
    """Whether the tests pass without a fault: else nothing would be proven."""
    for runner in ("pytest", "node"):
        tests = sorted({test for one in some if one.runner == runner and not waiting(one) for test in one.tests})
        code, output = tested(folder, runner, tests) if tests else (0, "")
        if code:
            print(f"Tests fail without any fault:\n{last_of(output)}", file=sys.stderr)
            return False
    return True


def main() -> int:
    known = mutants()
    options = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help="faults to plant; all without one")
    names = options.parse_args().names or list(known)
    if strange := [name for name in names if name not in known]:
        options.error(f"no fault is called {', '.join(strange)}; there are: {', '.join(known)}")
    some = [known[name] for name in names]
    counts = dict.fromkeys((KILLED, SURVIVED, BROKEN, WAITS), 0)
    with tempfile.TemporaryDirectory(prefix="gaze-mutants-") as scratch:
        folder = Path(scratch)
        copied(folder)
        if not sound(some, folder):
            return 1
        for mutant in some:
            begun = time.monotonic()
            verdict, remark = outcome(mutant, folder)
            counts[verdict] += 1
            print(f"{verdict:<9}{time.monotonic() - begun:6.1f} s  {mutant.name:<44}{remark}", flush=True)
    print(", ".join(f"{count} {verdict.lower()}" for verdict, count in counts.items()))
    return 1 if counts[SURVIVED] or counts[BROKEN] else 0


if __name__ == "__main__":
    sys.exit(main())
