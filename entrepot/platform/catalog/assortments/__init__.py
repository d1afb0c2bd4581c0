"""Assortments: which buyers a seller shows which offers."""
