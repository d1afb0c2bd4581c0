"""The public GraphQL API: one module a slice, on top of the conventions in `docs/graphql.md`."""
