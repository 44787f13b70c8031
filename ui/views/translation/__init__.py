"""The views of the page Translation."""
