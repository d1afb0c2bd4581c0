"""Which products and offers are meant by numbers: a fixed number of statements for all lines.

A number is looked up, in this order, among the company's own aliases (it taught them to us, so
they win even over a maker's identical number), exactly as printed (article number of an offer,
maker's number, GTIN), without separators and look-alikes, and among cross-references. Only what
the company may see and buy is found; hidden and absent look the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.quick_order.outcomes import MatchedBy
from entrepot.platform.catalog.article_numbers import article_key, exact_form, gtin14
from entrepot.platform.catalog.visibility import product_visible_condition, visible_condition
from entrepot.platform.database import Row, fetch

_PER_NUMBER = 50
"""Products taken of each number: more share one only where it says nothing, such as `1`."""

_NUMBERS = f"""
SELECT 'alias' AS kind, a.number_key AS key, a.number, a.product_id, a.offer_id,
       '{{}}'::text[] AS gtins, '' AS brand
  FROM buyer_alias a WHERE a.company_id = $2 AND a.number_key = ANY($1::text[])
UNION ALL
SELECT 'offer', k.key, f.article_number, f.product_id, f.id, '{{}}', ''
  FROM unnest($1::text[]) AS k(key), LATERAL (
       SELECT o.id, o.product_id, o.article_number FROM offer o
        WHERE o.number_key = k.key AND o.active AND {visible_condition("o", "$2")}
        ORDER BY o.id LIMIT {_PER_NUMBER}) f
UNION ALL
SELECT 'product', k.key, f.manufacturer_number, f.id, NULL, '{{}}', ''
  FROM unnest($1::text[]) AS k(key), LATERAL (
       SELECT p.id, p.manufacturer_number FROM product p
        WHERE p.number_key = k.key ORDER BY p.id LIMIT {_PER_NUMBER}) f
UNION ALL
SELECT 'cross', k.key, f.number, f.product_id, NULL, '{{}}', f.brand
  FROM unnest($1::text[]) AS k(key), LATERAL (
       SELECT x.number, x.brand, x.product_id FROM cross_reference x
        WHERE x.number_key = k.key ORDER BY x.id LIMIT {_PER_NUMBER}) f
UNION ALL
SELECT 'gtin', '', '', p.id, NULL, p.gtins, '' FROM product p WHERE p.gtins && $3::text[]
UNION ALL
SELECT 'chosen', '', '', o.product_id, o.id, '{{}}', '' FROM offer o WHERE o.id = ANY($4::uuid[])
"""

_OFFERS = f"""
SELECT o.id, o.product_id, o.seller_id, o.article_number, o.currency, o.tax_included, o.tax_rate,
       o.list_price, o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity,
       p.unit, b.currency AS buyer_currency,
       (SELECT coalesce(sum(i.on_hand - i.reserved), 0) FROM stock_item i WHERE i.offer_id = o.id)
           AS available,
       ARRAY(SELECT u.unit FROM offer_unit u WHERE u.offer_id = o.id ORDER BY u.id) AS units,
       ARRAY(SELECT u.quantity FROM offer_unit u WHERE u.offer_id = o.id ORDER BY u.id) AS held
  FROM product p
  JOIN offer o ON o.product_id = p.id
  JOIN company s ON s.id = o.seller_id
  LEFT JOIN legal_entity b ON b.id = $3
 WHERE {{}} AND o.active AND s.active AND {visible_condition("o", "$2", "s")}
 ORDER BY o.product_id, o.list_price, o.id
