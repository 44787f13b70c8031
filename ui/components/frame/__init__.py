"""What stands round every page in the browser."""
