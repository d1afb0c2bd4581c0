"""People, companies, legal entities, roles, sessions and API keys."""
