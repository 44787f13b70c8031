"""The views of every page, a folder each; no view imports another page's."""
