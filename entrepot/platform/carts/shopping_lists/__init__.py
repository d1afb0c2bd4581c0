"""Shopping lists: what is bought again and again."""
