"""The catalogue in GraphQL: products, offers, categories, files and imports."""
