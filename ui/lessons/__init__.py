"""Lessons: what their questions measure on a page, and what the browser is told of them."""
