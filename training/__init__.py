"""Training of the built-in models: one script a model, what they share in data.py, loop.py and card.py."""
