"""Approvals: who must agree before a cart becomes an order, and the budgets it draws on."""
