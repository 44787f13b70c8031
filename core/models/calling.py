"""Running a model that somebody else wrote: what goes wrong inside it is advice, in its own words."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from core.store.hub import first_line
from core.types import Refused

log = logging.getLogger(__name__)


@contextmanager
def called(model: Any) -> Iterator[None]:
    """Around a forward pass and nothing else. Refused: it failed, with the first line of what it says."""
    name = type(model).__name__
    try:
        yield
    except Refused:
        raise
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise Refused(f"There is not enough memory to run {name} over this. Shorten it, or choose another.") from error
    except Exception as error:  # a foreign model can fail in any way; the log tells how
        log.warning("%s failed", name, exc_info=True)
        why = first_line(error).rstrip(".!:")
        raise Refused(f"{name} cannot be run over this: {why}. Choose another model.") from error


def takes(model: Any, name: str) -> bool:
    """Whether a model's forward pass knows a parameter."""
    return name in inspect.signature(model.forward).parameters
