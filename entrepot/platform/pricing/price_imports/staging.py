"""The lines of a price file in a table of the transaction: what each would do, and doing it.

Everything here is a handful of statements over sets, whatever the number of lines: 200,000 lines
are compared with what is stored, and taken over, in some seconds. Buyers read the old prices until
the transaction ends and all the new ones after it; no statement takes a lock they would wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from entrepot.platform.catalog.import_problems import LineProblem
from entrepot.platform.catalog.import_rules import LineOutcome
from entrepot.platform.database import connection, execute, fetch
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.price_imports.queries import PriceImportRow
from entrepot.platform.pricing.price_imports.rules import REPLACE, PriceLine

MAX_TIERS = 20
_CREATE = """
CREATE TEMPORARY TABLE price_stage (
    id uuid, line_number integer, cells text[], external_id text, article_number text,
    article_key text, brand text, min_quantity numeric(18, 3), unit_price numeric(18, 4),
    problem jsonb, offer_id uuid, outcome text, first_line integer
) ON COMMIT DROP
"""
_COLUMNS = ("id", "line_number", "cells", "external_id", "article_number", "article_key", "brand",
            "min_quantity", "unit_price", "problem")  # fmt: skip

_BY_EXTERNAL_ID = """
UPDATE price_stage s SET offer_id = o.id
  FROM offer o
 WHERE s.external_id IS NOT NULL AND o.seller_id = $1 AND o.external_id = s.external_id
"""
_BY_ARTICLE = """
WITH wanted AS (
    SELECT DISTINCT article_key, article_number, brand FROM price_stage
     WHERE external_id IS NULL AND problem IS NULL
), found AS (
    SELECT w.article_key, w.article_number, w.brand, o.id, p.brand AS brand_name,
           o.article_number = w.article_number AS exact
      FROM wanted w
      JOIN offer o ON o.seller_id = $1 AND o.number_key = w.article_key
      JOIN product p ON p.id = o.product_id AND (w.brand IS NULL OR p.brand_key = w.brand)
), best AS (
    SELECT article_key, article_number, brand,
           count(*) FILTER (WHERE exact) AS exact_count, count(*) AS any_count,
           (array_agg(id) FILTER (WHERE exact))[1] AS exact_id, (array_agg(id))[1] AS any_id,
           left(string_agg(DISTINCT brand_name, ', '), 200) AS brands
      FROM found GROUP BY 1, 2, 3
)
UPDATE price_stage s
   SET offer_id = CASE WHEN b.exact_count = 1 THEN b.exact_id
                       WHEN b.any_count = 1 THEN b.any_id END,
       problem = CASE WHEN b.exact_count = 1 OR b.any_count = 1 THEN NULL ELSE
                 jsonb_build_object('code', 'AMBIGUOUS_ARTICLE', 'field', 'article_number',
                                    'value', s.article_number, 'detail', b.brands) END
  FROM best b
 WHERE s.external_id IS NULL AND s.problem IS NULL AND s.article_key = b.article_key
   AND s.article_number = b.article_number AND s.brand IS NOT DISTINCT FROM b.brand
"""
_NOT_FOUND = """
UPDATE price_stage SET problem = jsonb_build_object(
       'code', 'NOT_FOUND', 'value', coalesce(external_id, article_number), 'detail', '',
       'field', CASE WHEN external_id IS NULL THEN 'article_number' ELSE 'external_id' END)
 WHERE problem IS NULL AND offer_id IS NULL
"""
_OTHER_CURRENCY = """
UPDATE price_stage s SET problem = jsonb_build_object(
       'code', 'OFFER_IN_OTHER_CURRENCY', 'field', 'price', 'value', o.currency, 'detail', $1::text)
  FROM offer o
 WHERE o.id = s.offer_id AND s.problem IS NULL AND o.currency <> $1::text
"""
_REPEATED = """
WITH ranked AS (
    SELECT id, row_number() OVER same AS place, first_value(line_number) OVER same AS first_line
      FROM price_stage WHERE problem IS NULL
    WINDOW same AS (PARTITION BY offer_id, min_quantity ORDER BY line_number)
)
UPDATE price_stage s SET outcome = 'DUPLICATE', problem = jsonb_build_object(
       'code', 'DUPLICATE_LINE', 'field', NULL, 'value', '', 'detail', r.first_line::text)
  FROM ranked r WHERE r.id = s.id AND r.place > 1
"""
_TOO_MANY = """
WITH ranked AS (
    SELECT id, row_number() OVER (PARTITION BY offer_id ORDER BY line_number) AS place
      FROM price_stage WHERE problem IS NULL
)
UPDATE price_stage s SET problem = jsonb_build_object(
       'code', 'TOO_MANY_TIERS', 'field', 'min_quantity', 'value', s.min_quantity::text,
       'detail', $1::text)
  FROM ranked r WHERE r.id = s.id AND r.place > $1::text::integer
