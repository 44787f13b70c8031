"""The screens of the page Contrast."""
