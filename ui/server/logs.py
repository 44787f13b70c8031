"""The log of the server: one JSON object a line where GAZE_LOG=json, and never a word that a visitor wrote.

What an exception says may hold a text, or a folder's name: of exceptions only their kind is written, and where they
came from.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from types import TracebackType

from core.engine import OBSERVERS, QUESTION, Answered
from ui.widgets import advice

OURS = ("gaze", "core", "ui")
#: Streamlit's of what a page fails by: our_fault writes it, without what it says.
TWICE = "streamlit.error_util"
log = logging.getLogger("gaze")


def trace(kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> str:
    """An exception without what it says: its frames, its kind, and those of what led to it."""
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(where)]
    lines.append(kind.__name__ if kind else "")
    cause = error and (error.__cause__ or error.__context__)
    if cause:
        lines.append(f"after {trace(type(cause), cause, cause.__traceback__)}")
    return "\n  ".join(lines)


class Plain(logging.Formatter):
    """A line for people, with the number of the question."""

    def formatException(self, ei: tuple) -> str:
        return "  " + trace(*ei)

    def format(self, record: logging.LogRecord) -> str:
        record.question = QUESTION.get() or getattr(record, "number", "") or "-"
        record.exc_text = None  # another formatter may have written the whole of it
        return super().format(record)


class AsJson(Plain):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        found = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "question": QUESTION.get() or getattr(record, "number", ""),
        }
        found |= getattr(record, "fields", {})
        if record.exc_info:
            found["trace"] = trace(*record.exc_info)
        return json.dumps({name: value for name, value in found.items() if value != ""}, ensure_ascii=False)


def set_up() -> None:
    """Write what our own parts log to the standard error output, once."""
    handler = logging.StreamHandler()
    if os.environ.get("GAZE_LOG", "").strip().lower() == "json":
        handler.setFormatter(AsJson())
        OBSERVERS.append(tell)
    else:
        handler.setFormatter(Plain("%(asctime)s %(levelname)s %(name)s [%(question)s] %(message)s"))
    for name in OURS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    logging.getLogger(TWICE).disabled = True


def tell(told: Answered) -> None:
    """One line an answer: which kind, how it went, how long it took."""
    fields = {"kind": told.kind, "outcome": told.outcome, "seconds": round(told.seconds, 4)}
    log.info("question", extra={"number": told.number, "fields": fields})


def our_fault(error: Exception) -> bool:
    """What a page shows when something of ours broke: the trace goes to the log."""
    log.error("a page failed", exc_info=error)
    advice("Something went wrong on our side, and it was logged. Reload the page to begin again from the example.")
    return True
