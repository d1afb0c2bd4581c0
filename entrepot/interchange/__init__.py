"""Foreign formats in and out; only this package knows how a partner's file looks."""
