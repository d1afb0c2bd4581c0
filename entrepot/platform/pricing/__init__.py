"""Price lists and the resolution of one buyer's price."""
