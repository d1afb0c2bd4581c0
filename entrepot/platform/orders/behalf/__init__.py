"""Ordering on a buyer's behalf: who may, and what stays on the record."""
