"""Measured values as terms: one normal form, whatever the unit and the language.

``8 мм``, ``8mm`` and an attribute of 8 MMT are ``8mmt``; ``0,5 л`` and ``500 ml`` are ``500mlt``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from entrepot.platform.catalog.article_numbers import fold_look_alikes
from entrepot.platform.catalog.technical_units import in_smallest
from entrepot.platform.quantities import plain
from entrepot.search.pieces import Kind, Piece

#: Beyond these a value is no measure of anything.
_LEAST: Final = Decimal("1e-12")
_MOST: Final = Decimal("1e15")


def measure_term(value: Decimal, unit: str) -> str:
    """The term of a measured value; `unit` is of UN/ECE Rec 20. Empty for NaN and infinities."""
    if not value.is_finite() or not (value == 0 or _LEAST <= abs(value) <= _MOST):
        return ""
    smallest, code = in_smallest(value, unit)
    return plain(smallest) + code.casefold()


def piece_measures(piece: Piece) -> list[str]:
    """The terms of the measured values in a piece; none without a unit.

    An area or a volume belongs to the last number of a size only: ``3x2.5 мм²`` is three wires.
    """
    if piece.unit is None:
        return []
    values = [value for value in piece.values if value is not None]
    if piece.kind is Kind.SIZE and piece.unit in _NOT_LENGTHS:
        values = values[-1:]
    return [term for value in values if (term := measure_term(value, piece.unit))]


_NOT_LENGTHS: Final = frozenset({"MMK", "CMK", "MTK", "MMQ", "CMQ", "MTQ", "MLT", "LTR"})


def number_term(written: str) -> str:
    """A number as documents and questions both have it: ``12.50`` is ``12.5``, ``007`` stays."""
    whole, point, rest = written.partition(".")
    if not point or "." in rest:
        return written
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")


def piece_terms(piece: Piece) -> list[str]:
    """All terms of a number, measure or size in a document: whole, in parts, with its unit."""
    if piece.kind is Kind.NUMBER:
        return [number_term(piece.written)]
    measures = piece_measures(piece)
    if piece.kind is Kind.SIZE:
        parts = [fold_look_alikes(part) for part in piece.parts]
        return [fold_look_alikes(piece.written), *parts, *measures]
    bare = [plain(value) for value in piece.values if value is not None]
    glued = [fold_look_alikes(piece.written)] if piece.glued and piece.written.isalnum() else []
    return [*bare, *measures, *glued]
