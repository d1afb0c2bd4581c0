"""Budgets: how much a legal entity or a cost centre may order in a period."""
