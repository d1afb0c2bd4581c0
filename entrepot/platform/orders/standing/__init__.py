"""Standing orders: the same goods again, on a calendar."""
