"""The views of the page Embedding space: the map and its table."""
