"""The words of this marketplace: synonyms, stop words and spellings of units for search."""
