"""The views of Word alignment: one pair, scores by layer, a whole set, and a user's own file."""
