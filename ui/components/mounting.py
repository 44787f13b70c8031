"""How a browser component is put together: its scripts, in the order of their imports, and its style, read once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.bidi_component import ComponentResult

from ui.components import shown

HERE = Path(__file__).parent
ENTRY = "view.js"

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
DECLARED = re.compile(r"^(?:export )?(?:default )?(?:async )?(?:const|let|var|function\*?|class) (\w+)", re.MULTILINE)
UNFOLDED = re.compile(r"^(?:export )?(?:const|let|var) [\[{]([\w\s,]+)[\]}] =", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


#: Made of sentences and buttons: they turn with the interface. Pictures keep their direction, as formulas do.
TURNING = ("frame", "lasting", "lesson", "lessons", "recall", "sheets", "start")


def mounted(name: str) -> Callable[..., ComponentResult]:
    """What shows gaze_`name` in a page: an element of class gaze-`name`, drawn by its view.js, styled by its CSS."""
    direction = "" if name in TURNING else ' dir="ltr"'
    mount = st.components.v2.component(
        f"gaze_{name}",
        html=f'<div class="gaze-{name}"{direction}></div>',
        css=(HERE / name / f"{name}.css").read_text(encoding="utf-8"),
        js=module(HERE / name / ENTRY),
    )

    def noted(*, key: str, data: Any, **heard: Any) -> ComponentResult:
        shown.note(name, key, data)
        return mount(key=key, data=data, **heard)

    return noted


def module(entry: Path) -> str:
    """One module of a script and all that it imports, which Streamlit sends along with every first picture.

    Raises ValueError for what does not fit into one: a name declared twice, an import of what is not
    exported, in another form than `import { a, b } from "./file.js";`, or in a circle.
    """
    scripts = _ordered(entry)
    declared: dict[str, Path] = {}
    for path, script in scripts.items():
        for name in _declared(script):
            if name in declared:
                raise ValueError(f"{name} is declared in {declared[name].name} and in {path.name}")
            declared[name] = path
    return "\n".join(_bare(script, entry=path == entry) for path, script in scripts.items())


def _declared(script: str) -> list[str]:
    """The names that stand at the top of a script, also those of `const [A, B] = ...`."""
    unfolded = [name.strip() for names in UNFOLDED.findall(script) for name in names.split(",")]
    return [*DECLARED.findall(script), *filter(None, unfolded)]


def _ordered(entry: Path) -> dict[Path, str]:
    """Path -> text of all scripts, each after those that it imports."""
    found: dict[Path, str] = {}

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            raise ValueError("a circle of imports: " + " > ".join(one.name for one in (*above, path)))
        if path in found:
            return
        script = path.read_text(encoding="utf-8")
        if re.search(r"^import\b", IMPORT.sub("", script), re.MULTILINE):
            raise ValueError(f'{path.name}: an import is written as import {{ a, b }} from "./file.js";')
        for names, source in IMPORT.findall(script):
            other = (path.parent / source).resolve()
            visit(other, (*above, path))
            _check(path, names, other, found[other])
        found[path] = script

    visit(entry.resolve(), ())
    return found


def _check(path: Path, names: str, other: Path, script: str) -> None:
    exported = {name for name in DECLARED.findall(script) if re.search(rf"^export .*\b{name}\b", script, re.MULTILINE)}
    for name in filter(None, (name.strip() for name in names.split(","))):
        if name not in exported:
            raise ValueError(f"{path.name} imports {name}, which {other.name} does not export")


def _bare(script: str, *, entry: bool) -> str:
    """Without imports, exports (but the entry's own), indents and lines of remarks."""
    script = IMPORT.sub("", script)
    script = EXPORT.sub("", script)
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
