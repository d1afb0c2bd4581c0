"""Sourcing: which sellers to buy a list from, at what total cost."""
