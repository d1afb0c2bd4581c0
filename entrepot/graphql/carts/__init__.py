"""Carts in GraphQL: lines, lists, quick order, sourcing, approvals."""
