"""Stock by warehouse and its reservation."""
