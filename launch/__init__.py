"""What run.py starts with: where things are, and a sentence for the user. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
VENV = HERE / ".venv"


class Stop(Exception):
    """A sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def venv_python(venv: Path = VENV) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def last_lines(text: str, count: int = 12) -> str:
    """The end of what a program said, for a sentence to the user."""
    return "\n".join("  " + line for line in text.strip().splitlines()[-count:])
