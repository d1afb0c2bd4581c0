"""Quick order: a list in, a typed outcome for every line, the good ones into a cart."""
