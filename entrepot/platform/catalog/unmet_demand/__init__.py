"""Searches that found nothing: the demand that nobody supplies."""
