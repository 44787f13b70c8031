"""Choosing and composing a picture, for the pages on images."""
