"""The screens of the page Word vectors."""
