"""Browser components: the scripts that are joined into one module share its names."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from ui.components.mounting import HERE

VIEWS = sorted(HERE.glob("*/view.py"))
DECLARED = re.compile(r"^(?:export )?(?:default )?(?:async )?(?:const|let|var|function\*?|class) (\w+)", re.MULTILINE)


def parts_of(view: Path) -> tuple[str, ...]:
    """The scripts that a view hands to `mounted`, written there or kept in PARTS."""
    tree = ast.parse(view.read_text(encoding="utf-8"))
    kept = {t.id: node.value for node in tree.body if isinstance(node, ast.Assign) for t in node.targets}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "mounted"]
    scripts = calls[0].args[1]
    return ast.literal_eval(kept[scripts.id] if isinstance(scripts, ast.Name) else scripts)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.parent.name)
def test_no_name_is_declared_twice(view):
    scripts = [(HERE / f"{part}.js").read_text(encoding="utf-8") for part in parts_of(view)]
    names = Counter(name for script in scripts for name in DECLARED.findall(script))
    assert names and not [name for name, times in names.items() if times > 1]


def test_a_name_declared_twice_is_seen():
    assert DECLARED.findall("const A = 1;\n  const inner = 2;\nexport default function draw() {}") == ["A", "draw"]
