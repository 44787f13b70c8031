"""What a page remembers has one owner: no file touches the state of a session beside ui/session.py and ui/memory.py."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWNERS = {ROOT / "ui" / "session.py", ROOT / "ui" / "memory.py"}
FORBIDDEN = {"session_state", "query_params"}
FILES = sorted(
    path for folder in ("pages", "ui", "core") for path in (ROOT / folder).rglob("*.py") if path not in OWNERS
)


def uses(source: str) -> list[str]:
    """Where a file speaks of the state of a session or of the address, or binds a widget to the address itself."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN:
            found.append(f"line {node.lineno}: {node.attr}")
        if isinstance(node, ast.keyword) and node.arg == "bind":
            found.append(f"line {node.value.lineno}: bind=")
        if isinstance(node, ast.ImportFrom) and any(name.name in FORBIDDEN for name in node.names):
            found.append(f"line {node.lineno}: import")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_state_of_a_session_has_one_owner(path):
    assert uses(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["st.session_state['x'] = 1", "a = st.query_params.get('x')", "st.toggle('x', bind='query-params')",
     "from streamlit import session_state"],
)  # fmt: skip
def test_a_use_is_seen(source):
    assert uses(source)
