"""The screens of the page Inside one head, each a fragment of its own."""
