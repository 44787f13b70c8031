"""The one attention function that records and edits, in every family."""
