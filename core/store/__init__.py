"""Finding, checking, downloading and opening models."""
