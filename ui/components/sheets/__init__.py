"""Handed-in lab sheets side by side, read in the browser alone."""
