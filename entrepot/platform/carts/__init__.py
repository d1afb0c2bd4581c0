"""What a buyer is about to order."""
