"""Article search: the documents, the analysis of numbers and words, and the engines."""
