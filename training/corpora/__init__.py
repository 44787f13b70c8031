"""The public corpora that the built-in models are trained on: fetched from their publishers and put into one form."""
