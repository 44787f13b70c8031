"""The errors that a user reads as advice; anything else that is raised is our own fault, and is logged."""

from __future__ import annotations


class Refused(ValueError):
    """The only error that is shown to a user as advice: what came, what is wanted, what to do."""


class Stopped(Refused):
    """Somebody cancelled the work."""
