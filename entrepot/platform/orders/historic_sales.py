"""Sales made before the marketplace: stored once each, so that forecasts know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.article_numbers import article_key, brand_key
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode
from entrepot.platform.database import execute, fetch, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

_BY_EXTERNAL_ID = """
SELECT external_id AS wanted, id FROM offer
 WHERE seller_id = $1 AND external_id = ANY($2::text[])
"""
_BY_NUMBER = """
SELECT p.number_key, o.article_number, p.brand, p.brand_key, o.product_id, o.id
  FROM offer o JOIN product p ON p.id = o.product_id
 WHERE o.seller_id = $1 AND p.number_key = ANY($2::text[])
 ORDER BY o.active DESC, o.id
"""
_INSERT = """
INSERT INTO historic_sale (id, offer_id, external_id, buyer_name, sold_at, quantity, unit_price,
                           currency)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],
                     $6::numeric[], $7::numeric[], $8::text[])
ON CONFLICT (offer_id, external_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A line of a seller's sales history. `key` is the same whenever the line comes again.

    The article is named by the offer's external id, or by its number and, where several brands
    have that number, the brand. A negative quantity is a return. `sold_at` is UTC.
    """

    key: str
    sold_at: datetime
    quantity: Decimal
    unit_price: Decimal
    currency: str
    offer_external_id: str = ""
    article_number: str = ""
    brand: str = ""
    buyer: str = ""


@dataclass(frozen=True, slots=True)
class StoredSales:
    """What became of a batch: how many are new, how many were there, which were not understood."""

    created: int
    known: int
    problems: tuple[LineProblem | None, ...]


async def store_sales(actor: Actor, sales: Sequence[Sale]) -> StoredSales:
    """Store a batch for the actor's company in one transaction; sales already there stay.

    `problems` has an entry for each sale, None where it was stored. Raises `Forbidden`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    async with transaction():
        found = await _resolve(actor.company_id, sales)
        good = [
            (sale, offer)
            for sale, offer in zip(sales, found, strict=True)
            if isinstance(offer, UUID)
        ]
        created = await execute(
            _INSERT,
            [new_id() for _ in good],
            [offer for _, offer in good],
            [sale.key for sale, _ in good],
            [sale.buyer for sale, _ in good],
            [sale.sold_at for sale, _ in good],
            [sale.quantity for sale, _ in good],
            [sale.unit_price for sale, _ in good],
            [sale.currency for sale, _ in good],
        )
    problems = tuple(None if isinstance(one, UUID) else one for one in found)
    return StoredSales(created, len(good) - created, problems)


async def _resolve(seller_id: UUID, sales: Sequence[Sale]) -> list[UUID | LineProblem]:
    external = [sale.offer_external_id for sale in sales if sale.offer_external_id]
    by_id = {row["wanted"]: row["id"] for row in await fetch(_BY_EXTERNAL_ID, seller_id, external)}
    numbers = {article_key(sale.article_number) for sale in sales if sale.article_number}
    by_number: dict[str, list[tuple[str, str, UUID, UUID]]] = {}
    for row in await fetch(_BY_NUMBER, seller_id, sorted(numbers)):
        by_number.setdefault(row["number_key"], []).append(
            (row["brand"], row["brand_key"], row["product_id"], row["id"])
        )
    return [_offer_of(sale, by_id, by_number) for sale in sales]


def _offer_of(
    sale: Sale,
    by_id: dict[str, UUID],
    by_number: dict[str, list[tuple[str, str, UUID, UUID]]],
) -> UUID | LineProblem:
    if sale.offer_external_id:
        offer = by_id.get(sale.offer_external_id)
        if offer is not None:
            return offer
        if not sale.article_number:
            return LineProblem(ProblemCode.NOT_FOUND, "external_id", sale.offer_external_id)
    candidates = by_number.get(article_key(sale.article_number), [])
    if sale.brand:
        wanted = brand_key(sale.brand)
        candidates = [one for one in candidates if one[1] == wanted]
    if not candidates:
        return LineProblem(ProblemCode.NOT_FOUND, "article_number", sale.article_number)
    if len({product for _, _, product, _ in candidates}) > 1:
        brands = ", ".join(sorted({brand for brand, _, _, _ in candidates}))
        return LineProblem(
            ProblemCode.AMBIGUOUS_ARTICLE, "article_number", sale.article_number, brands[:200]
        )
    return candidates[0][3]
