"""A browser component of the page Lessons."""
