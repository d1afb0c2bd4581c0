"""The domain: the only package that knows the database."""
