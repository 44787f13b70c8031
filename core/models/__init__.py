"""How each kind of model is asked; the first import of anything in here brings transformers, whole."""

# transformers loads itself bit by bit and bears one importing thread. Pages and the warm-up come at the same time:
# the second waits here until the first is done.
import core.capture.recording  # noqa: F401
