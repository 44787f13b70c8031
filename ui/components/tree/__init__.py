"""Beam search as a tree: every hypothesis that lived."""
