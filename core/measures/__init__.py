"""Measures: value in, value out; no model and no file."""
