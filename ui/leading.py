"""Leading somebody to a page in a given state: what lessons and the doors of Start do."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from ui.session import Session

PAGES = Path(__file__).resolve().parents[1] / "pages"


def lead(place: Any) -> None:
    """Open a page as an address says, {page, query}; what that does not name begins with its default."""
    name, query = (place.get("page") or "start", place.get("query")) if isinstance(place, dict) else ("", "")
    if not (isinstance(name, str) and isinstance(query, str) and name.isidentifier()):
        return
    if (PAGES / f"{name}.py").is_file():
        Session(name).restore(query)
        st.switch_page(f"../pages/{name}.py", query_params=parse_qs(query, keep_blank_values=True))
