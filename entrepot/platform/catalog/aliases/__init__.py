"""A buyer's own article numbers, learned from what they confirm."""
