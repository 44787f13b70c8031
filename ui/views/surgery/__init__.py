"""The screens of the page Model surgery."""
