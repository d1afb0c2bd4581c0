"""What orders tell the ranking of search: popularity, reliable sellers, what a company buys."""