"""

_REPLACEMENTS = f"""
WITH RECURSIVE later AS (
    SELECT p.id AS asked, p.replaced_by_id AS id, 1 AS steps FROM product p
     WHERE p.id = ANY($1::uuid[]) AND p.replaced_by_id IS NOT NULL
       AND {product_visible_condition("p", "$2")}
    UNION ALL
    SELECT later.asked, p.replaced_by_id, later.steps + 1 FROM later
      JOIN product p ON p.id = later.id
     WHERE p.replaced_by_id IS NOT NULL AND later.steps < 5
)
SELECT asked, id FROM later ORDER BY asked, steps DESC
"""


@dataclass(frozen=True, slots=True)
class FoundOffer:
    """An offer the company may buy; quantities in the product's unit, `units` holds others."""

    id: UUID
    product_id: UUID
    seller_id: UUID
    article_number: str
    currency: str
    tax_included: bool
    tax_rate: Decimal
    list_price: Decimal
    pack: Decimal
    minimum: Decimal
    step: Decimal
    maximum: Decimal | None
    product_unit: str
    available: Decimal
    units: Mapping[str, Decimal]
    home_currency: bool
    """Whether its currency is that of the buying legal entity."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that a number means; `offers`: those of it that the number names, if not all."""

    product_id: UUID
    matched_by: MatchedBy
    offers: tuple[UUID, ...] = ()
    stands_in: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that was found for all numbers of a list."""

    by_key: Mapping[str, Sequence[Row]]
    by_gtin: Mapping[str, Sequence[UUID]]
    chosen: Mapping[UUID, UUID]
    """Offer → its product, of the offers that were asked for by id."""

    def hits(self, number: str, sold: Collection[UUID]) -> list[Hit]:
        """Return what a number means among the products `sold`: the surest kind of match only."""
        rows = [r for r in self.by_key.get(article_key(number), ()) if r["product_id"] in sold]
        exact = exact_form(number)
        same = [r for r in rows if exact_form(r["number"]) == exact]
        for kind, some in (
            (MatchedBy.BUYER_ALIAS, [r for r in rows if r["kind"] == "alias"]),
            (MatchedBy.EXACT, [r for r in same if r["kind"] in ("offer", "product")]),
        ):
            if some:
                return _hits(kind, some)
        gtin = gtin14(number)
        by_gtin = [one for one in self.by_gtin.get(gtin or "", ()) if one in sold]
        if by_gtin:
            return [Hit(one, MatchedBy.EXACT) for one in dict.fromkeys(by_gtin)]
        folded = [r for r in rows if r["kind"] in ("offer", "product")]
        if folded:
            return _hits(MatchedBy.NORMALIZED, folded)
        return _hits(MatchedBy.CROSS_REFERENCE, [r for r in rows if r["kind"] == "cross"])


def _hits(kind: MatchedBy, rows: Iterable[Row]) -> list[Hit]:
    """One hit a product. The maker's own number means all offers, a seller's number his."""
    products: dict[UUID, list[Row]] = {}
    for row in rows:
        products.setdefault(row["product_id"], []).append(row)
    found: list[Hit] = []
    for product_id, some in products.items():
        named = tuple(row["offer_id"] for row in some if row["offer_id"] is not None)
        whole = any(row["kind"] == "product" for row in some)
        stands_in = " ".join(filter(None, (some[0]["brand"], some[0]["number"])))
        found.append(
            Hit(
                product_id,
                kind,
                () if whole else named,
                stands_in if kind is MatchedBy.CROSS_REFERENCE else "",
            )
        )
    return found


async def find_numbers(
    company_id: UUID, numbers: Iterable[str], offer_ids: Collection[UUID]
) -> Known:
    """Look all numbers up, and the products of `offer_ids`; one statement."""
    wanted = set(numbers)
    keys = {article_key(number) for number in wanted} - {""}
    gtins = {found for number in wanted if (found := gtin14(number)) is not None}
    rows = await fetch(_NUMBERS, sorted(keys), company_id, _forms(gtins), list(offer_ids))
    by_key: dict[str, list[Row]] = {}
    by_gtin: dict[str, list[UUID]] = {}
    chosen: dict[UUID, UUID] = {}
    for row in rows:
        if row["kind"] == "chosen":
            chosen[row["offer_id"]] = row["product_id"]
        elif row["kind"] == "gtin":
            for gtin in {gtin14(one) for one in row["gtins"]} & gtins:
                by_gtin.setdefault(gtin or "", []).append(row["product_id"])
        else:
            by_key.setdefault(row["key"], []).append(row)
    return Known(by_key, by_gtin, chosen)


def _forms(gtins: Iterable[str]) -> list[str]:
    """The lengths in which a GTIN may be stored: 14, 13, 12 and 8 digits."""
    return sorted(
        {
            gtin[-length:]
            for gtin in gtins
            for length in (14, 13, 12, 8)
            if not gtin[:-length].strip("0")
        }
    )


async def offers_of(
    company_id: UUID, legal_entity_id: UUID, product_ids: Collection[UUID]
) -> dict[UUID, list[FoundOffer]]:
    """Return the offers of each product that the company can buy, the cheapest list price first.

    Products without such an offer are absent. One statement.
    """
    found: dict[UUID, list[FoundOffer]] = {}
    sql = _OFFERS.format("p.id = ANY($1::uuid[])")
    for row in await fetch(sql, list(product_ids), company_id, legal_entity_id):
        offer = _offer(row)
        found.setdefault(offer.product_id, []).append(offer)
    return found


async def offers_by_ids(
    company_id: UUID, legal_entity_id: UUID, offer_ids: Collection[UUID]
) -> dict[UUID, FoundOffer]:
    """Return those of the offers that the company can buy, by id; one statement."""
    sql = _OFFERS.format("o.id = ANY($1::uuid[])")
    rows = await fetch(sql, list(offer_ids), company_id, legal_entity_id)
    return {row["id"]: _offer(row) for row in rows}


def _offer(row: Row) -> FoundOffer:
    return FoundOffer(
        id=row["id"],
        product_id=row["product_id"],
        seller_id=row["seller_id"],
        article_number=row["article_number"],
        currency=row["currency"],
        tax_included=row["tax_included"],
        tax_rate=row["tax_rate"],
        list_price=row["list_price"],
        pack=row["pack_quantity"],
        minimum=row["min_order_quantity"],
        step=row["order_step"],
        maximum=row["max_order_quantity"],
        product_unit=row["unit"],
        available=row["available"],
        units=dict(zip(row["units"], row["held"], strict=True)),
        home_currency=row["currency"] == row["buyer_currency"],
    )


async def replacements_of(
    company_id: UUID, product_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """Return what took the place of each product, the latest first; one statement.

    Of products that are hidden from the company nothing is told, not even this.
    """
    found: dict[UUID, list[UUID]] = {}
    for row in await fetch(_REPLACEMENTS, list(product_ids), company_id):
        found.setdefault(row["asked"], []).append(row["id"])
    return found
