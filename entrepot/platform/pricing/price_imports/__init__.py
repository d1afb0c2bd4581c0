"""Imports of whole price lists from files."""
