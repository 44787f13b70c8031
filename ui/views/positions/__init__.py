"""The views of the page Positions."""
