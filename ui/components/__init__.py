"""Browser components: each a typed Python function with its JavaScript and CSS beside it."""
