"""The screens of the page on vision transformers, a file each, and the choice of model and picture before them."""
