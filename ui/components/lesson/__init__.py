"""A lesson beside the pages that it leads through."""
