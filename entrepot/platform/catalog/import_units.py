"""Units of measure as suppliers write them, to UN/ECE Recommendation 20 codes."""

from __future__ import annotations

from entrepot.platform.catalog import units
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode


def read_unit(text: str) -> str | LineProblem | None:
    """Return the code, None for an empty text, or a problem for an unknown word."""
    if not text:
        return None
    code = units.read_unit(text)
    return code if code else LineProblem(ProblemCode.UNKNOWN_UNIT, "unit", text)
