"""The view of the page Journey: a text's way through a whole model."""
