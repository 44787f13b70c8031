"""What a page keeps in the session of a visitor, under names of its own."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import streamlit as st


class Memory(MutableMapping[str, Any]):
    """What a page keeps beside its widgets, under names of its own."""

    def __init__(self, page: str) -> None:
        self._page = page

    def _key(self, name: str) -> str:
        return f"{self._page}/{name}"

    def __getitem__(self, name: str) -> Any:
        return st.session_state[self._key(name)]

    def __setitem__(self, name: str, value: Any) -> None:
        st.session_state[self._key(name)] = value

    def __delitem__(self, name: str) -> None:
        del st.session_state[self._key(name)]

    def __iter__(self) -> Iterator[str]:
        mark = self._key("")
        return (str(key)[len(mark) :] for key in list(st.session_state) if str(key).startswith(mark))

    def __len__(self) -> int:
        return sum(1 for _ in self)
