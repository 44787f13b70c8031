"""A page of the app run without a browser, as an address opens it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "pages"
SHELL = ROOT / "ui" / "shell.py"  # the frame of all pages


def page(name: str, **query: str) -> AppTest:
    """The page of a file's name, run once; query: what stands in its address."""
    at = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at
