"""Running a model that somebody else wrote: what goes wrong inside it is advice, in its own words."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.cache.memory import is_full, lacking
from core.store.hub import first_line
from core.types import Refused

log = logging.getLogger(__name__)


@contextmanager
def called(model: Any) -> Iterator[None]:
    """Around a forward pass and nothing else. Refused: it failed, with the first line of what it says.

    Full, a Refused that core/cache/memory.py knows how to answer: there is not enough memory.
    """
    name = type(model).__name__
    try:
        yield
    except Refused:
        raise
    except Exception as error:  # a foreign model can fail in any way; the log tells how
        if is_full(error):
            raise lacking(f"to run {name} over this") from error
        log.warning("%s failed", name, exc_info=True)
        why = first_line(error).rstrip(".!:")
        raise Refused(f"{name} cannot be run over this: {why}. Choose another model.") from error


def takes(model: Any, name: str) -> bool:
    """Whether a model's forward pass knows a parameter."""
    return name in inspect.signature(model.forward).parameters
