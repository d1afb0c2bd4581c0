"""Entrepôt: a wholesale marketplace between many suppliers and many buyers."""
