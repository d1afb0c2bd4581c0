"""Human numbers without gaps: one counter per legal entity, series and year.

The counter's row stays locked until the transaction ends, so take the number last: whoever needs
the next one of that legal entity waits, and a rolled-back transaction gives its number back.
"""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import fetch_value
from entrepot.platform.ids import new_id

NEXT = """
INSERT INTO number_sequence (id, legal_entity_id, series, year, last_value)
VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (legal_entity_id, series, year)
DO UPDATE SET last_value = number_sequence.last_value + 1
RETURNING last_value
"""


def format_number(series: str, year: int, value: int) -> str:
    """Return the number as people read it: `SO-2026-000123`."""
    return f"{series}-{year}-{value:06d}"


async def next_number(legal_entity_id: UUID, series: str, year: int) -> str:
    """Take the next number; call it inside the transaction that uses it. Locks the counter."""
    value: int = await fetch_value(NEXT, new_id(), legal_entity_id, series, year)
    return format_number(series, year, value)
