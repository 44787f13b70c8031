"""Measurements and pictures of the whole app."""
