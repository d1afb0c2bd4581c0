"""What all changes of a price list share: locking it, and telling whose prices changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import execute, fetch, fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.outbox import record
from entrepot.platform.pricing.events import OFFERS_PER_EVENT, PricesChanged
from entrepot.platform.pricing.list_rules import MAX_CHAIN

CHAIN_LOCKS = 0x707263
"""First half of the advisory lock that whoever ties a seller's lists into chains holds."""

_LOCK = """
SELECT id, seller_id, name, currency, kind, base_list_id, percent, amount, rounding, priority,
       regions, min_order_value, valid_from, valid_until, active
  FROM price_list WHERE id = $1 AND seller_id = $2 FOR NO KEY UPDATE
"""
_REACHES_BUYERS = f"""
WITH RECURSIVE below AS (
    SELECT $1::uuid AS id, 1 AS length
     UNION ALL
    SELECT pl.id, length + 1 FROM below JOIN price_list pl ON pl.base_list_id = below.id
     WHERE length < {MAX_CHAIN})
SELECT 1 FROM below JOIN price_list_assignment a ON a.price_list_id = below.id LIMIT 1
"""
_PRICED_OFFERS = f"""
WITH RECURSIVE above AS (
    SELECT id, base_list_id, kind, seller_id, currency, 1 AS length FROM price_list WHERE id = $1
     UNION ALL
    SELECT pl.id, pl.base_list_id, pl.kind, pl.seller_id, pl.currency, length + 1
      FROM above JOIN price_list pl ON pl.id = above.base_list_id WHERE length < {MAX_CHAIN}),
root AS (SELECT * FROM above WHERE base_list_id IS NULL)
SELECT DISTINCT t.offer_id
  FROM root JOIN price_tier t ON t.price_list_id = root.id WHERE root.kind = 'fixed'
 UNION ALL
SELECT o.id FROM root JOIN offer o ON o.seller_id = root.seller_id AND o.currency = root.currency
 WHERE root.kind = 'rule'
"""


@dataclass(frozen=True, slots=True)
class LockedList:
    """A price list whose row is locked."""

    id: UUID
    seller_id: UUID
    name: str
    currency: str
    kind: str
    base_list_id: UUID | None
    percent: Decimal | None
    amount: Decimal | None
    rounding: str
    priority: int
    regions: list[str]
    min_order_value: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    active: bool


async def lock_own(actor: Actor, price_list_id: UUID) -> LockedList:
    """Lock the actor's company's list; call it in a transaction. Raises `NotFound`."""
    row = await fetch_one(_LOCK, price_list_id, actor.company_id)
    if row is None:
        raise NotFound("price list").at("priceListId")
    return LockedList(**row)


async def lock_chains(seller_id: UUID) -> None:
    """Wait for others who tie the seller's lists together; call it before `lock_own`.

    Two changes that are fine each could close a cycle between them. Held until the transaction
    ends; what is read afterwards is what the others left.
    """
    await execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", CHAIN_LOCKS, str(seller_id))


async def priced_offers(price_list_id: UUID) -> set[UUID]:
    """Return the offers that have a price in the list, its own or by its chain of rules.

    None where neither the list nor any that is derived from it is given to anybody.
    """
    if await fetch_one(_REACHES_BUYERS, price_list_id) is None:
        return set()
    return {row["offer_id"] for row in await fetch(_PRICED_OFFERS, price_list_id)}


async def record_prices_changed(seller_id: UUID, offer_ids: Iterable[UUID]) -> None:
    """Record `PricesChanged` for the offers, `OFFERS_PER_EVENT` an event.

    A change in a list changes the same offers' prices in every list that is derived from it: one
    event tells of all.
    """
    ordered = sorted(offer_ids)
    for start in range(0, len(ordered), OFFERS_PER_EVENT):
        await record(PricesChanged(seller_id, tuple(ordered[start : start + OFFERS_PER_EVENT])))
