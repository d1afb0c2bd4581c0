"""Customer groups: kept by hand or by a rule on what a customer does."""
