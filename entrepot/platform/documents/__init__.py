"""Invoices and stored files."""
