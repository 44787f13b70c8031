"""How each kind of model is asked; the first import of anything in here brings transformers, whole."""

import core.capture.libraries  # noqa: F401  before any module in here takes a class from transformers
