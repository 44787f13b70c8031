"""What a visitor trains here: each run in a process of its own, a few at a time, the others in a line."""
