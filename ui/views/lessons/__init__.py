"""The screens of the page Lessons."""
