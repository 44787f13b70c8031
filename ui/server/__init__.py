"""What the server answers beside the pages, and what it does before the first visitor."""
