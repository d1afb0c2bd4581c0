"""Prices in GraphQL: lists, promotions, groups, explanations."""
