"""Products, offers, categories, cross-references and catalogue imports."""
