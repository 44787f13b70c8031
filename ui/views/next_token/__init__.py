"""The views of the page Next token."""
