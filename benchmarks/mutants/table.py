"""The table of planted faults: read from the TOML files beside this one, and held against the sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: a text that stands once in a file, and what is put in its place."""

    name: str
    file: str  # from the root of the repository
    find: str
    replace: str
    tests: tuple[str, ...]  # files or folders that should see it; `node` runs those that are JavaScript
    why: str  # what a reader of the page would be told wrongly
    runner: str = "pytest"  # or "node"


def mutants(folder: Path = FOLDER) -> dict[str, Mutant]:
    """All faults by name, in the order of the files.

    Raises ValueError where a name stands twice, and TypeError where a field is missing or unknown.
    """
    found: dict[str, Mutant] = {}
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            mutant = Mutant(**entry | {"tests": tuple(entry["tests"])})
            if mutant.name in found:
                raise ValueError(f"{mutant.name} stands twice: a fault needs a name of its own")
            found[mutant.name] = mutant
    return found


def planted(source: str, mutant: Mutant) -> str:
    """The source with the fault in it. Raises ValueError unless its text stands there exactly once."""
    count = source.count(mutant.find)
    if count != 1:
        raise ValueError(f"{mutant.name}: its text stands {count} times in {mutant.file}, not once: find it anew")
    return source.replace(mutant.find, mutant.replace)


def read(mutant: Mutant, root: Path = ROOT) -> str:
    """The source that a fault is for; empty where there is no such file."""
    path = root / mutant.file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def waiting(mutant: Mutant, root: Path = ROOT) -> bool:
    """Whether the tests that should see it are not there."""
    return not all((root / test).exists() for test in mutant.tests)
