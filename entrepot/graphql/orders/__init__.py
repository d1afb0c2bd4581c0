"""Orders in GraphQL: reading, placing, standing orders."""
