"""What a decoder expects behind every token, which row of attention stands behind it, and what was tried."""
