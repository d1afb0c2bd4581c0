"""Article search in GraphQL: offers found, facets, suggestions."""
