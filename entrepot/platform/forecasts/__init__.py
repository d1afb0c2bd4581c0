"""Stored demand forecasts."""
