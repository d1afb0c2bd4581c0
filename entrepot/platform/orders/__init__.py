"""Orders, the sellers' parts of them, and their numbers."""