"""
_OUTCOMES = """
UPDATE price_stage s SET outcome = CASE
       WHEN s.problem IS NOT NULL THEN coalesce(s.outcome, 'INVALID')
       WHEN t.id IS NULL THEN 'CREATED'
       WHEN t.unit_price = s.unit_price THEN 'UNCHANGED' ELSE 'UPDATED' END
  FROM price_stage other
  LEFT JOIN price_tier t ON other.problem IS NULL AND t.price_list_id = $1
       AND t.offer_id = other.offer_id AND t.min_quantity = other.min_quantity
 WHERE other.id = s.id
"""
_DROPPED = """
DELETE FROM price_tier t
 WHERE t.price_list_id = $1
   AND NOT EXISTS (SELECT 1 FROM price_stage s WHERE s.problem IS NULL
                   AND s.offer_id = t.offer_id AND s.min_quantity = t.min_quantity)
"""
_OF_NAMED_OFFERS = """
   AND EXISTS (SELECT 1 FROM price_stage n WHERE n.problem IS NULL AND n.offer_id = t.offer_id)
"""
_WRITTEN = """
INSERT INTO price_tier AS t (id, price_list_id, offer_id, min_quantity, unit_price)
SELECT id, $1, offer_id, min_quantity, unit_price FROM price_stage
 WHERE outcome IN ('CREATED', 'UPDATED') ORDER BY offer_id, min_quantity
ON CONFLICT (offer_id, price_list_id, min_quantity) DO UPDATE SET unit_price = EXCLUDED.unit_price
"""
_REFUSED = """
INSERT INTO price_import_line (price_import_id, line_number, outcome, values)
SELECT $1, line_number, outcome,
       jsonb_build_object('cells', to_jsonb(cells), 'problem', problem)
  FROM price_stage WHERE problem IS NOT NULL ORDER BY line_number
"""


@dataclass(frozen=True, slots=True)
class StagedLine:
    """A line with its texts and what they mean, or why they mean nothing."""

    line_number: int
    cells: Sequence[str]
    meaning: PriceLine | LineProblem


async def open_stage() -> None:
    """Create the table; it goes away with the transaction."""
    await execute(_CREATE)


async def add(lines: Sequence[StagedLine]) -> None:
    """Put lines into the table, in one round trip."""
    async with connection() as borrowed:
        await borrowed.copy_records_to_table(
            "price_stage", records=[_record(line) for line in lines], columns=_COLUMNS
        )


def _record(line: StagedLine) -> tuple[object, ...]:
    cells = [cell.replace("\x00", "") for cell in line.cells]
    read = line.meaning
    if isinstance(read, LineProblem):
        problem = orjson.dumps(read.to_json()).decode().replace("\\u0000", "")
        return (new_id(), line.line_number, cells, *[None] * 6, problem)
    return (
        new_id(),
        line.line_number,
        cells,
        read.external_id,
        read.article_number,
        read.article_key,
        read.brand,
        read.min_quantity,
        read.unit_price,
        None,
    )


async def judge(stored: PriceImportRow) -> dict[str, int]:
    """Find each line's offer and outcome; returns how many lines have which outcome."""
    await execute("ANALYZE price_stage")
    await execute(_BY_EXTERNAL_ID, stored.seller_id)
    await execute(_BY_ARTICLE, stored.seller_id)
    await execute(_NOT_FOUND)
    await execute(_OTHER_CURRENCY, stored.currency)
    await execute("CREATE INDEX ON price_stage (offer_id, min_quantity)")
    await execute("ANALYZE price_stage")  # plans made while no line had an offer took minutes
    await execute(_REPEATED)
    await execute(_TOO_MANY, str(MAX_TIERS))
    await execute(_OUTCOMES, stored.price_list_id)
    rows = await fetch("SELECT outcome, count(*) AS lines FROM price_stage GROUP BY outcome")
    return {row["outcome"]: row["lines"] for row in rows}


async def keep_refused(import_id: UUID) -> None:
    """Store the refused lines with their reasons, in place of those stored before."""
    await execute("DELETE FROM price_import_line WHERE price_import_id = $1", import_id)
    await execute(_REFUSED, import_id)


async def take_over(stored: PriceImportRow) -> list[UUID]:
    """Write the good lines' prices; returns the offers whose prices changed.

    The tiers of an article in the file are those of the file; other articles keep theirs, or lose
    them where the mode is `replace`.
    """
    narrowed = "" if stored.mode == REPLACE else _OF_NAMED_OFFERS
    dropped = await fetch(f"{_DROPPED}{narrowed} RETURNING t.offer_id", stored.price_list_id)
    changed = {row["offer_id"] for row in dropped}
    await execute(_WRITTEN, stored.price_list_id)
    rows = await fetch(
        "SELECT DISTINCT offer_id FROM price_stage WHERE outcome = ANY($1::text[])",
        [LineOutcome.CREATED.value, LineOutcome.UPDATED.value],
    )
    return sorted(changed | {row["offer_id"] for row in rows})
