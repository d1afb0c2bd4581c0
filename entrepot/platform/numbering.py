"""Human numbers without gaps: one counter per legal entity, series and year.

The counter's row stays locked until the transaction ends, so take the number last: whoever needs
the next one of that legal entity waits, and a rolled-back transaction gives its number back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.ids import new_id

NEXT = """
INSERT INTO number_sequence (id, legal_entity_id, series, year, last_value)
VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (legal_entity_id, series, year)
DO UPDATE SET last_value = number_sequence.last_value + 1
RETURNING last_value
"""
NEXT_OF_MANY = """
INSERT INTO number_sequence (id, legal_entity_id, series, year, last_value)
SELECT w.id, w.legal_entity_id, w.series, $5, w.wanted
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
       AS w(id, legal_entity_id, series, wanted)
 ORDER BY w.series, w.legal_entity_id
ON CONFLICT (legal_entity_id, series, year)
DO UPDATE SET last_value = number_sequence.last_value + EXCLUDED.last_value
RETURNING legal_entity_id, series, last_value
"""


def format_number(series: str, year: int, value: int) -> str:
    """Return the number as people read it: `SO-2026-000123`."""
    return f"{series}-{year}-{value:06d}"


async def next_number(legal_entity_id: UUID, series: str, year: int) -> str:
    """Take the next number; call it inside the transaction that uses it. Locks the counter."""
    value: int = await fetch_value(NEXT, new_id(), legal_entity_id, series, year)
    return format_number(series, year, value)


async def next_numbers(wanted: Sequence[tuple[UUID, str]], year: int) -> list[str]:
    """Take the next number of each (legal entity, series), which may come several times.

    One statement, inside the transaction that uses them. Locks the counters, sorted by series and
    legal entity.
    """
    counts = Counter(wanted)
    rows = await fetch(
        NEXT_OF_MANY,
        [new_id() for _ in counts],
        [entity_id for entity_id, _ in counts],
        [series for _, series in counts],
        list(counts.values()),
        year,
    )
    last = {(row["legal_entity_id"], row["series"]): row["last_value"] for row in rows}
    following = {key: last[key] - count for key, count in counts.items()}
    numbers = []
    for key in wanted:
        following[key] += 1
        numbers.append(format_number(key[1], year, following[key]))
    return numbers
