"""Logs, metrics, health and traces of the web process."""
