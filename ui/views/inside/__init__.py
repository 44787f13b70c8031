"""The screens of the page Inside one head, each drawn when it is chosen."""
