"""Promotions: what comes off the resolved prices, for whom and how often."""
