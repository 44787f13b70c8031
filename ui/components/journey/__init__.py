"""A text's way through a whole model: the browser's part."""
